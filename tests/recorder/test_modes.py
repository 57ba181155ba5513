"""Cameras that are recorded by activity, in the recorder as a whole: the door, clips, restarts, absence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from controller.core import hours
from controller.core.event import EventType, NewEvent
from controller.devices import DeviceLost
from controller.recorder.capture.mode import Mode, ModeRules
from controller.store.journal import Journal

SECOND = 1_000_000
PAUSED, RESUMED, GAP = EventType.RECORDING_PAUSED, EventType.RECORDING_RESUMED, EventType.RECORDING_GAP
BY_ACTIVITY = ModeRules(Mode.ACTIVITY, pre_roll_us=3 * SECOND, post_roll_us=5 * SECOND, watched=False)


@pytest.fixture
def door(rig: Any, now: Any) -> Iterator[Journal]:
    rig.modes = BY_ACTIVITY
    journal = Journal.open(rig.root / "door.db", service="door", stamp=now())
    yield journal
    journal.close()


@pytest.fixture
def film(video: Any) -> Any:
    """Half a minute."""
    packets = [
        replace(p, pts=p.pts + n * 540_000, dts=p.dts + n * 540_000) for n in range(5) for p in video.packets
    ]
    return replace(video, packets=packets)


def at(number: int, do: Callable[[], object]) -> Callable[[int], None]:
    """Before the picture of this number, and not again."""
    waiting = [do]

    def between(now_number: int) -> None:
        if now_number == number and waiting:
            waiting.pop()()

    return between


def swipe(rig: Any, door: Journal) -> Callable[[], None]:
    def now() -> None:
        door.append([NewEvent(EventType.ACCESS_REFUSED, "front", rig.now())])
        rig.go_round()  # the recorder has seen it before the next picture comes

    return now


def test_a_swipe_is_recorded_from_before_it_and_its_clip_is_whole(
    rig: Any, door: Journal, film: Any, now: Any, scripted: Any
) -> None:
    """The clip's range begins within the pre-roll."""
    begun_us = now.wall_us
    swiped_us = begun_us + 15 * SECOND
    rig.cameras = {"entrance": rig.once(scripted(film, now, between=at(150, swipe(rig, door))))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
        rig.until(lambda: now.sleep(0.1) or rig.events(EventType.CLIP_RECORDED), bool)
    (clip,) = rig.events(EventType.CLIP_RECORDED)
    assert clip.data["start_us"] == swiped_us - SECOND
    assert clip.data["length_ms"] == 2_000
    resumed = rig.events(RESUMED)[0]
    assert resumed.data == {"cause": "door", "from_us": swiped_us - 4 * SECOND}
    assert resumed.stamp.wall_us <= swiped_us + SECOND // 10
    rows = rig.rows()
    assert [row.start_us - begun_us for row in rows if row.start_us < begun_us + 25 * SECOND] == [
        n * SECOND for n in (0, 2, 4, 11, 13, 15, 17, 19)
    ]
    assert [event.data["cause"] for event in rig.events(PAUSED)] == ["quiet", "quiet"]
    assert rig.events(GAP) == []


def test_a_swipe_wakes_all_cameras(rig: Any, door: Journal, film: Any, now: Any, scripted: Any) -> None:
    """Both wait for it at their hundred and fiftieth picture, since both move the one clock of the test."""
    standing: list[str] = []
    swiped = threading.Event()

    def meet() -> None:
        standing.append("here")
        if len(standing) == 2:
            swipe(rig, door)()
            swiped.set()
        assert swiped.wait(20)

    rig.cameras = {
        camera: rig.once(scripted(film, now, between=at(150, meet))) for camera in ("entrance", "hall")
    }
    with rig.running():
        rig.wait(EventType.CAMERA_LOST, count=2)
    resumed = {event.subject for event in rig.events(RESUMED) if event.data["cause"] == "door"}
    assert resumed == {"entrance", "hall"}


def test_a_swipe_while_the_camera_is_away_is_in_its_gap_and_recorded_from_its_return(
    rig: Any, door: Journal, film: Any, now: Any, scripted: Any
) -> None:
    away = rig.once(scripted(film, now, lost_after=100), scripted(film, now, lost_after=100))
    opened: list[int] = []

    def open_camera() -> Any:
        opened.append(now.wall_us)
        if len(opened) in (2, 3):
            now.sleep(30)
            swipe(rig, door)()
            now.sleep(0.5)
            raise DeviceLost("no route")
        return away()

    rig.cameras = {"entrance": open_camera}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST, count=2)
        rig.until(lambda: now.sleep(0.1) or rig.events(EventType.CLIP_RECORDED), bool)
    (gap,) = rig.events(GAP)
    lost_us, found_us = opened[1], opened[3]
    assert gap.data["cause"] == "camera_lost"
    assert lost_us - gap.data["from_us"] <= SECOND // 5
    assert found_us <= gap.data["to_us"] <= found_us + SECOND
    starts = [row.start_us for row in rig.rows()]
    assert lost_us - 4 * SECOND in starts  # what came last before it was lost
    assert gap.data["to_us"] in starts  # and all from when it was back
    (clip,) = rig.events(EventType.CLIP_RECORDED)  # of the second swipe; of the first there is no picture
    assert clip.data["start_us"] == gap.data["to_us"]


def test_what_is_off_is_off_also_over_a_restart(
    rig: Any, door: Journal, film: Any, now: Any, scripted: Any
) -> None:
    rig.modes = ModeRules(Mode.ACTIVITY, {hours.Mode.STAFFED: Mode.OFF}, lambda _: hours.Mode.STAFFED)
    for run in (1, 2):
        rig.cameras = {"entrance": rig.once(scripted(film, now, between=at(150, swipe(rig, door))))}
        with rig.running():
            rig.wait(EventType.CAMERA_LOST, count=run)
        now.sleep(100)
    assert rig.files() == set()
    assert [event.data["cause"] for event in rig.events(PAUSED)] == ["off"] * 2  # once in each run
    assert rig.events(GAP, RESUMED) == []


def test_a_restart_records_until_it_is_known_to_be_quiet(
    rig: Any, door: Journal, film: Any, now: Any, scripted: Any
) -> None:
    """What was kept in memory is written before, so that all that is missing is the restart itself."""
    for run in (1, 2):
        rig.cameras = {"entrance": rig.once(scripted(film, now, lost_after=100))}
        with rig.running():
            rig.wait(EventType.CAMERA_LOST, count=run)
        now.sleep(3)
    (gap,) = rig.events(GAP)
    rows = [(row.start_us, row.end_us) for row in rig.rows()]
    assert gap.data["from_us"] in [end_us for _, end_us in rows]
    assert gap.data["to_us"] in [start_us for start_us, _ in rows]
    assert gap.data["cause"] == "service_stopped"
    assert [event.data["cause"] for event in rig.events(PAUSED, RESUMED)] == ["quiet", "camera_lost"] * 2
