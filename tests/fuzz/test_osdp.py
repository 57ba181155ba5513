"""What anybody can put on an RS-485 line, and the bits of cards that a reader there tells."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from controller.core.framing.bits import card_of_bits, text_of_bits
from controller.core.framing.framer import Garbage
from controller.core.framing.number import NumberAs
from controller.core.framing.wiegand import LAYOUTS
from drivers.osdp_frame import Frames, Reply
from simulator.card_formats import WIEGAND, with_parity
from simulator.osdp_forger import card, frame

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.prompt, pytest.mark.timeout(1800)]

PROGRAM = Path(__file__).parent / "programs" / "osdp_library.py"
SOAK, CHECK = 10_000_000, 300_000
"""Bytes from its readers."""
ACK = bytes((Reply.ACK,))
CARD_WITH_MAC = bytes((Reply.CARD,)) + bytes(16) + b"\xaa\xbb\xcc\xdd"
SEEDS = [
    frame(5, 1, ACK),
    b"\xff" + frame(0, 2, card(0x123456, 26)),
    frame(5, 2, CARD_WITH_MAC, block=0x18),
    frame(126, 3, bytes((Reply.CHALLENGE,)) + bytes(32), block=0x12),
    bytes((0x53, 0x85, 7, 0, 1, Reply.ACK, -(0x53 + 0x85 + 7 + 1 + Reply.ACK) & 0xFF)),
]
MARKS = [b"\xff", b"\x53", b"\x53\x85", b"\0", b"\x53\x85\xff\x00\x04", b"\x53\x85\x07\x00\x0c"]
CARRIED = 300
NUMBERS: tuple[NumberAs, ...] = ("decimal", "hex", "facility")


def crc(data: bytes) -> int:
    """CRC-16 of polynomial 1021, begun with 1D0F, bit by bit."""
    value = 0x1D0F
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def test_hostile_bytes_make_up_no_frame_however_they_arrive(hostile: Hostile) -> None:
    whole, by_byte, in_pieces = Frames(), Frames(), Frames()
    carried, frames = b"", 0
    for block in hostile.stream(SEEDS, MARKS):
        found = whole.feed(block)
        assert list(chain.from_iterable(by_byte.feed(bytes([byte])) for byte in block)) == found
        assert list(chain.from_iterable(in_pieces.feed(piece) for piece in hostile.split(block))) == found
        wire = carried + block
        for each in found:
            assert each.sent in wire
            assert each.address == each.sent[1] & 0x7F
            assert each.reply in each.sent[5:]
            if each.sent[4] & 0x04:
                assert crc(each.sent[:-2]) == int.from_bytes(each.sent[-2:], "little")
            else:
                assert sum(each.sent) % 256 == 0
        frames += len(found)
        carried = wire[-CARRIED:]
    assert whole.feed(bytes(300) + SEEDS[0])[-1].sent == SEEDS[0], "the next frame is found as ever"
    assert frames or hostile.kind == "random", "no frame in all that: nothing was tested"


def bits(document: bytes) -> tuple[int, int]:
    """The document as a card: up to seven of its last bits are none of it."""
    length = max(0, len(document) * 8 - (document[-1] & 7 if document else 0))
    return int.from_bytes(document, "big") >> (len(document) * 8 - length), length


def on_the_air(count: int, serial: int) -> bytes:
    value = with_parity(WIEGAND[count].value(serial), WIEGAND[count].count)
    spare = -count % 8
    return (value << spare | spare).to_bytes((count + spare) // 8, "big")


@pytest.mark.parametrize("count", WIEGAND)
def test_hostile_bits_are_a_card_only_with_its_parity(count: int, hostile: Hostile) -> None:
    layout, known, cards = LAYOUTS[f"wiegand-{count}"], WIEGAND[count], 0
    for document in hostile.documents([on_the_air(count, serial) for serial in range(1, 9)]):
        value, length = bits(document)
        inner = value >> 1 & (1 << known.count) - 1
        fits = length == count and with_parity(inner, known.count) == value
        for number_as in NUMBERS:
            found = card_of_bits(value, length, layout, number_as)
            assert fits is not isinstance(found, Garbage)
            assert not fits or found == known.write(inner, number_as)
        cards += fits
    assert cards or hostile.kind == "random", "no card in all that: nothing was tested"


def test_hostile_bits_are_a_text_only_if_that_is_what_they_are(hostile: Hostile) -> None:
    texts = 0
    for document in hostile.documents(
        [b"25891000331441\x00", b"AB12\r\n\x00", b"25891000331441"], [b"\xff", b"\r"]
    ):
        value, length = bits(document)
        found = text_of_bits(value, length)
        if isinstance(found, str):
            assert found
            assert found.isprintable()
            assert found.encode("ascii") in document
            texts += 1
    assert texts or hostile.kind == "random", "no text in all that: nothing was tested"


def test_libosdp_survives_hostile_readers_and_believes_none() -> None:
    """In a process of its own, whose end by a fault in libosdp would be seen. Random and mutated at once."""
    wanted = SOAK if os.environ.get("UNLOCKED_SOAK") else CHECK
    seed = int.from_bytes(os.urandom(4))
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(seed), str(wanted)],
        capture_output=True,
        text=True,
        timeout=1700,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}: exit {done.returncode}: {done.stderr[-2000:]}"
    secured, _, believing, _ = done.stdout.split()
    assert int(secured), "no secure channel came about: nothing was tested"
    assert int(believing), "not even without a secure channel was a forged card believed: nothing was tested"
