"""The PINs that the branch knows by itself: hashes that came with the memberships, or of PINs that the
library management system has found right. They count as long as they are not too old.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.event import Stamp
from controller.core.pin import Pin
from controller.secrets.pin import BadVerifier, PinHasher
from controller.store.engine import DatabaseUnusable
from controller.store.pins import StoredPin, StoredPins

log = logging.getLogger(__name__)


class HashedPins:
    """For one thread at a time. member_ref: the keyed reference of a card (``secrets.site_key``).

    Every question costs one hash, whoever it is about, so that the time tells nothing.
    """

    def __init__(
        self,
        stored: StoredPins,
        hasher: PinHasher,
        member_ref: Callable[[CardNumber], bytes],
        now: Callable[[], Stamp],
        max_age_us: int,
    ) -> None:
        self._stored = stored
        self._hasher = hasher
        self._member_ref = member_ref
        self._now = now
        self._max_age_us = max_age_us

    @property
    def key_id(self) -> str:
        """Of the key that they are hashed under."""
        return self._hasher.key_id

    def hash(self, pin: Pin) -> str:
        return self._hasher.hash(pin)

    def verify(self, card: CardNumber, pin: Pin) -> PinResult:
        """CORRECT or WRONG by what is stored, else UNAVAILABLE. Never MISSING."""
        found, fault = self._find(card)
        usable = found if not fault else None
        try:
            matches = self._hasher.matches(pin, usable.verifier if usable else None)
        except BadVerifier as error:
            fault = f"a stored PIN is of no use: {error}"
        if fault:
            log.warning("a PIN cannot be verified: %s", fault)
            return PinResult.UNAVAILABLE
        return PinResult.CORRECT if matches else PinResult.WRONG

    def _find(self, card: CardNumber) -> tuple[StoredPin | None, str]:
        """What is stored, and why it is of no use. Neither says whose it is."""
        try:
            found = self._stored.find(self._member_ref(card))
        except DatabaseUnusable as error:
            return None, str(error)
        if found is None:
            return None, "none were imported; import the memberships with a column pin"
        now = self._now()
        if found.key_id != self._hasher.key_id:
            return found, "they were imported under another pin-key; import the memberships again"
        if not now.clock_trusted:
            return found, "the clock cannot be believed, so nobody knows how old they are"
        if not 0 <= now.wall_us - found.as_of_us <= self._max_age_us:
            return found, "they are too old (pin.offline_max_age_h); import the memberships again"
        return found, "" if found.verifier else "none is stored for this card"
