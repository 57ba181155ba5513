"""What a dashboard is told of the cameras and of the room for footage."""

from __future__ import annotations

import pytest

from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.core.states.camera import CameraState
from controller.core.states.footage import FootageState

STAMP = Stamp(1_795_284_245_000_000, 1, "boot", True)
FOUND, LOST = EventType.CAMERA_FOUND, EventType.CAMERA_LOST
PAUSED, RESUMED = EventType.RECORDING_PAUSED, EventType.RECORDING_RESUMED
WRONG, RIGHT = EventType.CAMERA_FAULT_STARTED, EventType.CAMERA_FAULT_ENDED
OF_ALL = {
    EventType.SERVICE_STARTED,
    EventType.SERVICE_STOPPED,
    EventType.RECORDING_STOPPED,
    EventType.STORAGE_FREED,
}


def event(type: EventType, seq: int = 1, subject: str = "entrance", **data: JsonValue) -> Event:
    return Event(seq, f"id-{seq}", type, STAMP, subject, data)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), "unknown"),
        ((FOUND,), "recording"),
        ((FOUND, LOST), "lost"),
        ((FOUND, LOST, FOUND), "recording"),
        ((FOUND, PAUSED), "paused"),
        ((FOUND, PAUSED, RESUMED), "recording"),
        ((PAUSED, FOUND), "paused"),
        ((FOUND, PAUSED, LOST), "lost"),
        ((FOUND, PAUSED, LOST, FOUND), "paused"),
        ((FOUND, PAUSED, LOST, RESUMED), "lost"),
        ((FOUND, EventType.RECORDING_STOPPED), "stopped"),
        ((LOST, EventType.RECORDING_STOPPED), "lost"),
        ((FOUND, EventType.RECORDING_STOPPED, EventType.STORAGE_FREED), "recording"),
        ((FOUND, EventType.SERVICE_STOPPED), "unknown"),
        ((FOUND, EventType.SERVICE_STARTED), "unknown"),
        ((FOUND, EventType.RECORDING_STOPPED, EventType.SERVICE_STARTED, FOUND), "recording"),
    ],
)
def test_what_it_records_is_what_the_journal_says_last(events: tuple[EventType, ...], expected: str) -> None:
    state = CameraState("entrance")
    for seq, type in enumerate(events, 1):
        state = state.after(event(type, seq, "recorder" if type in OF_ALL else "entrance"))
    assert state.said["recording"] == expected


@pytest.mark.parametrize("end", [EventType.RECORDING_GAP, FOUND])
def test_a_disk_that_fails_stops_the_camera_that_it_fails(end: EventType) -> None:
    state = CameraState("entrance").after(event(FOUND))
    assert state.after(event(EventType.RECORDING_STOPPED, 2, "hall", cause="disk_fault")) is state
    stopped = state.after(event(EventType.RECORDING_STOPPED, 2, cause="disk_fault"))
    assert stopped.recording == "stopped"
    assert stopped.after(event(end, 3)).recording == "recording"
    assert state.after(event(EventType.RECORDING_GAP, 3)) is state


def test_what_the_policy_forbids_is_stopped_until_the_recorder_starts_again() -> None:
    state = CameraState("entrance").after(event(EventType.SERVICE_STARTED, 1, "recorder"))
    state = state.after(event(EventType.RECORDING_STOPPED, 2, "recorder", cause="policy", reasons=["draft"]))
    assert state.recording == "stopped"
    assert state.after(event(EventType.STORAGE_FREED, 3, "recorder")).recording == "stopped"
    assert state.after(event(EventType.SERVICE_STOPPED, 3, "recorder")).recording == "unknown"
    again = state.after(event(EventType.SERVICE_STARTED, 3, "recorder")).after(event(FOUND, 4))
    assert again.recording == "recording"


def test_faults_last_until_they_end_also_over_a_restart() -> None:
    state = CameraState("entrance")
    for fault in ("moved", "dark"):
        state = state.after(event(WRONG, fault=fault))
    assert state.said["faults"] == ["dark", "moved"]
    state = state.after(event(RIGHT, 3, fault="dark"))
    assert state.faults == {"moved"}
    assert state.after(event(EventType.SERVICE_STARTED, 4, "recorder")).faults == {"moved"}


def test_what_happens_to_another_camera_changes_nothing() -> None:
    state = CameraState("entrance").after(event(FOUND))
    for type in (LOST, PAUSED, WRONG):
        assert state.after(event(type, 2, "hall", fault="dark")) is state


def test_room_for_footage() -> None:
    state = FootageState()
    told = state.said
    assert (told["full"], told["days_left"], told["overdue"], state.stamp) == (False, None, 0, None)
    state = state.after(event(EventType.STORAGE_FORECAST, 1, days_left=3))
    state = state.after(event(EventType.STORAGE_FULL, 2))
    state = state.after(event(EventType.RETENTION_OVERDUE, 3, category="footage", count=7))
    told = state.said
    assert (told["full"], told["days_left"], told["overdue"], state.seq) == (True, 3, 7, 3)
    state = state.after(event(EventType.STORAGE_FREED, 4)).after(
        event(EventType.DISPOSAL_CERTIFICATE, 5, category="footage")
    )
    assert (state.full, state.overdue) == (False, 0)
    failed = state.after(event(EventType.RETENTION_OVERDUE, 6, category="footage", count=2))
    assert failed.after(event(EventType.RETENTION_HELD, 7, category="device_events")).overdue == 2
    assert failed.after(event(EventType.RETENTION_HELD, 7, category="footage", count=2)).overdue == 0
    assert state.after(event(EventType.MOTION_STARTED, 6)) is state
