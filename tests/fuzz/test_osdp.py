"""What anybody can put on an RS-485 line: a frame that is found was in the bytes, and its check fits."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest

from drivers.osdp_frame import Frames, Reply
from simulator.osdp_forger import card, frame

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

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
