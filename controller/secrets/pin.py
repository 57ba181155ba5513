"""Stored PINs: a slow, keyed hash of each, by which a PIN can be verified without asking the library.

Argon2id (RFC 9106) with a secret key, which only the membership service holds. A PIN has so few digits
that whoever has both the key and the memberships finds it by trying them all, at the cost of one hash a
try: the key protects, the hash only delays. Never here: where the hashes are kept, or how old they may be.
"""

from __future__ import annotations

import os
import secrets
from hashlib import sha256

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from controller.core.pin import Pin
from controller.secrets.credentials import PIN_KEY, Secret, SecretMissing

KEY_BYTES = 32
SALT_BYTES = 16
HASH_BYTES = 32
MEMORY_KIB = 19 * 1024
ITERATIONS = 2
LANES = 1
"""The least that OWASP's Password Storage Cheat Sheet (2025) names: a hash in a fraction of a second on a Pi,
whose memory is shared with everything else, and with a member waiting at the door."""
MADE_HERE = f"$argon2id$v=19$m={MEMORY_KIB},t={ITERATIONS},p={LANES}$"


class BadVerifier(Exception):
    """This is no hash that ``PinHasher`` has made."""


def generate() -> Secret:
    """A new key, 64 hexadecimal digits."""
    return Secret(secrets.token_hex(KEY_BYTES))


class PinHasher:
    """Makes hashes and compares with them. key_id: 8 hexadecimal digits that tell the key from others."""

    def __init__(self, key: Secret) -> None:
        """Raises SecretMissing."""
        self._key = _raw(key)
        self.key_id = sha256(self._key).hexdigest()[:8]
        self._nobody_s = self.hash(Pin("0"))

    def hash(self, pin: Pin) -> str:
        """The hash with its salt, in PHC format (``$argon2id$…``). Each call gives another."""
        argon = Argon2id(
            salt=os.urandom(SALT_BYTES),
            length=HASH_BYTES,
            iterations=ITERATIONS,
            lanes=LANES,
            memory_cost=MEMORY_KIB,
            secret=self._key,
        )
        return argon.derive_phc_encoded(pin.reveal().encode())

    def matches(self, pin: Pin, verifier: str | None) -> bool:
        """Whether ``verifier`` is of this PIN. Raises BadVerifier.

        None is of no PIN, and is found out no sooner: the time taken does not tell who has one.
        """
        if verifier is not None and not verifier.startswith(MADE_HERE):
            raise BadVerifier("it was not made with this release's parameters")
        try:
            Argon2id.verify_phc_encoded(pin.reveal().encode(), verifier or self._nobody_s, secret=self._key)
        except InvalidKey:
            return False
        return verifier is not None


def _raw(key: Secret) -> bytes:
    try:
        raw = bytes.fromhex(key.reveal())
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise SecretMissing(
            f"{PIN_KEY}: it is not {2 * KEY_BYTES} hexadecimal digits; restore it from backup"
        )
    return raw
