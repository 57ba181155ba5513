"""A keypad on which anything is typed at any time: a PIN that comes of it was typed, whole and in time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from controller.core.framing.framer import KEYS, Key
from controller.core.pin import PinEntered, PinEntry, PinRules, TimedOut

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

RULES = PinRules(4, 8, 20)
CARD = 0xFF
"""A byte that stands for a card that needs a PIN; every other one is a key."""
TYPED = [
    b"\xff1234\x0b",
    b"\xff12\x0a00001111\x0b",
    b"\xff\x0b",
    b"\xff123456789\x0b",
    b"\xff\x0a\x0a",
    b"1234\x0b",
]


def test_a_pin_that_comes_out_was_typed_after_its_card_and_in_time(hostile: Hostile) -> None:
    entry, entered = PinEntry(RULES), 0
    typed: str | None = None
    begun_us = now_us = 0
    for block in hostile.stream(TYPED, [bytes([key]) for key in range(len(KEYS))] + [b"\xff"]):
        for byte in block:
            now_us += hostile.source.choice((0, 1, 100_000, 2_000_000)) * (byte % 3)
            if byte == CARD:
                entry.begin(now_us)
                typed, begun_us = "", now_us
                continue
            symbol = KEYS[byte % len(KEYS)]
            result = entry.press(Key(symbol), now_us)
            if typed is not None:
                typed += symbol
            if result is None:
                continue
            assert typed is not None, "nothing comes of keys that nobody was asked for"
            late = now_us - begun_us >= RULES.timeout_s * 1_000_000
            assert isinstance(result, TimedOut) is late
            if isinstance(result, PinEntered):
                assert (last := re.fullmatch(r"(?:.*\*)?([0-9]+)#", typed))
                assert (result.pin.reveal() if result.pin else None) == (
                    last[1] if RULES.min_length <= len(last[1]) <= RULES.max_length else None
                )
                entered += result.pin is not None
            typed = None
    assert entered
