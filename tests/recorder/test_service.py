"""The whole recorder in this process: scripted cameras, a manual clock, real files and databases."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import Event, EventType, NewEvent
from controller.core.hold import DAY_US
from controller.core.retention import FootageRule
from controller.devices import DeviceLost
from controller.recorder import service
from controller.recorder.assembly import Plan, Stores, World, assemble
from controller.recorder.capture import camera_thread
from controller.recorder.capture.writing import Recording
from controller.recorder.clips.making import Margins
from controller.recorder.history import History
from controller.recorder.keeping import keeper
from controller.recorder.keeping.space import Floor
from controller.recorder.now import Now
from controller.recorder.segments.segment_name import SegmentName
from controller.recorder.service import Recorder
from controller.service import Notifier, Stop
from controller.store.engine import DatabaseUnusable
from controller.store.footage import Footage, Segment
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader

SECOND = 1_000_000
LIMIT_S = 20


class Rounds(Notifier):
    """Counts the watchdog's pings: the recorder sends one at the end of each of its rounds."""

    done = 0

    def watchdog(self) -> None:
        self.done += 1


class Rig:
    """Starts and stops recorders over one folder, as a machine does over its life."""

    def __init__(self, root: Path, now: Any) -> None:
        self.root, self.now = root, now
        self.folder = root / "footage"
        self.folder.mkdir()
        self.free_mb = 10_000
        self.cameras: dict[str, Callable[[], Any]] = {}
        self.holds: Any = []
        self.rounds = Rounds({})

    @contextmanager
    def running(self) -> Iterator[Recorder]:
        own = JournalReader(self.root / "recorder.db")
        door = JournalReader(self.root / "door.db")
        history = History.read(own)
        journal = Journal.open(self.root / "recorder.db", service="recorder", stamp=self.now())
        footage = Footage.open(self.root / "footage.db")
        stop = Stop()
        plan = Plan(
            folder=self.folder,
            recordings=[Recording(camera, self.folder, 2 * SECOND, False) for camera in self.cameras],
            rule=FootageRule(14),
            margins=Margins(SECOND, SECOND, 2 * SECOND, 14 * DAY_US),
            sweep_interval_us=3600 * SECOND,
            site="droitwich",
            clock_source="synchronised",
        )
        world = World(
            now=Now(self.now, lambda trusted: replace(self.now(), clock_trusted=trusted)),
            open_camera=self.cameras,
            holds=lambda: list(self.holds),
            floor=Floor(self.folder, 1000, lambda _: self.free_mb * 1_000_000),
            notifier=self.rounds,
            stop=stop,
            inbox=queue.SimpleQueue(),
        )
        recorder = assemble(plan, world, Stores(journal, footage, history, [door, own]))
        thread = threading.Thread(target=recorder.run)
        thread.start()
        try:
            yield recorder
        finally:
            stop.set()
            thread.join(LIMIT_S)
            assert not thread.is_alive()
            for opened in (journal, footage, own, door):
                opened.close()

    def events(self, *kinds: EventType) -> list[Event]:
        reader = JournalReader(self.root / "recorder.db")
        found = [event for event in reader.since(0) if not kinds or event.type in kinds]
        reader.close()
        return found

    def wait(self, *kinds: EventType, count: int = 1) -> list[Event]:
        return self.until(lambda: self.events(*kinds), lambda found: len(found) >= count)

    def until(self, look: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
        limit = time.monotonic() + LIMIT_S
        while not done(found := look()):
            assert time.monotonic() < limit, self.events()
            time.sleep(0.02)
        return found

    def go_round(self, times: int = 2) -> None:
        """Until the recorder has had the occasion to do whatever it would do by now: a whole round of it."""
        begun = self.rounds.done
        self.until(lambda: self.rounds.done, lambda done: done >= begun + times)

    def rows(self) -> list[Segment]:
        footage = Footage.open(self.root / "footage.db")
        found = footage.segments("entrance", 0, 2**60)
        footage.close()
        return found

    def plant(self, age_us: int) -> str:
        """A segment file of this age, without a row: a recorder finds it."""
        name = SegmentName("entrance", self.now.wall_us - age_us, 1, "earlier", True)
        path = self.folder / name.relative
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"not even video")
        return name.relative

    def files(self) -> set[str]:
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.mp4")}


