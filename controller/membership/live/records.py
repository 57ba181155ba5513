"""What is kept of the library management system's answers, and what the branch itself knows of PINs.

Writing may wait for an import to let it, and a hash takes a fraction of a second: each has a thread of its
own, and nobody at a door waits for the first. Never here: which answers are kept (``answers``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.membership import Membership
from controller.core.pin import Pin
from controller.membership.errands import Errands
from controller.membership.live.stored_pins import HashedPins
from controller.store.engine import DatabaseUnusable

log = logging.getLogger(__name__)


class Kept(Protocol):
    """What is used of ``store.live_answers.LiveAnswers``. All raise DatabaseUnusable."""

    def keep(self, member_ref: bytes, membership: Membership, key_id: str) -> None: ...
    def evict(self, member_ref: bytes, as_of_us: int) -> bool: ...
    def keep_pin(self, member_ref: bytes, verifier: str, pin_key_id: str, verified_us: int) -> None: ...
    def drop_pin(self, member_ref: bytes) -> bool: ...


class Records:
    """pins: None where PINs are not verified here. ``close`` ends it after what was given before."""

    def __init__(
        self, kept: Kept, pins: HashedPins | None, member_ref: Callable[[CardNumber], bytes], key_id: str
    ) -> None:
        self._kept = kept
        self._pins = pins
        self._member_ref = member_ref
        self._key_id = key_id
        self._writing = Errands("records")
        self._hashing = Errands("pins")

    def keep(self, card: CardNumber, membership: Membership) -> None:
        self._write(lambda: self._kept.keep(self._member_ref(card), membership, self._key_id))

    def evict(self, card: CardNumber, as_of_us: int) -> None:
        """The system has no such card any more."""
        self._write(lambda: self._kept.evict(self._member_ref(card), as_of_us))

    def verify(self, card: CardNumber, pin: Pin, answered: Callable[[PinResult], None]) -> None:
        """By what is stored. answered: called on a thread of ours."""
        pins = self._pins
        if pins is None:
            answered(PinResult.UNAVAILABLE)
        else:
            self._hashing.put(lambda: answered(pins.verify(card, pin)))

    def pin_was_right(self, card: CardNumber, pin: Pin, verified_us: int) -> None:
        """The system said so."""
        if (pins := self._pins) is not None:

            def hash_and_keep() -> None:
                verifier, ref = pins.hash(pin), self._member_ref(card)
                self._write(lambda: self._kept.keep_pin(ref, verifier, pins.key_id, verified_us))

            self._hashing.put(hash_and_keep)

    def pin_was_wrong(self, card: CardNumber, pin: Pin) -> None:
        """The system said so: if it is what is stored here, the member has changed it."""
        if (pins := self._pins) is not None:

            def forget_if_it_is_stored() -> None:
                if pins.verify(card, pin) is PinResult.CORRECT:
                    self._write(lambda: self._kept.drop_pin(self._member_ref(card)))

            self._hashing.put(forget_if_it_is_stored)

    def check(self) -> None:
        """Raises what ended a thread, if anything did."""
        self._writing.check()
        self._hashing.check()

    def close(self) -> None:
        self._hashing.close()
        self._writing.close()

    def _write(self, what: Callable[[], object]) -> None:
        def write() -> None:
            try:
                what()
            except DatabaseUnusable as error:
                log.error("an answer of the library management system is not kept: %s", error)

        self._writing.put(write)
