"""What controller.devices says of a card reader, asked of one that only sends and one that is spoken to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.devices import CardBits, CardReader, DeviceLost, Reading
from drivers.osdp_line import OsdpLine
from drivers.osdp_reader import OsdpReader
from drivers.serial_reader import SerialReader
from simulator.door import Wire
from simulator.osdp_cable import OsdpCable
from simulator.osdp_reader import OsdpReader as Simulated
from simulator.serial_wire import SerialWire

CARD, NEXT_CARD = "25891000331441", "25891000331458"
KEY = bytes(range(16))
BAUD = 57_600
LIMIT_S = 60.0
BLOCKS_S = 10.0
"""Nothing may block for longer, or whoever reads could not be stopped."""


@dataclass(frozen=True)
class Kind:
    """open: as the door does it. read: the card in what came, as far as it has come."""

    wire: Wire
    open: Callable[[], CardReader]
    card: Callable[[list[Reading]], str]


def of_bytes(found: list[Reading]) -> str:
    return b"".join(each for each in found if isinstance(each, bytes)).decode("ascii").rstrip("\r")


def of_bits(found: list[Reading]) -> str:
    cards = [each for each in found if isinstance(each, CardBits)]
    return "".join(card.value.to_bytes(card.length // 8, "big").decode("ascii") for card in cards)


@pytest.fixture(params=["serial", "osdp"])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kind]:
    port = tmp_path / "port"
    with ExitStack() as closing:
        if request.param == "serial":
            wire: Wire = closing.enter_context(SerialWire(port))
            yield Kind(wire, lambda: SerialReader(str(port), 9600), of_bytes)
        else:
            wire = closing.enter_context(OsdpCable(port, [Simulated(key=KEY)], BAUD))
            line = OsdpLine(str(port), BAUD, {0: KEY})
            closing.callback(line.close)
            yield Kind(wire, lambda: OsdpReader(line, 0), of_bits)


def opened(kind: Kind) -> CardReader:
    end_s = time.monotonic() + LIMIT_S
    while True:
        try:
            return kind.open()
        except DeviceLost:
            if time.monotonic() > end_s:
                raise


def swiped(kind: Kind, card: str) -> CardReader:
    """Opened, and the card read: anew where a busy machine has kept the reader from answering in time."""
    while True:
        reader = opened(kind)
        kind.wire.swipe(card)
        try:
            read_card(kind, reader, card)
        except DeviceLost:
            reader.close()
        else:
            return reader


def read_card(kind: Kind, reader: CardReader, wanted: str) -> None:
    found: list[Reading] = []
    end_s = time.monotonic() + LIMIT_S
    while kind.card(found) != wanted:
        assert time.monotonic() < end_s, "the card did not come"
        found.append(reader.read())


def test_a_card_arrives_and_nothing_else_is_nothing(kind: Kind) -> None:
    reader = swiped(kind, CARD)
    start_s = time.monotonic()
    with suppress(DeviceLost):
        assert not isinstance(reader.read(), CardBits)
    assert time.monotonic() - start_s < BLOCKS_S
    reader.close()


def test_it_is_lost_with_its_plug_and_opened_again(kind: Kind) -> None:
    reader = opened(kind)
    kind.wire.unplug()
    with pytest.raises(DeviceLost):
        read_until_lost(reader)
    reader.close()
    with pytest.raises(DeviceLost):
        kind.open()
    kind.wire.plug()
    swiped(kind, NEXT_CARD).close()


def test_closing_never_raises_and_another_can_follow(kind: Kind) -> None:
    for card in (CARD, NEXT_CARD):
        swiped(kind, card).close()


def read_until_lost(reader: CardReader) -> None:
    end_s = time.monotonic() + LIMIT_S
    while time.monotonic() < end_s:
        reader.read()