@pytest.fixture
def rig(tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(camera_thread, "FIRST_RETRY_S", 0.02)
    monkeypatch.setattr(camera_thread, "LONGEST_RETRY_S", 0.02)
    monkeypatch.setattr(service, "POLL_S", 0.01)
    monkeypatch.setattr(keeper, "CHECK_US", 0)
    return Rig(tmp_path, now)


def once(*cameras: Any) -> Callable[[], Any]:
    """Opens these, one after the other, then nothing answers."""
    remaining = list(cameras)

    def open_camera() -> Any:
        if not remaining:
            raise DeviceLost("nothing answers")
        return remaining.pop(0)

    return open_camera


def test_footage_gets_rows_and_a_stopped_run_leaves_a_gap(
    rig: Rig, video: Any, now: Any, scripted: Any
) -> None:
    rig.cameras = {"entrance": once(scripted(video, now))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
    rows = rig.rows()
    assert [row.end_us - row.start_us for row in rows] == [2 * SECOND, 2 * SECOND, round(1.9 * SECOND)]
    assert {row.name for row in rows} == rig.files()
    kinds = [event.type for event in rig.events()]
    assert kinds[0] is EventType.SERVICE_STARTED
    assert kinds[-1] is EventType.SERVICE_STOPPED

    now.sleep(100)
    rig.cameras = {"entrance": once(scripted(video, now))}
    with rig.running():
        (gap,) = rig.wait(EventType.RECORDING_GAP)
    assert gap.data["cause"] == "service_stopped"
    assert gap.data["from_us"] == rows[-1].end_us
    assert gap.data["to_us"] == rig.rows()[3].start_us


def test_what_a_killed_run_left_is_repaired_before_recording(
    rig: Rig, video: Any, now: Any, scripted: Any
) -> None:
    rig.cameras = {"entrance": once(scripted(video, now))}
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


def test_a_file_that_has_vanished_is_a_gap(rig: Rig, video: Any, now: Any, scripted: Any) -> None:
    rig.cameras = {"entrance": once(scripted(video, now))}
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
    rig: Rig, video: Any, now: Any, scripted: Any
) -> None:
    rig.cameras = {"entrance": once(scripted(video, now))}
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


def test_a_swipe_at_the_door_becomes_a_clip(rig: Rig, video: Any, now: Any, scripted: Any) -> None:
    door = Journal.open(rig.root / "door.db", service="door", stamp=now())
    ids: list[str] = []

    def swipe(number: int) -> None:
        if number == 25:
            (granted,) = door.append([NewEvent(EventType.ACCESS_GRANTED, "front", now())])
            ids.append(granted.id)

    rig.cameras = {"entrance": once(scripted(video, now, between=swipe))}
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


def test_due_footage_goes_before_the_first_picture_and_without_any_camera(rig: Rig) -> None:
    due, young = rig.plant(15 * DAY_US), rig.plant(9 * DAY_US)
    with rig.running():
        rig.wait(EventType.DISPOSAL_CERTIFICATE)
    assert rig.files() == {young}
    assert due not in rig.files()


def test_nothing_is_destroyed_on_the_word_of_an_untrusted_clock(rig: Rig, now: Any) -> None:
    rig.plant(31 * DAY_US)
    now.trusted = False
    with rig.running():
        rig.wait(EventType.SERVICE_STARTED)
        rig.go_round()
        assert len(rig.files()) == 1
        now.trusted = True  # and as soon as it is, the sweep does not wait for its hour
        rig.wait(EventType.DISPOSAL_CERTIFICATE)
    assert rig.files() == set()


def test_nothing_is_destroyed_after_a_jump_of_the_clock_until_it_has_stood_a_day(rig: Rig, now: Any) -> None:
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


def test_the_sweep_comes_again_each_hour(rig: Rig, now: Any) -> None:
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


def test_holds_that_cannot_be_read_let_nothing_be_destroyed(rig: Rig) -> None:
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
    rig: Rig, video: Any, now: Any, scripted: Any
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
    rig: Rig, monkeypatch: pytest.MonkeyPatch
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
    rig: Rig, video: Any, now: Any, scripted: Any
) -> None:
    rig.plant(15 * DAY_US)
    rig.free_mb = 10
    rig.cameras = {"entrance": once(scripted(video, now))}
    with rig.running():
        rig.wait(EventType.RECORDING_STOPPED)
        rig.go_round()
    assert rig.files() == set()
    kinds = [e.type for e in rig.events()]
    assert EventType.CAMERA_FOUND not in kinds
    assert kinds.index(EventType.DISPOSAL_CERTIFICATE) < kinds.index(EventType.RECORDING_STOPPED)


def test_a_journal_that_fails_for_a_while_loses_nothing(
    rig: Rig, video: Any, now: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failing = Journal.append, threading.Event()

    def append(journal: Journal, events: Any) -> list[Event]:
        if failing.is_set():
            raise JournalUnavailable("disk full")
        return real(journal, events)

    monkeypatch.setattr(Journal, "append", append)
    rig.cameras = {
        "entrance": once(scripted(video, now, between=lambda n: failing.set() if n == 0 else None))
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
