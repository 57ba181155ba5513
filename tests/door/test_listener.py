import queue
import threading
import time

import pytest
from pytest_mock import MockerFixture

from controller.devices import CardBits, ClockReading, DeviceLost, Reading
from controller.door import listener as module
from controller.door.inputs import Broken, Happening, ReaderFloods, ReaderFound, ReaderLost, ReaderSaid
from controller.door.listener import ReaderListener
from simulator.waiting import wait_until

LIMIT_S = 30


class Clock:
    def read(self) -> ClockReading:
        return ClockReading(1, self.since_boot_us(), "boot", synchronised=True)

    def since_boot_us(self) -> int:
        return 7


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
            mocker.patch.object(Clock, "since_boot_us", return_value=60_000_007)
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


class RealClock:
    def read(self) -> ClockReading:
        return ClockReading(1, self.since_boot_us(), "boot", synchronised=True)

    def since_boot_us(self) -> int:
        return time.monotonic_ns() // 1000


class Babbler:
    """A line that always has more, until it is told to stop."""

    def __init__(self, chunk: Reading) -> None:
        self.chunk = chunk
        self.reads = 0
        self.stopped = threading.Event()

    def read(self) -> Reading:
        if self.stopped.is_set():
            time.sleep(0.01)
            return b""
        self.reads += 1
        return self.chunk

    def close(self) -> None: ...


def items(posted: queue.SimpleQueue[Happening]) -> list[Happening]:
    return [posted.get_nowait() for _ in range(posted.qsize())]


@pytest.mark.parametrize("chunk", [b"\xa5", b"25891000331441\r", bytes(4095), CardBits(0x2F1A2B3, 26)])
def test_what_a_babbling_reader_says_is_dropped_and_said_once(chunk: Reading, mocker: MockerFixture) -> None:
    mocker.patch.object(module, "BYTES_PER_S", 2_000)
    mocker.patch.object(module, "DROP_S", 0.005)
    line = Babbler(chunk)
    posted: queue.SimpleQueue[Happening] = queue.SimpleQueue()
    listener = ReaderListener("front", "in", lambda: line, RealClock(), posted.put)
    listener.start()
    seen: list[Happening] = []

    def floods(begins: bool) -> bool:
        seen.extend(items(posted))
        return ReaderFloods("front", "in", begins) in seen

    wait_until(lambda: floods(True), LIMIT_S)
    said = [item for item in seen if isinstance(item, ReaderSaid)]
    assert sum(len(item.reading) if isinstance(item.reading, bytes) else 16 for item in said) < 10_000
    before = line.reads
    wait_until(lambda: line.reads > before + 100, LIMIT_S)  # it goes on reading, and takes its time
    assert not items(posted)
    line.stopped.set()
    wait_until(lambda: floods(False), LIMIT_S)
    listener.close()
    assert [item.begins for item in seen if isinstance(item, ReaderFloods)] == [True, False]
