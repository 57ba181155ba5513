"""Signed notes: a text, and under it signatures that anybody with a public key can verify.

The format is C2SP's (https://c2sp.org/signed-note), with the one type of signature that we make: Ed25519.
A note is a text that ends with a line end, an empty line, and lines ``— name base64(key id, signature)``.
The key id is the first four bytes of SHA-256(name, line end, type, public key). Keys are written as Go's
``golang.org/x/mod/sumdb/note`` writes them. Never here: what a note says, and where keys are kept.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import NoReturn, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from controller.secrets.credentials import Secret, SecretMissing

LARGEST = 1_000_000
"""Bytes of a note."""
MOST_SIGNATURES = 100
_ED25519 = b"\x01"
_KEY_ID_BYTES, _KEY_BYTES = 4, 32
_DASH = "\N{EM DASH} "
_PRIVATE = "PRIVATE+KEY+"


class BadKey(ValueError):
    """The text is no key for signed notes. The message says why, and has nothing of a private key."""


class NotANote(ValueError):
    """The bytes are no signed note. The message says what is wrong."""


class BadSignature(Exception):
    """A key that is known did not sign this text, although the note says so."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """name: whose key it is, without spaces and plus signs. key: the 32 bytes of an Ed25519 public key."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise BadKey("the name of a key is a text without spaces, control characters and plus signs")
        if len(self.key) != _KEY_BYTES:
            raise BadKey("an Ed25519 public key has 32 bytes")

    @classmethod
    def parse(cls, text: str) -> Self:
        """text: as ``text`` writes it, and in no other way. Raises BadKey."""
        name, _, rest = text.partition("+")
        key_id, _, key = rest.partition("+")
        found = cls(name, _typed(key))
        if found.key_id.hex() != key_id:
            raise BadKey(f"the id {key_id[:8]!r} is not that of this name and key: copy the whole line")
        return found

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:_KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """``name+key id+base64(type, key)``: what to give to whoever is to verify."""
        return f"{self.name}+{self.key_id.hex()}+{_encoded(_ED25519 + self.key)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A line under a note, which is to be believed once it has been verified."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """text: what was signed, its last line end included."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Raises NotANote."""
        if len(data) > LARGEST:
            raise NotANote("it is too large")
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise NotANote("it is not UTF-8") from None
        if any(letter < " " and letter != "\n" for letter in whole):
            raise NotANote("it has control characters")
        text, empty_line, lines = whole.rpartition("\n\n")
        if not empty_line or not text or not lines.endswith("\n"):
            raise NotANote("it is not a text, an empty line and signatures, each ended by a line end")
        signed = lines.removesuffix("\n").split("\n")
        if len(signed) > MOST_SIGNATURES:
            raise NotANote(f"it has more than {MOST_SIGNATURES} signatures")
        return cls(text + "\n", tuple(_signature(line) for line in signed))

    def signers(self, known: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
        """Which of these keys signed the text. Signatures of others say nothing.

        Raises BadSignature if one of these keys is named and did not sign.
        """
        by_id = {(key.name, key.key_id): key for key in known}
        found: dict[VerifierKey, None] = {}
        for signature in self.signatures:
            key = by_id.get((signature.name, signature.key_id))
            if key is None:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(key.key).verify(signature.signature, self.text.encode())
            except (InvalidSignature, ValueError):
                raise BadSignature(f"the signature of {key.name}+{key.key_id.hex()} is wrong") from None
            found[key] = None
        return tuple(found)


class SignerKey:
    """Signs. What it shows of itself is public."""

    __slots__ = ("__private", "public")

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self.public = VerifierKey(name, private.public_key().public_bytes_raw())
        self.__private = private

    @classmethod
    def generate(cls, name: str) -> Self:
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def of(cls, secret: Secret, called: str) -> Self:
        """From what ``secret`` makes. called: the name of the secret, for messages. Raises SecretMissing."""
        name, _, rest = secret.reveal().removeprefix(_PRIVATE).partition("+")
        key_id, _, key = rest.partition("+")
        try:
            found = cls(name, Ed25519PrivateKey.from_private_bytes(_typed(key)))
        except BadKey:
            raise SecretMissing(f"{called}: it is no key for signed notes; restore it from backup") from None
        if not secret.reveal().startswith(_PRIVATE) or found.public.key_id.hex() != key_id:
            raise SecretMissing(f"{called}: it is damaged; restore it from backup")
        return found

    def secret(self) -> Secret:
        """What ``of`` takes."""
        public, private = self.public, _encoded(_ED25519 + self.__private.private_bytes_raw())
        return Secret(f"{_PRIVATE}{public.name}+{public.key_id.hex()}+{private}")

    def sign(self, text: str) -> str:
        """The text as a note. It ends with a line end. Raises ValueError for what no note can say."""
        if not text.strip("\n") or not text.endswith("\n") or any(one < " " and one != "\n" for one in text):
            raise ValueError("a note is text, ended by a line end, and has no other control characters")
        signature = _encoded(self.public.key_id + self.__private.sign(text.encode()))
        return f"{text}\n{_DASH}{self.public.name} {signature}\n"

    def __repr__(self) -> str:
        return f"SignerKey({self.public.name}, …)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signing key is neither copied nor pickled")


def is_name(name: str) -> bool:
    """Whether a key may have this name."""
    return bool(name) and not any(one.isspace() or one < " " or one == "+" for one in name)


def split(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Notes that stand one after the other, each with the number of its first line.

    Empty lines between two do not matter: ``mosquitto_sub`` adds one. Notes whose text has empty lines
    itself cannot be told apart in this way, and come in pieces that are no notes.
    """
    note: list[bytes] = []
    begins, signed = 1, False
    for number, line in enumerate(lines, start=1):
        whole = line.rstrip(b"\r\n") + b"\n"
        is_signature = whole.startswith(_DASH.encode())
        if note and signed and not is_signature:
            yield begins, b"".join(note)
            note, signed = [], False
        if not note:
            if whole == b"\n":
                continue
            begins = number
        note.append(whole)
        signed = signed or is_signature
    if note:
        yield begins, b"".join(note)


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = _decoded(encoded)
    if not line.startswith(_DASH) or not is_name(name) or raw is None or len(raw) <= _KEY_ID_BYTES:
        raise NotANote("one of its signatures is not written as a signature")
    return Signature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def _typed(encoded: str) -> bytes:
    """The key behind its type. Raises BadKey."""
    raw = _decoded(encoded)
    if raw is None or raw[:1] != _ED25519 or len(raw) != 1 + _KEY_BYTES:
        raise BadKey("it is no Ed25519 key for signed notes: name+8 digits+44 characters of base 64")
    return raw[1:]


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes | None:
    """Of base 64 as it is written, and not in any other way that would come to the same."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None
