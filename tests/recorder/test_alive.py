"""The mark of a recorder that runs, and what it spares after a crash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from controller.core.event import EventType, NewEvent
from controller.recorder.alive import EVERY_US, Alive
from controller.recorder.capture.mode import Mode, ModeRules
from controller.store.journal import Journal

SECOND = 1_000_000


def test_it_is_marked_now_and_then(tmp_path: Path, now: Any) -> None:
    alive = Alive(tmp_path / "alive")
    assert alive.last_us() is None
    alive.mark(now())
    first_us = now.wall_us
    now.sleep(EVERY_US / SECOND - 1)
    alive.mark(now())
    assert alive.last_us() == first_us
    now.sleep(1)
    alive.mark(now())
    assert Alive(tmp_path / "alive").last_us() == now.wall_us


def test_a_folder_that_takes_nothing_is_no_harm(tmp_path: Path, now: Any) -> None:
    Alive(tmp_path / "gone" / "alive").mark(now())


def test_of_a_quiet_night_before_a_crash_only_the_end_is_missing(
    rig: Any, video: Any, now: Any, scripted: Any
) -> None:
    """Nothing happened, so nothing was journalled for hours; then the power failed."""
    journal = Journal.open(rig.root / "recorder.db", service="recorder", stamp=now())
    paused = NewEvent(EventType.RECORDING_PAUSED, "entrance", now(), {"cause": "quiet"})
    journal.append([NewEvent(EventType.SERVICE_STARTED, "recorder", now()), paused])
    journal.close()
    now.sleep(6 * 3600)
    Alive(rig.root / "alive").mark(now())
    marked_us = now.wall_us
    now.sleep(20)
    rig.modes = ModeRules(Mode.ACTIVITY)
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        (gap,) = rig.wait(EventType.RECORDING_GAP)
        (resumed,) = rig.wait(EventType.RECORDING_RESUMED)
    assert (gap.data["from_us"], gap.data["to_us"]) == (marked_us, marked_us + 20 * SECOND)
    assert gap.data["cause"] == "service_died"
    assert resumed.data == {"cause": "camera_found", "from_us": marked_us + 20 * SECOND}
