from __future__ import annotations

import uuid
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.core.camera_health import Fault
from controller.core.event import Event, EventType, NewEvent
from controller.core.hold import DAY_US
from controller.recorder import history
from controller.recorder.happenings import GapCause, Reason
from controller.recorder.history import History
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader


def events(now: Any, *kinds: EventType | tuple[EventType, dict[str, Any]]) -> list[Event]:
    found = []
    for seq, kind in enumerate(kinds, 1):
        now.sleep(1)
        type_, data = kind if isinstance(kind, tuple) else (kind, {})
        found.append(Event(seq, str(uuid.UUID(int=seq)), type_, now(), "recorder", data))
    return found


def test_a_first_start_knows_nothing(tmp_path: Path) -> None:
    history = History.read(JournalReader(tmp_path / "journal.db"))
    assert (history.unfinished, history.announced, history.last_trusted_wall_us) == ((), frozenset(), None)


def test_a_run_that_ended_tells_whether_it_was_told_to(now: Any) -> None:
    started, stopped = EventType.SERVICE_STARTED, EventType.SERVICE_STOPPED
    assert History.of(events(now, started, stopped)).gap_cause is GapCause.SERVICE_STOPPED
    assert History.of(events(now, started, stopped, started)).gap_cause is GapCause.SERVICE_DIED


def test_a_disposal_of_events_is_not_for_footage_to_finish(now: Any) -> None:
    past = events(now, (EventType.DISPOSAL_STARTED, {"category": "device_events", "event_seqs": []}))
    assert History.of(past).unfinished == ()


def test_a_disposal_without_certificate_is_unfinished(now: Any) -> None:
    begun, done = (
        (EventType.DISPOSAL_STARTED, {"category": "footage", "media": []}),
        EventType.DISPOSAL_CERTIFICATE,
    )
    past = events(now, begun, begun, (done, {"started": str(uuid.UUID(int=1))}))
    assert History.of(past).unfinished == (past[1],)


def test_it_knows_which_clips_were_announced_and_the_last_trusted_time(now: Any) -> None:
    past = events(now, (EventType.CLIP_RECORDED, {"clip": "a"}))
    last_us = now.wall_us
    now.trusted = False
    past += events(now, EventType.CAMERA_LOST)
    history = History.of(past)
    assert (history.announced, history.last_trusted_wall_us) == (frozenset({"a"}), last_us)


def test_a_jump_of_the_clock_before_a_restart_is_remembered(now: Any) -> None:
    past = events(now, EventType.SERVICE_STARTED)
    now.wall_us += 40 * 86_400_000_000
    past += events(now, EventType.SERVICE_STOPPED)
    assert not History.of(past).guard.steady(now())


def test_it_knows_which_cameras_were_paused_and_until_when_that_is_known(now: Any) -> None:
    def of(camera: str, *kinds: Any) -> list[Event]:
        return [replace(event, subject=camera) for event in events(now, *kinds)]

    resumed = (EventType.RECORDING_RESUMED, {"cause": "door", "from_us": 77})
    past = [
        *of("entrance", (EventType.RECORDING_PAUSED, {"cause": "quiet"})),
        *of("hall", (EventType.RECORDING_PAUSED, {"cause": "off"})),
        *of("yard", (EventType.RECORDING_PAUSED, {"cause": "quiet"}), resumed),
    ]
    history = History.of(past)
    assert history.paused == {"entrance": Reason.QUIET, "hall": Reason.OFF}
    assert history.accounted_us == {"entrance": now.wall_us, "hall": now.wall_us, "yard": 77}


def test_it_knows_the_faults_that_have_not_ended(now: Any) -> None:
    started, ended = EventType.CAMERA_FAULT_STARTED, EventType.CAMERA_FAULT_ENDED
    past = [
        replace(event, subject=subject)
        for event, subject in zip(
            events(
                now,
                (started, {"fault": "moved"}),
                (started, {"fault": "dark"}),
                (started, {"fault": "moved"}),
                (ended, {"fault": "moved"}),
                (started, {"fault": "of a later version"}),
            ),
            ["entrance", "entrance", "yard", "entrance", "yard"],
            strict=True,
        )
    ]
    assert History.of(past).faults == {"entrance": {Fault.DARK}, "yard": {Fault.MOVED}}


def test_what_lasts_is_known_however_much_was_journalled_since(
    tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera that was covered for weeks is not told of again after a restart."""
    monkeypatch.setattr(history, "LOOK_BACK", 3)
    path = tmp_path / "journal.db"
    with closing(Journal.open(path, service="recorder", stamp=now())) as journal:
        for kind, subject, data in (
            (EventType.CAMERA_FAULT_STARTED, "entrance", {"fault": "covered"}),
            (EventType.CAMERA_FAULT_STARTED, "yard", {"fault": "dark"}),
            (EventType.RECORDING_PAUSED, "hall", {"cause": "off"}),
            (EventType.RECORDING_PAUSED, "yard", {"cause": "quiet"}),
            (EventType.RECORDING_RESUMED, "yard", {"cause": "door", "from_us": 77}),
            (EventType.CAMERA_LOST, "yard", {}),
            (EventType.CAMERA_FOUND, "yard", {}),
            (EventType.CAMERA_FAULT_ENDED, "yard", {"fault": "dark"}),
        ):
            journal.append([NewEvent(kind, subject, now(), data)])
    found = History.read(JournalReader(path), ["entrance", "hall", "yard"])
    assert found.faults == {"entrance": {Fault.COVERED}, "yard": frozenset()}
    assert found.paused == {"hall": Reason.OFF}


def test_no_flood_of_events_hides_that_the_clock_jumped(
    tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "LOOK_BACK", 3)
    monkeypatch.setattr(history, "STRIDE", 5)
    path = tmp_path / "journal.db"
    with closing(Journal.open(path, service="recorder", stamp=now())) as journal:
        journal.append([NewEvent(EventType.CAMERA_LOST, "yard", now())])
        now.wall_us += 40 * DAY_US
        for _ in range(40):
            now.sleep(60)
            journal.append([NewEvent(EventType.CAMERA_FOUND, "yard", now())])
    assert not History.read(JournalReader(path)).guard.steady(now())
    now.sleep(24 * 3600)
    assert History.read(JournalReader(path)).guard.steady(now())
