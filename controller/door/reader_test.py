"""What a reader hears while staff test it: that a card was read and how long its number is, never the number.

A test only listens: a card is decided on as ever, and may open the door. It is in memory alone and ends by
itself. For the acting thread alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from controller.core.card import CardNumber
from controller.core.framing.framer import Key
from controller.devices import Reading
from controller.door.swipes import NotRead
from controller.ipc.reader_tests import TEST_S, Heard, ReaderTested

LASTS_US = TEST_S * 1_000_000


class ReaderTest:
    """Of one reader; none is under way until ``begin``."""

    def __init__(self) -> None:
        self._until_us: int | None = None
        self._tested = ReaderTested(under_way=False, begun=False)

    def begin(self, now_us: int) -> None:
        """Whatever was heard before is forgotten."""
        self._until_us = now_us + LASTS_US
        self._tested = ReaderTested(under_way=True)

    def came(self, reading: Reading, swipes: Sequence[CardNumber | Key | NotRead], mono_us: int) -> None:
        """Something came from the reader, and this is what it was taken for. A card ends the test."""
        if self._until_us is None or mono_us > self._until_us or self._tested.heard is Heard.CARD:
            return
        tested = self._tested
        if isinstance(reading, bytes):
            heard = Heard.PIECES if tested.heard is Heard.NOTHING else tested.heard
            tested = replace(tested, heard=heard, bytes=tested.bytes + len(reading))
        for swipe in swipes:
            tested = replace(tested, heard=_heard(swipe))
            if isinstance(swipe, CardNumber):
                number = swipe.reveal()
                tested = replace(tested, characters=len(number), digits=number.isdigit())
                break
        self._tested = tested

    def told(self, now_us: int) -> ReaderTested:
        over = self._until_us is None or self._tested.heard is Heard.CARD
        left_us = 0 if over else max(0, (self._until_us or 0) - now_us)
        return replace(self._tested, under_way=left_us > 0, left_s=-(-left_us // 1_000_000))


def _heard(swipe: CardNumber | Key | NotRead) -> Heard:
    match swipe:
        case CardNumber():
            return Heard.CARD
        case Key():
            return Heard.KEY
        case NotRead(half):
            return Heard.HALF_A_CARD if half else Heard.NOT_A_CARD
