"""The simulated serial line, read by real pyserial."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from simulator.serial_wire import SerialWire


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[SerialWire]:
    with SerialWire(tmp_path / "reader") as wire:
        yield wire


def test_a_swipe_arrives_with_its_terminator(wire: SerialWire) -> None:
    with serial.Serial(str(wire.path), 9600, timeout=30) as port:
        wire.swipe("21234000000017")
        assert port.read(15) == b"21234000000017\r"


def test_every_byte_value_arrives_unchanged(wire: SerialWire) -> None:
    with serial.Serial(str(wire.path), 9600, timeout=30) as port:
        wire.send(bytes(range(256)))
        assert port.read(256) == bytes(range(256))


def test_bytes_are_no_faster_than_the_line(wire: SerialWire) -> None:
    start = time.monotonic()
    wire.send(b"x" * 96)
    assert time.monotonic() - start >= 0.1


def test_unplugging_raises_at_the_reader_and_takes_the_path_away(wire: SerialWire) -> None:
    with serial.Serial(str(wire.path), 9600, timeout=30) as port:
        wire.unplug()
        assert not wire.path.is_symlink()
        with pytest.raises(serial.SerialException):
            port.read(1)
    with pytest.raises(RuntimeError, match="unplugged"):
        wire.swipe("1")


def test_plugged_in_again_it_reads_again(wire: SerialWire) -> None:
    wire.unplug()
    wire.plug()
    with serial.Serial(str(wire.path), 9600, timeout=30) as port:
        wire.swipe("7")
        assert port.read(2) == b"7\r"


def test_with_nobody_reading_bytes_are_lost_and_nothing_blocks(tmp_path: Path) -> None:
    with SerialWire(tmp_path / "reader", baud=921_600) as wire:
        wire.send(b"x" * 100_000)
