"""When is swept, and what happens when the disk fills: round by round, on a manual clock."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from controller.core.event import EventType
from controller.core.hold import DAY_US
from controller.keeping.jump_guard import JumpGuard
from controller.recorder.books import Books
from controller.recorder.keeping import sweep as sweeping
from controller.recorder.keeping.forecasting import Forecasting
from controller.recorder.keeping.keeper import Keeper
from controller.recorder.keeping.space import Floor
from controller.store.engine import DatabaseUnusable

HOUR_S, SECOND_US = 3600, 1_000_000


class Rig:
    def __init__(self, branch: Any, now: Any) -> None:
        self.branch, self.now, self.free_mb = branch, now, 5_000
        self.books = Books(branch.journal, branch.footage)
        self.allowed = threading.Event()
        disposal = branch.disposal
        floor = Floor(branch.folder, 1000, lambda _: self.free_mb * 1_000_000)
        self.keeper = Keeper(
            footage=branch.footage,
            disposal=disposal,
            guard=JumpGuard(),
            floor=floor,
            forecasting=Forecasting(disposal, floor, ["entrance"]),
            books=self.books,
            allowed=self.allowed,
            sweep_interval_us=HOUR_S * SECOND_US,
            sweep_limit=6,
            alive=lambda: None,
        )

    def look(self, seconds: float = 1) -> int:
        """A round, so much later; how many files are left."""
        self.now.sleep(seconds)
        self.keeper.look(self.now())
        return len(self.branch.files())

    def kinds(self, *wanted: EventType) -> list[EventType]:
        return [event.type for kind in wanted for event in self.branch.events(kind)]


@pytest.fixture
def rig(branch: Any, now: Any, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    return Rig(branch, now)


def plant(rig: Rig, count: int, age_us: int = 15 * DAY_US) -> None:
    for n in range(count):
        rig.branch.plant(age_us + n * SECOND_US, SECOND_US)


def test_a_start_sweeps_to_the_limit_before_anything_is_recorded_and_the_rest_follows_soon(rig: Rig) -> None:
    plant(rig, 9)
    rig.keeper.begin(rig.now())
    assert len(rig.branch.files()) == 3
    assert rig.allowed.is_set()
    assert rig.look(1) == 3
    assert rig.look(60) == 3  # a minute later the next begins
    assert rig.keeper.busy
    assert [rig.look(0) for _ in range(4)] == [3, 1, 0, 0]
    assert not rig.keeper.busy


def test_a_round_takes_one_batch(rig: Rig) -> None:
    rig.keeper.begin(rig.now())
    plant(rig, 5, 14 * DAY_US)
    assert [rig.look(HOUR_S), *(rig.look(0) for _ in range(4))] == [5, 5, 3, 1, 0]


def test_a_clock_that_is_lost_in_the_middle_of_a_sweep_ends_it(rig: Rig) -> None:
    rig.keeper.begin(rig.now())
    plant(rig, 5)
    rig.look(HOUR_S)
    rig.look(0)
    assert rig.look(0) == 3
    rig.now.trusted = False
    assert rig.look(0) == 3
    assert rig.look(HOUR_S) == 3
    rig.now.trusted = True
    assert [rig.look(1) for _ in range(5)][-1] == 0


def test_a_jump_in_the_middle_of_a_sweep_ends_it(rig: Rig) -> None:
    rig.keeper.begin(rig.now())
    plant(rig, 5)
    rig.look(HOUR_S)
    rig.look(0)
    rig.now.wall_us += 40 * DAY_US
    assert [rig.look(1) for _ in range(5)][-1] == 5


def test_when_the_disk_fills_what_is_due_goes_before_its_hour_and_recording_goes_on(rig: Rig) -> None:
    rig.keeper.begin(rig.now())
    plant(rig, 8, 14 * DAY_US)
    rig.branch.plant(13 * DAY_US)
    rig.free_mb = 900
    for _ in range(20):
        left = rig.look(1)
        assert rig.allowed.is_set()
        if left < 9:
            rig.free_mb = 1100
    assert left == 3  # a sweep to its limit made room enough; the rest can wait a minute
    assert not rig.kinds(EventType.STORAGE_FULL)


def test_a_limit_does_not_keep_a_full_disk_from_being_freed(rig: Rig) -> None:
    rig.keeper.begin(rig.now())
    plant(rig, 8, 14 * DAY_US)
    rig.free_mb = 900
    for _ in range(20):
        left = rig.look(1)
        rig.free_mb = 1100 if left == 0 else 900
    assert left == 0
    assert not rig.kinds(EventType.STORAGE_FULL)


def test_with_nothing_left_that_is_due_recording_stops_and_nothing_else_goes(rig: Rig) -> None:
    rig.keeper.begin(rig.now())
    held = rig.branch.plant(20 * DAY_US)
    rig.branch.holds = [rig.branch.hold(held)]
    plant(rig, 3, 14 * DAY_US)
    rig.branch.plant(10 * DAY_US)
    rig.free_mb = 900
    for _ in range(10):
        left = rig.look(1)
    assert left == 2
    assert not rig.allowed.is_set()
    assert rig.kinds(EventType.STORAGE_FULL, EventType.RECORDING_STOPPED) == [
        EventType.STORAGE_FULL,
        EventType.RECORDING_STOPPED,
    ]
    # What falls due meanwhile goes within a minute, and then there may be room.
    plant(rig, 1, 14 * DAY_US)
    assert [rig.look(61), *(rig.look(0) for _ in range(3))][-1] == 2
    rig.free_mb = 1100
    rig.look(10)
    assert rig.allowed.is_set()
    assert rig.kinds(EventType.STORAGE_FREED)


def test_a_full_disk_without_a_clock_stops_recording_and_destroys_nothing(rig: Rig) -> None:
    rig.now.trusted = False
    plant(rig, 2)
    rig.free_mb = 900
    rig.keeper.begin(rig.now())
    assert not rig.allowed.is_set()
    assert rig.look(60) == 2


def test_while_holds_cannot_be_known_what_is_overdue_is_told_once_an_hour(rig: Rig) -> None:
    old = rig.branch.plant(15 * DAY_US + 1)
    rig.branch.plant(14 * DAY_US + 1)  # due, and not for a day

    def lost(_reading: int) -> None:
        raise DatabaseUnusable("a hold is missing")

    rig.branch.on_holds_read = lost
    rig.keeper.begin(rig.now())
    for _ in range(6):
        assert rig.look(60) == 2
    (event,) = rig.branch.events(EventType.RETENTION_OVERDUE)
    assert event.data == {
        "category": "footage", "count": 1, "oldest_start_us": old.start_us, "in_future": 0, "cause": "failed",
    }  # fmt: skip
    with pytest.raises(DatabaseUnusable):  # nor is there a forecast
        rig.look(HOUR_S)
    assert [rig.look(0), rig.look(0)] == [2, 2]
    assert len(rig.branch.events(EventType.RETENTION_OVERDUE)) == 2

    rig.branch.on_holds_read = lambda _: None
    for _ in range(5):
        rig.look(60)
    assert rig.branch.files() == set()
    (over,) = rig.branch.events(EventType.RETENTION_HELD)  # whoever shows the alarm ends it with this
    assert over.data["count"] == 0
