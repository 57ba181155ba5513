"""The key of an OSDP reader's secure channel (SCBK): the reader has it, and so does the door."""

from __future__ import annotations

import secrets

from controller.secrets.credentials import Secret, SecretMissing

KEY_BYTES = 16


def generate() -> Secret:
    """A new key, 32 hexadecimal digits."""
    return Secret(secrets.token_hex(KEY_BYTES))


def raw(key: Secret, name: str) -> bytes:
    """name: of the secret, for the message. Raises SecretMissing."""
    try:
        found = bytes.fromhex(key.reveal())
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise SecretMissing(
            f"{name}: it is not {2 * KEY_BYTES} hexadecimal digits; move it away and pair the reader anew "
            "with `unlocked reader pair`"
        )
    return found
