"""The site key, and the reference it makes of a card number.

The reference is what memberships are kept under. Whoever has the key finds the card number behind a
reference in minutes, by trying all there are; so a reference is no secret box, and journals hold none.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from controller.core.card import CardNumber
from controller.secrets.credentials import Secret, SecretMissing

KEY_BYTES = 32


def generate() -> Secret:
    """A new key, 64 hexadecimal digits."""
    return Secret(secrets.token_hex(KEY_BYTES))


def member_ref(key: Secret, card: CardNumber) -> bytes:
    """32 bytes: HMAC-SHA256 of the card number under the site key. Raises SecretMissing."""
    return hmac.digest(_raw(key), card.reveal().encode(), "sha256")


def key_id(key: Secret) -> str:
    """8 hexadecimal digits that tell this key from others and nothing about it. Raises SecretMissing."""
    return sha256(_raw(key)).hexdigest()[:8]


def _raw(key: Secret) -> bytes:
    try:
        raw = bytes.fromhex(key.reveal())
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise SecretMissing(f"site-key: it is not {2 * KEY_BYTES} hexadecimal digits; restore it from backup")
    return raw
