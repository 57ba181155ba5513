"""Both ends of a swipe: the serial line that a card's digits go into, and the pin writes that come out."""

from __future__ import annotations

import os
import select
import struct
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PIN_WRITE = struct.Struct("=qii")
"""Nanoseconds of CLOCK_BOOTTIME, pin, level: ``struct pin_write`` of floor.c."""
DIGITS_BEFORE_S = 0.002
"""The last byte comes by itself, as it does from a reader at 9,600 baud, where a byte takes 1 ms."""
LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """A pseudo-terminal. port: the path of the end that a service opens."""

    ours: int
    port: str

    def swipe(self, card: str) -> int:
        """Send the card; returns when its last byte became readable, in nanoseconds of CLOCK_BOOTTIME."""
        os.write(self.ours, card.encode("ascii"))
        time.sleep(DIGITS_BEFORE_S)
        # Before the write, which wakes the reader: it may run before we are back.
        readable_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        os.write(self.ours, b"\r")
        return readable_ns


@contextmanager
def serial_line() -> Iterator[Line]:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        yield Line(ours, os.ttyname(theirs))
    finally:
        os.close(ours)
        os.close(theirs)


@dataclass(frozen=True, slots=True)
class PinWrite:
    mono_ns: int
    pin: int
    level: int


class PinWrites:
    """What a process writes to its pins, as it tells of it through a FIFO."""

    def __init__(self, fifo: Path) -> None:
        os.mkfifo(fifo)
        self.fifo = fifo
        self._handle = os.open(fifo, os.O_RDWR | os.O_CLOEXEC)

    def next(self, pin: int, level: int, limit_s: float = LIMIT_S) -> PinWrite:
        """The next write of this level to this pin; others are skipped. Raises TimeoutError."""
        while True:
            if not select.select([self._handle], [], [], limit_s)[0]:
                raise TimeoutError(f"pin {pin} was not set to {level} within {limit_s:g} s")
            write = PinWrite(*PIN_WRITE.unpack(os.read(self._handle, PIN_WRITE.size)))
            if (write.pin, write.level) == (pin, level):
                return write

    def drain(self) -> None:
        while select.select([self._handle], [], [], 0)[0]:
            os.read(self._handle, PIN_WRITE.size)

    def close(self) -> None:
        os.close(self._handle)
