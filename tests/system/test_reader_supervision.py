"""Readers that babble or come back as another device, at a branch with two doors, over real lines."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from simulator.branch import Branch, Plan
from simulator.card_formats import LINE, TYPES
from simulator.door import Reader
from simulator.plug import Plug

pytestmark = pytest.mark.system

PLAN = Plan(readers=((LINE, TYPES["aba"]), (LINE,)), broker=None, pulse_s=0.5)
SOON_S = 5.0
MB = 1024


@pytest.fixture(scope="module")
def branch() -> Iterator[Branch]:
    with tempfile.TemporaryDirectory(prefix="unlocked-test-") as folder, Branch(Path(folder), PLAN) as branch:
        branch.start()
        yield branch


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(4096)


def strangers(chance: random.Random) -> bytes:
    return b"".join(b"%014d\r" % chance.randrange(10**14) for _ in range(250))


@contextmanager
def babbling(reader: Reader, make: Callable[[random.Random], bytes]) -> Iterator[None]:
    """As much as the line takes, without a pause."""
    stop = Event()

    def babble() -> None:
        chance = random.Random(1)
        while not stop.is_set():
            if reader.wire.pour(make(chance)) == 0:
                time.sleep(0.001)  # the line is full

    thread = Thread(target=babble)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def memory_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def count(branch: Branch, after: int, kind: str, **data: object) -> int:
    return sum(
        event.type == kind and data.items() <= dict(event.data).items()
        for event in branch.events(after=after)
    )


def let_in(branch: Branch, reader: Reader, lock: int) -> float:
    """Swipe until the relay moves; how long that took, in seconds."""
    before = len(branch.panel.pulses(lock))
    branch.panel.wait(lock, False)
    began_s = time.monotonic()
    reader.swipe("member 1")
    branch.panel.wait(lock, True)
    took_s = time.monotonic() - began_s
    branch.panel.wait(lock, False)
    assert len(branch.panel.pulses(lock)) == before + 1
    return took_s


def number(device: Path) -> int:
    """Of a pseudo-terminal: /dev/pts/7 is 7."""
    return int(device.name)


# This one first: after the last babbler the reader is locked out for some minutes.
def test_a_reader_that_comes_back_as_another_device_is_found_again(branch: Branch, tmp_path: Path) -> None:
    reader = branch.reader
    after = branch.last_seq("door")
    before = reader.wire.path.readlink()
    reader.wire.unplug()
    branch.wait_for("reader.lost", after=after)
    others: list[Plug] = []
    # The lowest free number is given out: once it is this one or a higher one, somebody else has this one.
    while not others or number(others[-1].path.readlink()) < number(before):
        others.append(Plug(tmp_path / str(len(others))))
    reader.wire.plug()
    assert reader.wire.path.readlink() != before
    branch.wait_for("reader.found", after=after)
    assert let_in(branch, reader, branch.front.lock) < SOON_S
    for other in others:
        other.pull()


@pytest.mark.parametrize(("make", "locked_out"), [(noise, False), (strangers, True)])
def test_a_babbling_reader_delays_nobody_and_admits_nobody(
    branch: Branch, make: Callable[[random.Random], bytes], locked_out: bool
) -> None:
    (babbler, beside), (other,) = branch.front.readers, branch.doors[1].readers
    quiet_kb, before = memory_kb(branch.pid("door")), branch.last_seq("door")
    with babbling(babbler, make):
        branch.wait_for("reader.babbling", after=before, reader=babbler.id)
        assert let_in(branch, beside, branch.front.lock) < SOON_S
        assert let_in(branch, other, branch.doors[1].lock) < SOON_S
        branch.front.press_exit()
        branch.wait_for("exit.requested", after=before)
        time.sleep(3)  # what would grow has time to
        assert let_in(branch, other, branch.doors[1].lock) < SOON_S
        grown_kb = memory_kb(branch.pid("door")) - quiet_kb
    assert grown_kb < 16 * MB
    branch.wait_for("reader.calm", after=before, reader=babbler.id, limit_s=30)
    assert count(branch, before, "reader.babbling") == count(branch, before, "reader.calm") == 1
    assert count(branch, before, "access.granted") == 3
    assert count(branch, before, "access.refused", reader=babbler.id) < 400
    if locked_out:  # so many cards that nobody knows look like somebody who tries them all
        babbler.swipe("member 1")
        branch.wait_for("access.refused", after=before, reader=babbler.id, reason="locked_out")
    else:
        assert let_in(branch, babbler, branch.front.lock) < SOON_S
