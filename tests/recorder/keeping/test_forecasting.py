from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import EventType, event_id
from controller.core.hold import DAY_US
from controller.recorder.keeping.forecasting import HOUR_US, Forecasting
from controller.recorder.keeping.space import Floor
from controller.store.footage import Clip, Segment

MB = 1_000_000
FLOOR_MB = 1_000
DAILY_MB = 24
"""Of each camera: a megabyte in each hour."""


@pytest.fixture
def recorded(branch: Any) -> list[Segment]:
    """An hour each for three days, of two cameras, the oldest first."""
    found = []
    for hour in range(3 * 24, 0, -1):
        for camera in ("entrance", "yard"):
            segment = branch.plant((hour - 1) * HOUR_US, HOUR_US, camera)
            branch.footage.drop([segment])
            found.append(replace(segment, size_bytes=MB))
            branch.footage.add_segment(found[-1])
    return found


def forecasting(branch: Any, free_mb: int, *cameras: str) -> Forecasting:
    floor = Floor(Path(), FLOOR_MB, lambda _: (FLOOR_MB + free_mb) * MB)
    return Forecasting(branch.disposal, floor, cameras or ("entrance", "yard"))


def look(branch: Any, free_mb: int, *cameras: str) -> dict[str, Any]:
    told = forecasting(branch, free_mb, *cameras).look(branch.now)
    assert told is not None
    assert told.type is EventType.STORAGE_FORECAST
    return dict(told.data)


def test_an_empty_disk_lasts_as_long_as_it_has_room_for(branch: Any, recorded: list[Segment]) -> None:
    assert look(branch, 5 * 2 * DAILY_MB) == {
        "days_left": 5, "need_mb": 14 * 2 * DAILY_MB, "have_mb": 8 * 2 * DAILY_MB,
    }  # fmt: skip
    assert look(branch, 11 * 2 * DAILY_MB)["days_left"] == 11
    assert look(branch, 12 * 2 * DAILY_MB)["days_left"] is None  # by then the first of the three falls due


def test_a_camera_that_is_recorded_no_more_needs_nothing(branch: Any, recorded: list[Segment]) -> None:
    assert look(branch, 0, "yard")["need_mb"] == 14 * DAILY_MB


def test_what_is_held_makes_no_room(branch: Any, recorded: list[Segment]) -> None:
    lasts = 12 * 2 * DAILY_MB
    assert look(branch, lasts)["days_left"] is None
    branch.holds = [
        branch.hold(recorded[0], end_us=recorded[47].end_us),  # the first day, of both cameras
        branch.hold(recorded[0], end_us=recorded[23].end_us),  # and half of it once more
    ]
    told = look(branch, lasts)
    assert (told["days_left"], told["need_mb"]) == (12, 14 * 2 * DAILY_MB + 2 * DAILY_MB)


def test_footage_held_by_its_event_is_counted(branch: Any, recorded: list[Segment]) -> None:
    shown = recorded[2]
    happened = event_id(shown.start_us, 1)
    branch.footage.add_clip(
        Clip(str(uuid.uuid4()), shown.camera, "door", 1, happened, shown.start_us + 5, shown.start_us + 10)
    )
    branch.holds = [branch.hold(shown, start_us=1, end_us=1, event_ids=frozenset({happened}))]
    assert look(branch, 1)["need_mb"] == 14 * 2 * DAILY_MB + 1


def test_what_is_due_and_still_there_stays(branch: Any, recorded: list[Segment]) -> None:
    old = branch.plant(20 * DAY_US)
    branch.footage.drop([old])
    branch.footage.add_segment(replace(old, size_bytes=7 * MB))
    assert look(branch, 1)["need_mb"] == 14 * 2 * DAILY_MB + 7


def test_it_comes_an_hour_after_the_start_and_once_a_day_and_never_by_a_clock_that_is_not_trusted(
    branch: Any, recorded: list[Segment], now: Any
) -> None:
    daily = forecasting(branch, 1)
    assert not daily.due(now())
    now.sleep(3600)
    assert not daily.due(replace(now(), clock_trusted=False))
    assert daily.due(now())
    assert daily.look(now())
    assert not daily.due(now())
    now.sleep(86_399)
    assert not daily.due(now())
    now.sleep(1)
    assert daily.due(now())


def test_before_anything_was_recorded_nothing_is_foretold(branch: Any) -> None:
    branch.plant(60_000_000)
    assert forecasting(branch, 1).look(branch.now) is None
