"""The authority's private keys, for as long as somebody who brought them is naming members.

Never here: where a key file comes from, and for how long a key stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from controller.secrets.credentials import Secret
    from controller.store.boxes import Box

LARGEST_FILE = 16 * 1024
"""Bytes. A key file has some three hundred."""


class Keys:
    """The private keys that were brought, by id. Their content is in no ``repr``, and is not pickled."""

    __slots__ = ("__keys",)

    def __init__(self, keys: Iterable[X25519PrivateKey]) -> None:
        from controller.secrets import identity

        self.__keys = {identity.key_id(key.public_key()): key for key in keys}

    @property
    def ids(self) -> list[str]:
        return sorted(self.__keys)

    def open(self, box: Box) -> bytes | None:
        """What is in it; None where its key was not brought. Raises BoxNotOpened."""
        from controller.secrets import identity

        key = self.__keys.get(box.key_id)
        return None if key is None else identity.open_box(key, box.content, box.info)

    def forget(self) -> None:
        """Open nothing from now on, whoever still has this."""
        self.__keys = {}

    def __repr__(self) -> str:
        return f"Keys({', '.join(self.ids)})"

    def __reduce__(self) -> str:
        raise TypeError("keys are neither copied nor pickled")


def open_key(name: str, content: bytes, passphrase: Secret) -> X25519PrivateKey:
    """The key in a file that was brought. Raises PrivateKeyUnusable, which names the file."""
    from controller.secrets import identity

    if len(content) > LARGEST_FILE:
        raise identity.PrivateKeyUnusable(f"{name}: this is no key file: it is far too large")
    try:
        return identity.open_key_file(content, passphrase)
    except identity.PrivateKeyUnusable as error:
        raise identity.PrivateKeyUnusable(f"{name}: {error}") from error
