"""Files that only the holder of a private key opens, in age's format (https://age-encryption.org/v1).

Streamed, in chunks of which each is authenticated: what was changed, cut off or put in is found. Who made a
file it does not say. Never here: what is in a file, or where keys are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

import pyrage

from controller.secrets.credentials import Secret

BLOCK = 256 * 1024
_IDENTITY = re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]{58}")


class BadAgeKey(ValueError):
    """The text is no key of age. The message repeats none of it."""


class NotOpened(Exception):
    """It is no file of age, was changed or cut off, or was made for other keys."""


class Writes(Protocol):
    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


class _Chunks:
    """What somebody yields, as a file to be read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        while not self._left:
            try:
                self._left = memoryview(next(self._chunks))
            except StopIteration:
                return b""
        some = self._left[: size if size >= 0 else BLOCK]
        self._left = self._left[len(some) :]
        return bytes(some)


def new_identity() -> tuple[Secret, str]:
    """A private key, and the public one, to which files are encrypted."""
    identity = pyrage.x25519.Identity.generate()
    return Secret(str(identity)), str(identity.to_public())


def encrypt(chunks: Iterator[bytes], out: BinaryIO, recipients: Sequence[str]) -> None:
    """To the private key of each of these. Raises BadAgeKey, OSError, and what the chunks raise."""
    try:
        keys = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    except pyrage.RecipientError as error:
        raise BadAgeKey(f"it is no public key of age: {error}") from None
    failed: list[Exception] = []

    def watched() -> Iterator[bytes]:
        try:
            yield from chunks
        except Exception as error:
            failed.append(error)
            raise

    try:
        pyrage.encrypt_io(_Chunks(watched()), out, keys)
    except pyrage.EncryptError as error:
        # It turns what a file raises into its own.
        raise failed[0] if failed else OSError(str(error)) from error


def decrypt(file: BinaryIO, out: Writes, identity: Secret) -> None:
    """Raises BadAgeKey, NotOpened. What was written by then is true as far as it goes, and not all of it."""
    key = _identity(identity)
    try:
        pyrage.decrypt_io(file, out, [key])
    except (pyrage.DecryptError, OSError) as error:
        why = str(error)
        if "No matching keys" in why:
            raise NotOpened("it was made for other keys than this") from None
        raise NotOpened(f"it is no file of age, or it was changed or cut off ({why})") from None


def _identity(text: Secret) -> pyrage.x25519.Identity:
    found = _IDENTITY.findall(text.reveal())
    if len(found) != 1:
        raise BadAgeKey("it has no private key of age, a line that begins with AGE-SECRET-KEY-1")
    try:
        return pyrage.x25519.Identity.from_str(found[0])
    except pyrage.IdentityError:
        raise BadAgeKey("its private key of age has a mistake in it") from None
