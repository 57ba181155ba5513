"""The recorder as a whole: scripted cameras, a manual clock, real files and databases."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from controller.core.event import Event, EventType, NewEvent
from controller.core.hold import DAY_US
from controller.store.engine import DatabaseUnusable
from controller.store.footage import Footage
from controller.store.journal import Journal, JournalUnavailable

SECOND = 1_000_000
LIMIT_S = 20


def test_footage_gets_rows_and_a_stopped_run_leaves_a_gap(
    rig: Any, video: Any, now: Any, scripted: Any
) -> None:
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
    rows = rig.rows()
    assert [row.end_us - row.start_us for row in rows] == [2 * SECOND, 2 * SECOND, round(1.9 * SECOND)]
    assert {row.name for row in rows} == rig.files()
    kinds = [event.type for event in rig.events()]
    assert kinds[0] is EventType.SERVICE_STARTED
    assert kinds[-1] is EventType.SERVICE_STOPPED

    now.sleep(100)
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        (gap,) = rig.wait(EventType.RECORDING_GAP)
    assert gap.data["cause"] == "service_stopped"
    assert gap.data["from_us"] == rows[-1].end_us
    assert gap.data["to_us"] == rig.rows()[3].start_us


def test_what_a_killed_run_left_is_repaired_before_recording(
    rig: Any, video: Any, now: Any, scripted: Any
) -> None:
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
    before = rig.rows()
    # As after a power cut: the last segment has neither its name nor its row.
    whole = rig.folder / before[-1].name
    content = whole.read_bytes()
    whole.with_name(whole.name + ".part").write_bytes(content[: len(content) - 100])
    whole.unlink()
    footage = Footage.open(rig.root / "footage.db")
    footage.drop([before[-1]])
    footage.close()
    with rig.running():
        rig.wait(EventType.SERVICE_STARTED, count=2)
        rig.until(rig.rows, lambda rows: len(rows) == 3)
    after = rig.rows()
    assert after[:2] == before[:2]
    assert (after[2].id, after[2].recovered) == (before[2].id, True)
    assert after[2].end_us - after[2].start_us in (SECOND, 2 * SECOND)


def test_a_file_that_has_vanished_is_a_gap(rig: Any, video: Any, now: Any, scripted: Any) -> None:
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
    rows = rig.rows()
    for row in rows[:2]:
        (rig.folder / row.name).unlink()
    with rig.running():
        (gap,) = rig.wait(EventType.RECORDING_GAP)
    assert gap.data == {
        "camera": "entrance",
        "cause": "file_missing",
        "from_us": rows[0].start_us,
        "to_us": rows[1].end_us,
    }
    assert rig.rows() == rows[2:]


def test_a_damaged_footage_db_is_rebuilt_from_the_folder(
    rig: Any, video: Any, now: Any, scripted: Any
) -> None:
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
    before = rig.rows()
    for file in rig.root.glob("footage.db*"):
        file.unlink()
    with rig.running():
        rig.until(rig.rows, lambda rows: len(rows) == 3)
    assert [(r.id, r.sha256, r.start_us, r.boot_id) for r in rig.rows()] == [
        (r.id, r.sha256, r.start_us, r.boot_id) for r in before
    ]


def test_a_swipe_at_the_door_becomes_a_clip(rig: Any, video: Any, now: Any, scripted: Any) -> None:
    door = Journal.open(rig.root / "door.db", service="door", stamp=now())
    ids: list[str] = []

    def swipe(number: int) -> None:
        if number == 25:
            (granted,) = door.append([NewEvent(EventType.ACCESS_GRANTED, "front", now())])
            ids.append(granted.id)

    rig.cameras = {"entrance": rig.once(scripted(video, now, between=swipe))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
        rig.until(lambda: now.sleep(0.1) or rig.events(EventType.CLIP_RECORDED), bool)
    (told,) = rig.events(EventType.CLIP_RECORDED)
    assert told.data["cause"] == ids[0]
    assert told.data["cause_journal"] == door.journal_id
    assert told.data["length_ms"] == 2_000
    door.close()
    with rig.running():  # a restart announces nothing again
        rig.wait(EventType.SERVICE_STARTED, count=2)
        now.sleep(100)
        rig.go_round()
    assert len(rig.events(EventType.CLIP_RECORDED)) == 1


def test_due_footage_goes_before_the_first_picture_and_without_any_camera(rig: Any) -> None:
    due, young = rig.plant(15 * DAY_US), rig.plant(9 * DAY_US)
    with rig.running():
        rig.wait(EventType.DISPOSAL_CERTIFICATE)
    assert rig.files() == {young}
    assert due not in rig.files()


def test_nothing_is_destroyed_on_the_word_of_an_untrusted_clock(rig: Any, now: Any) -> None:
    rig.plant(31 * DAY_US)
    now.trusted = False
    with rig.running():
        rig.wait(EventType.SERVICE_STARTED)
        rig.go_round()
        assert len(rig.files()) == 1
        now.trusted = True  # and as soon as it is, the sweep does not wait for its hour
        rig.wait(EventType.DISPOSAL_CERTIFICATE)
    assert rig.files() == set()


def test_nothing_is_destroyed_after_a_jump_of_the_clock_until_it_has_stood_a_day(rig: Any, now: Any) -> None:
    with rig.running():
        rig.wait(EventType.SERVICE_STARTED)
    rig.plant(0)
    now.wall_us += 40 * DAY_US
    for _ in range(2):  # a restart is no corroboration
        with rig.running():
            rig.wait(EventType.SERVICE_STARTED)
            rig.go_round()
            now.sleep(3601)
            rig.go_round()
        assert len(rig.files()) == 1
    now.sleep(86_400)
    with rig.running():
        rig.wait(EventType.DISPOSAL_CERTIFICATE)
    assert rig.files() == set()


def test_the_sweep_comes_again_each_hour(rig: Any, now: Any) -> None:
    rig.plant(14 * DAY_US - 1800 * SECOND)
    with rig.running():
        rig.wait(EventType.SERVICE_STARTED)
        rig.go_round()
        assert len(rig.files()) == 1
        now.sleep(3601)
        rig.wait(EventType.DISPOSAL_CERTIFICATE)


class Unreadable:
    def __iter__(self) -> Iterator[Any]:
        raise DatabaseUnusable("registers.db: unreadable")


def test_holds_that_cannot_be_read_let_nothing_be_destroyed(rig: Any) -> None:
    rig.plant(31 * DAY_US)
    rig.holds = Unreadable()
    with rig.running():
        rig.wait(EventType.SERVICE_STARTED)
        rig.go_round()
        assert len(rig.files()) == 1
        rig.holds = []
        rig.now.sleep(61)
        rig.wait(EventType.DISPOSAL_CERTIFICATE)


def test_a_full_disk_first_loses_what_is_due_then_stops_recording_once_and_begins_again(
    rig: Any, video: Any, now: Any, scripted: Any
) -> None:
    playing = threading.Event()

    def pace(number: int) -> None:
        playing.set()
        time.sleep(0.005)

    endless = replace(video, packets=[*video.packets])
    rig.cameras = {"entrance": lambda: scripted(endless, now, between=pace)}
    with rig.running():
        assert playing.wait(LIMIT_S)
        rig.plant(15 * DAY_US)
        rig.free_mb = 900
        rig.wait(EventType.RECORDING_STOPPED)
        stopped_at = now.wall_us
        rig.go_round(20)
        assert now.wall_us - stopped_at < SECOND  # the camera plays no more
        rig.free_mb = 1040  # above the floor, and not yet enough
        now.sleep(60)
        rig.go_round()
        assert not rig.events(EventType.STORAGE_FREED)
        rig.free_mb = 1100
        rig.wait(EventType.STORAGE_FREED)
        rig.until(
            lambda: [e for e in rig.events(EventType.RECORDING_GAP) if e.data["cause"] == "storage_full"],
            bool,
        )
    assert [e.data for e in rig.events(EventType.STORAGE_FULL)] == [{"free_mb": 900}]
    assert [e.data for e in rig.events(EventType.RECORDING_STOPPED)] == [{"cause": "storage_full"}]


def test_a_disk_too_full_for_the_journal_is_told_once_there_is_room(
    rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refused = Journal.append, set[EventType]()

    def append(journal: Journal, events: Any) -> list[Event]:
        kind = events[0].type
        no_room = rig.free_mb < 1000 or (kind is EventType.STORAGE_FREED and kind not in refused)
        if no_room and kind is not EventType.SERVICE_STARTED:
            refused.add(kind)
            raise JournalUnavailable("disk full")
        return real(journal, events)

    monkeypatch.setattr(Journal, "append", append)
    with rig.running() as recorder:
        rig.until(lambda: recorder._parts.keeper._next_check_us, bool)  # the start is over
        rig.free_mb = 900
        rig.until(lambda: EventType.STORAGE_FULL in refused, bool)
        rig.free_mb = 2000
        rig.wait(EventType.STORAGE_FULL)
        rig.now.sleep(60)
        rig.wait(EventType.STORAGE_FREED)
        rig.until(recorder._parts.keeper._allowed.is_set, bool)
    assert refused == {EventType.STORAGE_FULL, EventType.STORAGE_FREED}
    assert [event.data for event in rig.events(EventType.STORAGE_FULL)] == [{"free_mb": 900}]


def test_no_room_at_start_records_nothing_and_still_destroys(
    rig: Any, video: Any, now: Any, scripted: Any
) -> None:
    rig.plant(15 * DAY_US)
    rig.free_mb = 10
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        rig.wait(EventType.RECORDING_STOPPED)
        rig.go_round()
    assert rig.files() == set()
    kinds = [e.type for e in rig.events()]
    assert EventType.CAMERA_FOUND not in kinds
    assert kinds.index(EventType.DISPOSAL_CERTIFICATE) < kinds.index(EventType.RECORDING_STOPPED)


def test_a_journal_that_fails_for_a_while_loses_nothing(
    rig: Any, video: Any, now: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failing = Journal.append, threading.Event()

    def append(journal: Journal, events: Any) -> list[Event]:
        if failing.is_set():
            raise JournalUnavailable("disk full")
        return real(journal, events)

    monkeypatch.setattr(Journal, "append", append)
    rig.cameras = {
        "entrance": rig.once(scripted(video, now, between=lambda n: failing.set() if n == 0 else None))
    }
    with rig.running():
        rig.until(rig.files, lambda files: len(files) == 3)
        rig.go_round()
        failing.clear()
        rig.wait(EventType.CAMERA_LOST)
    kinds = [event.type for event in rig.events()]
    assert kinds == [
        EventType.SERVICE_STARTED,
        EventType.CAMERA_FOUND,
        EventType.CAMERA_MEASURED,
        EventType.CAMERA_LOST,
        EventType.SERVICE_STOPPED,
    ]
    assert len(rig.rows()) == 3
    assert uuid.UUID(rig.rows()[0].id)
