"""Cards told bit by bit: the same bits as on a Wiegand reader's wires."""

from __future__ import annotations

from random import Random

import pytest

from controller.core.framing.bits import card_of_bits, text_of_bits
from controller.core.framing.framer import Garbage
from controller.core.framing.wiegand import LAYOUTS

CARD_134_62532 = 0b1_10000110_1111010001000100_0
LAYOUT = LAYOUTS["wiegand-26"]


def test_a_card_with_its_parity_is_written_as_the_memberships_write_it() -> None:
    assert card_of_bits(CARD_134_62532, 26, LAYOUT, "facility") == "13462532"
    assert card_of_bits(CARD_134_62532, 26, LAYOUT, "decimal") == "0008844356"
    assert card_of_bits(CARD_134_62532, 26, LAYOUT, "hex") == "86F444"


@pytest.mark.parametrize("bit", range(26))
def test_one_wrong_bit_is_no_card(bit: int) -> None:
    assert card_of_bits(CARD_134_62532 ^ 1 << bit, 26, LAYOUT, "decimal") is Garbage.BAD_CHECK


@pytest.mark.parametrize("length", [0, 24, 25, 27, 34])
def test_another_number_of_bits_is_no_card(length: int) -> None:
    assert card_of_bits(CARD_134_62532 >> max(0, 26 - length), length, LAYOUT, "decimal") is Garbage.SHAPE


def test_more_than_was_said_is_no_card() -> None:
    assert card_of_bits(CARD_134_62532 | 1 << 26, 26, LAYOUT, "decimal") is Garbage.SHAPE


@pytest.mark.parametrize("end", [b"", b"\r", b"\r\n", b"\0\0"])
def test_bits_that_are_a_text(end: bytes) -> None:
    data = b"25891000331441" + end
    assert text_of_bits(int.from_bytes(data, "big"), 8 * len(data)) == "25891000331441"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", Garbage.SHAPE),
        (b"\0", Garbage.SHAPE),
        (b"25\x8091", Garbage.NOT_TEXT),
        (b"25\r91", Garbage.NOT_TEXT),
    ],
)
def test_bits_that_are_no_text(data: bytes, found: Garbage) -> None:
    assert text_of_bits(int.from_bytes(data, "big"), 8 * len(data)) is found


def test_half_a_character_is_no_text() -> None:
    assert text_of_bits(0x3235, 15) is Garbage.SHAPE


@pytest.mark.parametrize("seed", range(3))
def test_whatever_bits_come_a_card_is_in_them(seed: int) -> None:
    source = Random(seed)
    for _ in range(2000):
        length = source.randrange(64)
        value = source.getrandbits(length) if length else 0
        for name, layout in LAYOUTS.items():
            found = card_of_bits(value, length, layout, "hex")
            if isinstance(found, str):
                assert length == int(name.removeprefix("wiegand-"))
                assert int(found, 16) == value >> 1 & (1 << layout.bits) - 1
