"""Signatures of files in the format of minisign (Ed25519), read strictly and verified.

https://jedisct1.github.io/minisign/: an untrusted comment, the signature, a trusted comment, and a second
signature over the first and that comment. ``Ed`` signs the file itself, ``ED`` its BLAKE2b-512, which is how
minisign has signed since version 0.10. Never here: private keys, or what a file is good for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LARGEST = 4_096
"""Bytes of a file with a signature."""
LARGEST_LEGACY = 32 * 1024 * 1024
"""Bytes of a file signed as ``Ed``: such a one has to be in memory whole."""
BLOCK = 1024 * 1024
_UNTRUSTED, _TRUSTED = b"untrusted comment: ", b"trusted comment: "


class BadKey(ValueError):
    """The text is no public key of minisign."""


class BadSignature(Exception):
    """The file is not what the holder of the key has signed. The message says what is wrong."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """id: 8 bytes that tell it from others, and no more."""

    id: bytes
    key: Ed25519PublicKey

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """text: the second line of a ``minisign.pub``. Raises BadKey."""
        raw = _decoded(text.strip().encode(), 42)
        if raw is None or raw[:2] != b"Ed":
            raise BadKey("it is no public key of minisign: 56 characters that begin with RW")
        return cls(raw[2:10], Ed25519PublicKey.from_public_bytes(raw[10:]))

    @classmethod
    def of_file(cls, text: str) -> PublicKey:
        """text: all of a ``minisign.pub``, or its second line alone. Raises BadKey."""
        lines = text.strip().splitlines()
        if len(lines) == 2 and lines[0].encode().startswith(_UNTRUSTED):
            del lines[0]
        return cls.parse("\n".join(lines))

    @property
    def shown(self) -> str:
        """As minisign shows it."""
        return _shown(self.id)

    @property
    def text(self) -> str:
        """As ``parse`` takes it."""
        return base64.b64encode(b"Ed" + self.id + self.key.public_bytes_raw()).decode()

    @property
    def file(self) -> str:
        """As ``minisign -p`` takes it."""
        return f"untrusted comment: minisign public key {self.shown}\n{self.text}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """comment: the trusted one; it is to be trusted once ``verify`` has returned it."""

    key_id: bytes
    prehashed: bool
    signature: bytes
    comment: bytes
    whole: bytes

    @classmethod
    def parse(cls, data: bytes) -> Signature:
        """data: all of a ``.minisig``. Raises BadSignature."""
        lines = data.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")
        if len(data) > LARGEST or len(lines) != 4:
            raise BadSignature("it is no signature of minisign: four lines")
        if not lines[0].startswith(_UNTRUSTED) or not lines[2].startswith(_TRUSTED):
            raise BadSignature("it is no signature of minisign: its comments are not where they should be")
        raw, whole = _decoded(lines[1], 74), _decoded(lines[3], 64)
        if raw is None or whole is None or raw[:2] not in (b"Ed", b"ED"):
            raise BadSignature("it is no signature of minisign: Ed25519 in base 64")
        return cls(raw[2:10], raw[:2] == b"ED", raw[10:], lines[2].removeprefix(_TRUSTED), whole)


def verify(file: BinaryIO, signature: Signature, key: PublicKey) -> str | None:
    """The name of the file when it was signed, None if the signature does not tell.

    file: from its beginning; it is read to its end. Memory is bounded. Raises BadSignature.
    """
    verify_comment(signature, key)
    _verify(key, _signed(file, signature.prehashed), signature.signature, "the file is not the one signed")
    return _file_name(signature.comment)


def verify_comment(signature: Signature, key: PublicKey) -> bytes:
    """The trusted comment, which the holder of the key has signed whatever became of the file.

    Raises BadSignature.
    """
    if signature.key_id != key.id:
        raise BadSignature(f"it was signed with the key {_shown(signature.key_id)}, not with {key.shown}")
    _verify(key, signature.signature + signature.comment, signature.whole, "the trusted comment was changed")
    return signature.comment


def _signed(file: BinaryIO, prehashed: bool) -> bytes:
    if not prehashed:
        content = file.read(LARGEST_LEGACY + 1)
        if len(content) > LARGEST_LEGACY:
            raise BadSignature("the file is too large for minisign's old format: sign it without -l")
        return content
    return prehash(file)


def prehash(file: BinaryIO) -> bytes:
    """What is signed of a file since minisign 0.10; it is read to its end. Memory is bounded."""
    digest = hashlib.blake2b()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.digest()


def _verify(key: PublicKey, signed: bytes, signature: bytes, why: str) -> None:
    try:
        key.key.verify(signature, signed)
    except InvalidSignature:
        raise BadSignature(f"the signature is wrong: {why}") from None


def _file_name(comment: bytes) -> str | None:
    """From ``timestamp:… TAB file:NAME TAB hashed``, minisign's own comment."""
    names = [part.removeprefix(b"file:") for part in comment.split(b"\t") if part.startswith(b"file:")]
    if len(names) > 1:
        raise BadSignature("the trusted comment names several files")
    try:
        return names[0].decode() if names else None
    except UnicodeDecodeError:
        raise BadSignature("the trusted comment is not UTF-8") from None


def _decoded(text: bytes, length: int) -> bytes | None:
    """Of base 64 as it is written, and not in any other way that would come to the same."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return raw if len(raw) == length and base64.b64encode(raw) == text else None


def _shown(key_id: bytes) -> str:
    return key_id[::-1].hex().upper().lstrip("0")
