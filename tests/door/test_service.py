"""The loop of the acting thread, and how it ends."""

from queue import SimpleQueue

import pytest
from pytest_mock import MockerFixture

from controller.devices import DeviceError
from controller.door.durability import Durability
from controller.door.event_log import EventLog
from controller.door.inputs import Broken, Happening, ReaderSaid, Stop


def run(door, *items: Happening) -> None:
    queue: SimpleQueue[Happening] = SimpleQueue()
    for item in items:
        queue.put(item)
    door.service.run(queue)


def swipe(door) -> ReaderSaid:
    return ReaderSaid("front", "in", door.cards.valid.encode() + b"\r", door.clock.mono_us)


def test_it_acts_until_it_is_told_to_stop_and_leaves_the_lock_secured(door) -> None:
    run(door, swipe(door), Stop())
    assert door.happened[-2:] == [("journal", "service.stopped"), ("lock", "secure")]
    assert ("lock", "release", 5.0) in door.happened


def test_what_comes_after_the_stop_is_not_done(door) -> None:
    run(door, Stop(), swipe(door))
    assert ("lock", "release", 5.0) not in door.happened


def test_a_thread_that_broke_ends_the_process_with_the_lock_secured(door) -> None:
    with pytest.raises(ZeroDivisionError):
        run(door, swipe(door), Broken(ZeroDivisionError()))
    assert door.happened[-2:] == [
        ("journal", "door.fault", "controller", "ZeroDivisionError"),
        ("lock", "secure"),
    ]


def test_an_error_that_nobody_expected_ends_the_process_with_the_lock_secured(
    door, mocker: MockerFixture
) -> None:
    mocker.patch.object(door.members, "find", side_effect=KeyError("25891000331441"))
    with pytest.raises(KeyError):
        run(door, swipe(door))
    assert door.happened == [("journal", "door.fault", "controller", "KeyError"), ("lock", "secure")]


def test_a_lock_that_cannot_be_driven_ends_the_process(door) -> None:
    door.lock.broken = True
    with pytest.raises(DeviceError):
        run(door, swipe(door))
    assert door.happened[-2:] == [
        ("journal", "door.fault", "controller", "DeviceError"),
        ("lock", "secure"),
    ]
    assert ("display", "granted") not in door.happened


def test_even_without_a_journal_the_lock_is_secured_at_the_end(door, mocker: MockerFixture) -> None:
    mocker.patch.object(door.writer, "write", side_effect=MemoryError)
    with pytest.raises(MemoryError):
        run(door, swipe(door))
    assert door.happened[-1] == ("lock", "secure")


def test_a_wait_for_the_journal_is_bounded_and_the_watchdog_hears_of_it(door) -> None:

    class Slow:
        """A ticket that is never settled: each look at it takes as long as it may."""

        event = None

        def settled(self, within_s: float) -> bool:
            door.clock.advance(round(within_s * 1e6))
            return False

    began_us, watchdogs = door.clock.mono_us, door.notifier.watchdogs
    log = EventLog(door.clock, door.clock, door.writer)
    assert Durability(log, door.notifier, 10_000).wait(Slow()) is False
    assert door.clock.mono_us - began_us == 10_000_000
    assert door.notifier.watchdogs - watchdogs >= 9
