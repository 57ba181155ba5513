"""Whose card was it? Sealed to the authority's public key, so that this controller cannot tell.

HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305. ``info`` binds a box to its place in a
journal. The private key is made by ``unlocked init`` and leaves the device with a recovery sheet.
Never here: who may open a box, and where boxes are kept.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Self
from zlib import crc32

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from controller.secrets.credentials import Secret, SecretMissing

KEY_BYTES = 32
SHEET_LINE_BYTES = 4

_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


class BoxNotOpened(Exception):
    """It was sealed to another key or for another place, or it was changed."""


class PrivateKeyUnusable(Exception):
    """The key file or recovery sheet is not one, or the passphrase is wrong."""


class Sealer:
    """Closes boxes. key_id: the first 8 hexadecimal digits of the public key's SHA-256."""

    def __init__(self, public_key: X25519PublicKey) -> None:
        self._public_key = public_key
        self.key_id = key_id(public_key)

    @classmethod
    def of(cls, secret: Secret) -> Self:
        """From the secret ``authority-public-key``. Raises SecretMissing."""
        return cls(parse_public_key(secret))

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        return _SUITE.encrypt(plaintext, self._public_key, info=info)


def open_box(private_key: X25519PrivateKey, box: bytes, info: bytes) -> bytes:
    """What was sealed. Raises BoxNotOpened."""
    try:
        return _SUITE.decrypt(box, private_key, info=info)
    except (InvalidTag, ValueError):
        raise BoxNotOpened("the box does not open with this key in this place") from None


def key_id(public_key: X25519PublicKey) -> str:
    return sha256(public_key.public_bytes_raw()).hexdigest()[:8]


def public_key_text(public_key: X25519PublicKey) -> str:
    """64 hexadecimal digits: what the secret ``authority-public-key`` holds."""
    return public_key.public_bytes_raw().hex()


def parse_public_key(secret: Secret) -> X25519PublicKey:
    """Raises SecretMissing."""
    try:
        return X25519PublicKey.from_public_bytes(bytes.fromhex(secret.reveal()))
    except ValueError:
        raise SecretMissing(
            f"authority-public-key: it is not {2 * KEY_BYTES} hexadecimal digits; copy it again from a "
            "branch of this authority, or make it with `unlocked init`"
        ) from None


# --- the private key, away from the device -------------------------------------------------------


def key_file(private_key: X25519PrivateKey, passphrase: Secret) -> bytes:
    """The private key in PEM (PKCS #8), encrypted under the passphrase."""
    encryption = BestAvailableEncryption(passphrase.reveal().encode())
    return private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def open_key_file(content: bytes, passphrase: Secret) -> X25519PrivateKey:
    """Raises PrivateKeyUnusable."""
    try:
        key = load_pem_private_key(content, passphrase.reveal().encode())
    except (ValueError, TypeError):
        raise PrivateKeyUnusable("this is no key file, or the passphrase is wrong") from None
    if not isinstance(key, X25519PrivateKey):
        raise PrivateKeyUnusable("this is the key file of something else")
    return key


def recovery_sheet(private_key: X25519PrivateKey, authority: str) -> str:
    """The private key on paper, for the day when its file or passphrase is lost: a check for every line."""
    raw = private_key.private_bytes_raw()
    lines = [raw[at : at + SHEET_LINE_BYTES] for at in range(0, len(raw), SHEET_LINE_BYTES)]
    return "\n".join(
        [
            f"Recovery sheet: private key {key_id(private_key.public_key())} of {authority}",
            "",
            "Whoever has this sheet can read which card was used at the doors of this authority.",
            "Print it, lock it away, and destroy the file. The last two digits of a line are a check.",
            "",
            *(
                f"{number}  {line.hex(' ', 2)}  {_check(number, line)}"
                for number, line in enumerate(lines, 1)
            ),
            "",
        ]
    )


def from_recovery_sheet(text: str) -> X25519PrivateKey:
    """The private key, from the numbered lines as typed. Raises PrivateKeyUnusable, naming the line."""
    raw = b""
    numbered = [line.split() for line in text.splitlines() if line[:1].isdecimal()]
    for expected, (number, *digits) in enumerate(numbered, 1):
        try:
            line = bytes.fromhex("".join(digits[:-1]))
        except ValueError:
            line = b""
        if number != str(expected) or len(line) != SHEET_LINE_BYTES or digits[-1] != _check(expected, line):
            raise PrivateKeyUnusable(f"line {expected} of the sheet is wrong: its check does not fit")
        raw += line
    if len(raw) != KEY_BYTES:
        raise PrivateKeyUnusable(
            f"the sheet has {KEY_BYTES // SHEET_LINE_BYTES} numbered lines, not all are here"
        )
    return X25519PrivateKey.from_private_bytes(raw)


def _check(number: int, line: bytes) -> str:
    return f"{crc32(bytes([number]) + line) & 0xFF:02x}"
