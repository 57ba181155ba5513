import queue
import time

import pytest
from pytest_mock import MockerFixture

from controller.devices import ClockReading, DeviceLost
from controller.door import reader as module
from controller.door.inputs import Broken, Happening, ReaderFound, ReaderLost, ReaderSaid
from controller.door.reader import ReaderListener

LIMIT_S = 5


class Clock:
    def read(self) -> ClockReading:
        return ClockReading(1, 7, "boot", synchronised=True)


FOUND, LOST = ReaderFound("front", "in"), ReaderLost("front", "in")


class Wire:
    """A line that gives what the script says, then silence."""

    def __init__(self, *script: bytes | Exception) -> None:
        self._script = list(script)
        self.closed = False

    def read(self) -> bytes:
        if not self._script:
            time.sleep(0.01)
            return b""
        step = self._script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        self.closed = True


def listened(wires: list[Wire | Exception], count: int) -> list[Happening]:
    """The first ``count`` things that a listener posts when it opens these wires one after the other."""
    posted: queue.SimpleQueue[Happening] = queue.SimpleQueue()

    def open_wire() -> Wire:
        wire = wires.pop(0)
        if isinstance(wire, Exception):
            raise wire
        return wire

    listener = ReaderListener("front", "in", open_wire, Clock(), posted.put)
    listener.start()
    found = [posted.get(timeout=LIMIT_S) for _ in range(count)]
    listener.close()
    assert posted.empty()
    return found


@pytest.fixture(autouse=True)
def quick(mocker: MockerFixture) -> None:
    mocker.patch.object(module, "RETRY_S", 0.01)


def test_bytes_are_posted_with_their_time() -> None:
    assert listened([Wire(b"12", b"3\r")], 3) == [
        FOUND,
        ReaderSaid("front", "in", b"12", 7),
        ReaderSaid("front", "in", b"3\r", 7),
    ]


def test_bytes_that_lay_there_while_the_process_was_stopped_are_old(mocker: MockerFixture) -> None:
    class StoppedWire(Wire):
        def read(self) -> bytes:
            mocker.patch.object(Clock, "read", return_value=ClockReading(1, 60_000_007, "boot", True))
            return super().read()

    assert listened([StoppedWire(b"123\r")], 2) == [FOUND, ReaderSaid("front", "in", b"123\r", 7)]


def test_a_reader_that_is_lost_is_found_again() -> None:
    gone = Wire(DeviceLost("gone"))
    assert listened([gone, DeviceLost("not yet"), DeviceLost("not yet"), Wire(b"1")], 4) == [
        FOUND,
        LOST,
        FOUND,
        ReaderSaid("front", "in", b"1", 7),
    ]
    assert gone.closed


def test_it_is_lost_again_after_it_was_found() -> None:
    wires: list[Wire | Exception] = [Wire(DeviceLost("gone")), Wire(DeviceLost("gone")), Wire()]
    assert listened(wires, 5) == [FOUND, LOST, FOUND, LOST, FOUND]


def test_a_reader_that_was_never_there_is_said_once() -> None:
    assert listened([DeviceLost("no"), DeviceLost("no"), Wire()], 2) == [LOST, FOUND]


def test_an_unknown_error_is_told_to_the_acting_thread() -> None:
    (broken,) = listened([ZeroDivisionError()], 1)
    assert isinstance(broken, Broken)


def test_bytes_hide_what_they_are() -> None:
    assert "2589" not in repr(ReaderSaid("front", "in", b"25891000331441\r", 7))
