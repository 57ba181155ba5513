"""Failed attempts at the readers of all doors, and the lock-outs that come of them, in the journal.

Here: which refusals count, and for whom. Never here: how many are too many (``core.attempts``), or anything
in the journal that tells one card from another.
"""

from __future__ import annotations

from controller.core.access import Reason
from controller.core.attempts import Attempts, LockoutRules
from controller.core.event import EventType
from controller.door.event_log import EventLog

OF_READER = frozenset({Reason.UNKNOWN_CARD, Reason.NOT_CHECKED, Reason.BLOCKED, Reason.PIN_WRONG})
OF_CARD = frozenset({Reason.PIN_WRONG})

Place = tuple[str, str]
"""A reader: the ids of its door and of itself."""


class Lockouts:
    """For the acting thread alone. Cards are known by their references, which stay in memory."""

    def __init__(self, card: LockoutRules, reader: LockoutRules, log: EventLog) -> None:
        self._cards: Attempts[bytes] = Attempts(card)
        self._readers: Attempts[Place] = Attempts(reader)
        self._log = log
        # A card that is locked out is so everywhere; its event names the reader at which that began.
        self._began_at: dict[bytes, Place] = {}

    def holds_up(self, place: Place, member_ref: bytes) -> bool:
        """Whether the reader or the card is locked out now."""
        now_us = self._log.now_us()
        self.end_due(now_us)
        return self._readers.is_locked_out(place, now_us) or self._cards.is_locked_out(member_ref, now_us)

    def refused(self, place: Place, member_ref: bytes, reason: Reason) -> None:
        """A card was refused coming in; journals the lock-outs that this begins."""
        now_us = self._log.now_us()
        if reason in OF_CARD and self._cards.failed(member_ref, now_us):
            self._began_at[member_ref] = place
            self._say(EventType.LOCKOUT_STARTED, "card", place)
        if reason in OF_READER and self._readers.failed(place, now_us):
            self._say(EventType.LOCKOUT_STARTED, "reader", place)

    def pin_was_right(self, member_ref: bytes) -> None:
        """What was entered wrongly with this card before counts no more."""
        self._cards.succeeded(member_ref)

    def end_due(self, now_us: int) -> None:
        """Journal the end of what is over. Call once a second or so."""
        for member_ref in self._cards.take_ended(now_us):
            self._say(EventType.LOCKOUT_ENDED, "card", self._began_at.pop(member_ref))
        for place in self._readers.take_ended(now_us):
            self._say(EventType.LOCKOUT_ENDED, "reader", place)

    def _say(self, type: EventType, of: str, place: Place) -> None:
        door_id, reader_id = place
        self._log.write(type, {"of": of, "reader": reader_id}, subject=door_id)
