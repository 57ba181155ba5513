"""Whether what a reader says is believed, and what is journalled about the reader itself.

A reader that babbles is not listened to until it is calm again: its bytes are dropped where they arrive
(``listener``), and whatever else comes from it opens nothing. For the acting thread alone. Never here: how
much is too much (``core.reader_watch``), or finding a reader that is gone (``listener``).
"""

from __future__ import annotations

from controller.core.event import EventType
from controller.core.reader_watch import GARBAGE_AT_ONCE, GARBAGE_PER_S, Babble, Silence
from controller.door.event_log import DoorLog

HOUR_US = 3_600_000_000


class ReaderHealth:
    """silent_h: a reader is silent after so many hours without a card; 0: never."""

    def __init__(self, reader_id: str, silent_h: int, log: DoorLog) -> None:
        self._reader_id = reader_id
        self._silent_h = silent_h
        self._log = log
        self._flooding = False
        self._garbage = Babble(GARBAGE_AT_ONCE, GARBAGE_PER_S)
        self._silence = Silence(silent_h * HOUR_US)
        self._display_lost = False
        self.babbling = False

    def flooding(self, begins: bool) -> None:
        """More bytes come than cards can account for, or no longer."""
        self._flooding = begins
        self._judge()

    def garbage_came(self) -> None:
        """Something that is no card."""
        self._garbage.came(1, self._log.now_us())
        self._judge()

    def card_came(self) -> None:
        """A card's number was read, whoever's it is."""
        if self.babbling:
            return
        self._garbage.empty()
        if self._silence.heard():
            self._log.write(EventType.READER_HEARD, {"reader": self._reader_id})

    def tick(self, *, cards_count: bool, display_lost: bool) -> None:
        """Once a second or so. cards_count: cards open the door now, and the reader is there."""
        now_us = self._log.now_us()
        self._garbage.came(0, now_us)
        self._judge()
        if self._silence.look(now_us, counts=cards_count):
            self._log.write(EventType.READER_SILENT, {"reader": self._reader_id, "hours": self._silent_h})
        if display_lost and not self._display_lost:
            self._log.write(EventType.DOOR_FAULT, {"device": "display", "reader": self._reader_id})
        self._display_lost = display_lost

    def _judge(self) -> None:
        babbling = self._flooding or self._garbage.babbling
        if babbling != self.babbling:
            self.babbling = babbling
            said = EventType.READER_BABBLING if babbling else EventType.READER_CALM
            self._log.write(said, {"reader": self._reader_id})
