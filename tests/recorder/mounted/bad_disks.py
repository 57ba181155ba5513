"""The recorder on file systems that are mounted for it. Run by ``test_real_disks``."""

from __future__ import annotations

import subprocess
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import EventType, NewEvent
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.devices import VideoPacket
from controller.footage.segment_name import SegmentName
from controller.recorder.keeping.space import Floor
from controller.store.footage import Footage, Segment
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader
from controller.store.registers import Registers
from controller.store.reserve import Reserve
from controller.store.verify import verify

MB, SECOND = 1_000_000, 1_000_000
FILLER = b"\0\0\0\1\x0c" + b"\xff" * 100_000 + b"\x80"
"""A unit of H.264 that every decoder passes over: it makes a picture as large as those of a good camera."""


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """50 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=50m", "none", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Endless:
    """Plays the same pictures for ever, a tenth of a second apart on the manual clock; large while fat."""

    def __init__(self, video: Any, now: Any, fat: threading.Event) -> None:
        self.format = video.format
        self._packets = video.packets
        self._now, self._fat = now, fat
        self._closed = threading.Event()

    def packets(self) -> Iterator[VideoPacket]:
        for number in count():
            if self._closed.wait(0.005):
                return
            played = self._packets[number % len(self._packets)]
            stamp = number * 9_000
            payload = played.payload + (FILLER if self._fat.is_set() else b"")
            yield replace(played, payload=payload, pts=stamp, dts=stamp)
            self._now.sleep(0.1)

    def close(self) -> None:
        self._closed.set()


def plant(rig: Any, age_us: int, size: int = MB) -> Segment:
    """A whole segment with its row, whose last picture is this old."""
    start_us = rig.now.wall_us - age_us - 60 * SECOND
    name = SegmentName("entrance", start_us, 1, "earlier", True)
    path = rig.folder / name.relative
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(size))
    segment = Segment(
        name.segment_id, "entrance", name.relative, start_us, start_us + 60 * SECOND, 1, "earlier",
        True, size, bytes(32),
    )  # fmt: skip
    footage = Footage.open(rig.root / "footage.db")
    footage.add_segment(segment)
    footage.close()
    return segment


def hold_on(segment: Segment, now_us: int) -> Hold:
    scope = Scope(Category.FOOTAGE, "droitwich", None, segment.start_us, segment.end_us)
    return Hold(str(uuid.uuid4()), "police", "CR/1", scope, now_us, now_us + DAY_US)


def fill(folder: Path) -> Path:
    """Somebody else takes all the room there is."""
    path = folder / "somebody-elses"
    with path.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return path


def test_a_disk_that_fills(rig: Any, small_disk: Path, video: Any, now: Any) -> None:
    rig.root, rig.folder = small_disk, small_disk / "footage"
    rig.folder.mkdir()
    rig.floor = Floor(rig.folder, 8)
    rig.reserve = Reserve(small_disk / "reserve", 2 * MB)
    soon_due = [plant(rig, 14 * DAY_US - 5 * SECOND - n * SECOND) for n in range(5)]
    held, young = plant(rig, 20 * DAY_US), plant(rig, 10 * DAY_US)
    late = plant(rig, 14 * DAY_US - 3000 * SECOND)  # due while the disk is full
    rig.holds = [hold_on(held, now.wall_us)]
    fat = threading.Event()
    fat.set()
    rig.cameras = {"entrance": lambda: Endless(video, now, fat)}
    door = Journal.open(
        small_disk / "door.db", service="door", stamp=now(), reserve=Reserve(small_disk / "door-reserve", MB)
    )
    with rig.running():
        # What came to be due since the last sweep goes first, before its hour; then recording stops.
        rig.wait(EventType.STORAGE_FULL)
        fat.clear()
        kinds = [event.type for event in rig.events()]
        assert kinds.index(EventType.DISPOSAL_CERTIFICATE) < kinds.index(EventType.STORAGE_FULL)
        assert now.wall_us < held.end_us + 20 * DAY_US + 3600 * SECOND
        assert not {segment.name for segment in soon_due} & rig.files()
        assert {held.name, young.name, late.name} <= rig.files()

        # Somebody else takes what was left. The door is journalled all the same, and a hold is placed.
        someone = fill(small_disk)
        for _ in range(20):
            door.append([NewEvent(EventType.ACCESS_GRANTED, "front", now())])
        registers = Registers.open(small_disk / "registers.db", door.reserve)
        registers.add_hold(rig.holds[0])
        registers.close()

        # And what falls due meanwhile is marked, destroyed and certified.
        fill(small_disk)
        now.sleep(3600)
        rig.until(rig.files, lambda files: late.name not in files)
        rig.wait(EventType.DISPOSAL_CERTIFICATE, count=2)
        assert {held.name, young.name} <= rig.files()
        rig.wait(EventType.STORAGE_RESERVE_USED)

        someone.unlink()
        now.sleep(60)
        rig.until(lambda: (now.sleep(1), rig.events(EventType.STORAGE_FREED))[1], bool)
        rig.until(
            lambda: [e for e in rig.events(EventType.RECORDING_GAP) if e.data["cause"] == "storage_full"],
            bool,
        )
        rig.wait(EventType.STORAGE_RESERVE_KEPT)
    assert door.checkpoint()
    door.append([NewEvent(EventType.DOOR_CLOSED, "front", now())])
    door.close()
    reader = JournalReader(small_disk / "door.db")
    told = [event.type for event in reader.since(0)]
    reader.close()
    assert told.count(EventType.ACCESS_GRANTED) == 20
    assert (told[0], told[-2]) == (EventType.STORAGE_RESERVE_USED, EventType.STORAGE_RESERVE_KEPT)
    assert verify(small_disk / "recorder.db").ok
    assert verify(small_disk / "door.db").ok
    assert not list(small_disk.rglob("*.part"))
    assert {row.name for row in rig.rows()} == rig.files()


def test_a_start_on_a_disk_that_is_full(small_disk: Path, now: Any) -> None:
    path = small_disk / "journal.db"

    def opened() -> Journal:
        return Journal.open(path, service="door", stamp=now(), reserve=Reserve(small_disk / "reserve", MB))

    opened().close()
    fill(small_disk)
    journal = opened()
    journal.append([NewEvent(EventType.SERVICE_STARTED, "door", now())])
    fill(small_disk)
    with pytest.raises(JournalUnavailable, match="full"):
        journal.append([NewEvent(EventType.DOOR_OPENED, "front", now())] * 100)
    journal.close()
    reader = JournalReader(path)
    assert [event.type for event in reader.since(0)] == [
        EventType.STORAGE_RESERVE_USED,
        EventType.SERVICE_STARTED,
    ]
    reader.close()


def test_a_disk_that_becomes_read_only(
    rig: Any, small_disk: Path, video: Any, now: Any, scripted: Any
) -> None:
    """The journals are on another one, as they should be."""
    rig.folder = small_disk
    rig.floor = Floor(rig.folder, 8)
    due, late = plant(rig, 15 * DAY_US), plant(rig, 14 * DAY_US - 600 * SECOND)
    lost = threading.Event()
    connections = count()

    def connect() -> Any:
        if next(connections) == 1:  # nothing is open for writing now, or the system would refuse
            mount("-o", "remount,ro", str(small_disk))
            lost.set()
        return scripted(video, now)

    rig.cameras = {"entrance": connect}
    with rig.running():
        assert lost.wait(20)
        assert due.name not in rig.files()
        recorded = rig.until(rig.rows, lambda rows: len(rows) == 4)
        (stopped,) = rig.wait(EventType.RECORDING_STOPPED)
        assert (stopped.subject, stopped.data) == ("entrance", {"cause": "disk_fault"})
        now.sleep(3600)  # the footage that fell due cannot be destroyed, and stays with its row
        (failed,) = rig.until(
            lambda: [e for e in rig.events(EventType.DISPOSAL_CERTIFICATE) if e.data["failed"]], bool
        )
        assert (failed.data["count"], failed.data["media"]) == (0, [])
        assert rig.rows() == recorded
        assert late.name in rig.files()
        mount("-o", "remount,rw", str(small_disk))
        rig.until(rig.rows, lambda rows: rows[-1].start_us > failed.stamp.wall_us)
        gaps = [event.data for event in rig.events(EventType.RECORDING_GAP)]
        assert recorded[-1].end_us in {gap["from_us"] for gap in gaps}
        now.sleep(3600)
        rig.until(rig.files, lambda files: late.name not in files)
