"""Anti-passback: a card that came in and has not left cannot have been handed out to come in again.

Here: which cards are inside, for as long as the process runs. Never here: card numbers, or anything that
tells after a restart who was inside. A card is kept under a key that is made at the start and lives only in
memory, so that a copy of this list says nothing without the process it was in.

After a restart or a reset nobody is inside: the rule then lets too many pass, never too few. Times are
microseconds of a clock that never steps.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum


class Policy(StrEnum):
    """What is done about a card that is inside and swiped to come in. warn: let in, and recorded."""

    OFF = "off"
    WARN = "warn"
    REFUSE = "refuse"


class Inside:
    """The cards that are inside. Used by one thread. key: 32 random bytes, made at the start."""

    def __init__(self, key: bytes, expires_us: int) -> None:
        """expires_us: how long after it came in a card counts as gone, for people who leave unseen."""
        self._key = key
        self._expires_us = expires_us
        self._since: dict[bytes, int] = {}

    def __repr__(self) -> str:
        return f"Inside({len(self._since)} cards)"

    def came_in(self, member_ref: bytes, now_us: int) -> None:
        """This card opened the door, and the leaf moved."""
        self._forget_expired(now_us)
        self._since[self._tag(member_ref)] = now_us

    def left(self, member_ref: bytes) -> None:
        """This card was swiped to leave, and the leaf moved."""
        self._since.pop(self._tag(member_ref), None)

    def has(self, member_ref: bytes, now_us: int) -> bool:
        """Whether this card is inside."""
        since_us = self._since.get(self._tag(member_ref))
        return since_us is not None and now_us - since_us < self._expires_us

    def forget(self) -> None:
        """The building is empty."""
        self._since.clear()

    def _tag(self, member_ref: bytes) -> bytes:
        # Keyed BLAKE2 (RFC 7693, section 2.9): a fifth of an HMAC's time, and every swipe waits for it.
        return hashlib.blake2b(member_ref, key=self._key, digest_size=16).digest()

    def _forget_expired(self, now_us: int) -> None:
        gone = [tag for tag, since_us in self._since.items() if now_us - since_us >= self._expires_us]
        for tag in gone:
            del self._since[tag]
