"""A key to sign files with, and its signatures, in the formats of minisign (Ed25519).

https://jedisct1.github.io/minisign/, as ``minisign`` checks them. The key's file is one that
``minisign -G -W`` could have made, without a passphrase: what signs unattended has nobody to ask for one.
Never here: what is signed, and where the key is kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, NoReturn, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.secrets.credentials import Secret, SecretMissing
from controller.secrets.minisign import PublicKey, prehash

_ALGORITHM, _NO_PASSPHRASE, _CHECKSUM = b"Ed", b"\0\0", b"B2"
_SALT_AND_LIMITS = bytes(32 + 8 + 8)
"""Of the passphrase that there is none of."""
_LENGTH = 158
LONGEST_COMMENT = 3_000
"""Characters of a trusted comment: with all else, less than what ``minisign.LARGEST`` lets in."""


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """Signs. What it shows of itself is public."""

    public: PublicKey
    _private: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> Self:
        return cls._of(secrets.token_bytes(8), Ed25519PrivateKey.generate())

    @classmethod
    def of(cls, secret: Secret, name: str) -> Self:
        """From a secret key of minisign without a passphrase. name: of the secret. Raises SecretMissing."""
        raw = _decoded(secret.reveal().strip().rpartition("\n")[2])
        head, body = raw[:54], raw[54:]
        if len(raw) != _LENGTH or head[:2] != _ALGORITHM or head[4:6] != _CHECKSUM:
            raise SecretMissing(f"{name}: it is no secret key of minisign; restore it from backup")
        if head[2:4] != _NO_PASSPHRASE:
            raise SecretMissing(
                f"{name}: it has a passphrase, which nobody could enter; make it without (`minisign -G -W`)"
            )
        found = cls._of(body[:8], Ed25519PrivateKey.from_private_bytes(body[8:40]))
        # minisign leaves out the checksum where there is no passphrase.
        if body not in (found._body(), found._body()[:-32] + bytes(32)):
            raise SecretMissing(f"{name}: it is damaged; restore it from backup")
        return found

    @classmethod
    def _of(cls, key_id: bytes, private: Ed25519PrivateKey) -> Self:
        return cls(PublicKey(key_id, private.public_key()), private)

    def _body(self) -> bytes:
        seed = self._private.private_bytes_raw() + self.public.key.public_bytes_raw()
        checksum = hashlib.blake2b(_ALGORITHM + self.public.id + seed, digest_size=32).digest()
        return self.public.id + seed + checksum

    def secret(self) -> Secret:
        """What ``of`` takes."""
        raw = _ALGORITHM + _NO_PASSPHRASE + _CHECKSUM + _SALT_AND_LIMITS + self._body()
        return Secret(f"untrusted comment: minisign secret key {self.public.shown}\n{_encoded(raw)}\n")

    def sign(self, file: BinaryIO, comment: str) -> bytes:
        """The ``.minisig`` of a file, which is read to its end. comment: the trusted one, a line."""
        if "\n" in comment or "\r" in comment or len(comment) > LONGEST_COMMENT:
            raise ValueError("a trusted comment is one line, and not longer than minisign reads")
        signature = self._private.sign(prehash(file))
        whole = self._private.sign(signature + comment.encode())
        lines = (
            f"untrusted comment: signature from minisign secret key {self.public.shown}",
            _encoded(b"ED" + self.public.id + signature),
            f"trusted comment: {comment}",
            _encoded(whole),
        )
        return "\n".join((*lines, "")).encode()

    def __repr__(self) -> str:
        return f"SigningKey({self.public.shown}, …)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signing key is neither copied nor pickled")


def comment(signed_s: int, file_name: str, more: Sequence[str] = ()) -> str:
    """A trusted comment as minisign writes it, and more. signed_s: seconds since 1970 UTC."""
    return "\t".join((f"timestamp:{signed_s}", f"file:{file_name}", "hashed", *more))


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    """Of base 64 as it is written, and not in any other way that would come to the same; else nothing."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if _encoded(raw) == text else b""
