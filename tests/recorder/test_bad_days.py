"""Clocks that lie, and files that are not what they were: nothing is lost, or destroyed too young.

Disks that fill or fail are in ``mounted/bad_disks.py``; the table of them all is in docs/footage.md.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import Event, EventType
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.footage.segment_name import SegmentName
from controller.recorder.segments import segment_writer
from controller.store.footage import Segment

SECOND, HOUR_US = 1_000_000, 3_600_000_000
PICTURES = 60
"""Of the scripted camera: six seconds."""
Pictures = Callable[[Path], list[int]]


def pictures(rig: Any, pictures_in: Pictures) -> int:
    """In all files of this boot, each decoded."""
    return sum(len(pictures_in(rig.folder / name)) for name in rig.files() if rig.now.boot_id in name)


def recorded(rig: Any, count: int = 1) -> list[Segment]:
    """Once so many connections are over, and what they recorded has its rows: these."""
    rig.wait(EventType.CAMERA_LOST, count=count)
    rows: list[Segment] = rig.until(
        rig.rows,
        lambda rows: {row.name for row in rows} == rig.files() and not list(rig.folder.rglob("*.part")),
    )
    return rows


def at(moment: str) -> int:
    return round(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * SECOND)


# --- clocks -----------------------------------------------------------------------------------------


def test_a_clock_at_1970(rig: Any, video: Any, now: Any, scripted: Any, pictures_in: Pictures) -> None:
    """Without a battery. What is recorded is dated once the time is known; nothing is destroyed before."""
    true_us = now.wall_us
    old = rig.plant(20 * DAY_US)
    now.wall_us, now.trusted = 3 * SECOND, False
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        rows = [row for row in recorded(rig) if not row.clock_trusted]
        assert [row.start_us // SECOND for row in rows] == [3, 5, 7]
        assert old in rig.files()
        now.wall_us, now.trusted = true_us, True
        rig.wait(EventType.DISPOSAL_CERTIFICATE)
    assert old not in rig.files()
    dated = rig.rows()
    assert [row.id for row in dated] == [row.id for row in rows]
    assert [now.wall_us - row.start_us for row in dated] == [now.mono_us - row.start_mono_us for row in rows]
    assert pictures(rig, pictures_in) == PICTURES


def test_a_clock_at_1970_that_is_believed_destroys_nothing(rig: Any, now: Any) -> None:
    young, old = rig.plant(1 * DAY_US), rig.plant(20 * DAY_US)
    now.wall_us = 3 * SECOND
    with rig.running():
        (overdue,) = rig.wait(EventType.RETENTION_OVERDUE)
    assert overdue.data["in_future"] == 2
    assert rig.files() == {young, old}


def test_a_clock_40_days_ahead_and_set_right_again(
    rig: Any, video: Any, now: Any, scripted: Any, pictures_in: Pictures
) -> None:
    young = rig.plant(1 * DAY_US)

    def lie(number: int) -> None:
        now.wall_us += {15: 40 * DAY_US, 35: -40 * DAY_US}.get(number, 0)

    rig.cameras = {"entrance": rig.once(scripted(video, now, between=lie))}
    with rig.running():
        rows = recorded(rig)
        assert max(row.end_us for row in rows) > now.wall_us + 39 * DAY_US
        now.sleep(3601)  # the next sweep dates anew what was recorded meanwhile
        rig.until(rig.rows, lambda rows: max(row.end_us for row in rows) <= now.wall_us)
    assert young in rig.files()
    ours = [row for row in rig.rows() if row.boot_id == now.boot_id]
    assert all(before.end_us <= after.start_us for before, after in pairwise(ours))
    assert pictures(rig, pictures_in) == PICTURES


@pytest.mark.parametrize("when", ["while recording", "between two runs"])
def test_a_clock_set_back_by_an_hour(
    rig: Any, video: Any, now: Any, scripted: Any, pictures_in: Pictures, when: str
) -> None:
    def set_back(number: int) -> None:
        if number == 15 and when == "while recording":
            now.wall_us -= HOUR_US

    for run in range(2):
        rig.cameras = {"entrance": rig.once(scripted(video, now, between=set_back))}
        with rig.running():
            recorded(rig, run + 1)
        now.wall_us -= HOUR_US if when == "between two runs" else 0
    assert pictures(rig, pictures_in) == 2 * PICTURES
    assert all(gap.data["to_us"] >= gap.data["from_us"] for gap in rig.events(EventType.RECORDING_GAP))
    assert not rig.events(EventType.DISPOSAL_STARTED)


@pytest.fixture
def _in_britain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/London")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_in_britain")
@pytest.mark.parametrize("change", ["2026-03-29T01:00:00", "2026-10-25T01:00:00"])
def test_the_night_in_which_the_clocks_change(
    rig: Any, video: Any, now: Any, scripted: Any, pictures_in: Pictures, change: str
) -> None:
    """An hour of local time that is not there, or there twice, is no hour of footage."""
    now.wall_us = at(change) - 3 * SECOND
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        rows = recorded(rig)
    assert pictures(rig, pictures_in) == PICTURES
    assert [row.start_us for row in rows[1:]] == [row.end_us for row in rows[:-1]]
    assert not rig.events(EventType.RECORDING_GAP)
    # The same local hour once more, an hour later.
    now.sleep(3600)
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        recorded(rig, 2)
    assert pictures(rig, pictures_in) == 2 * PICTURES
    # 14 days are 336 hours, whatever the clocks show.
    last = rig.rows()[-1]
    now.wall_us, now.boot_id = last.end_us + 14 * DAY_US - SECOND, "later"
    rig.cameras = {}
    with rig.running():
        now.sleep(86_400)
        rig.wait(EventType.DISPOSAL_CERTIFICATE)
        rig.until(rig.files, lambda files: not files)
    assert all(event.stamp.wall_us >= last.end_us for event in rig.events(EventType.DISPOSAL_CERTIFICATE))


# --- files --------------------------------------------------------------------------------------------


def test_files_that_are_not_ours_are_never_touched(rig: Any, video: Any, now: Any, scripted: Any) -> None:
    ours = SegmentName("entrance", now.wall_us - 20 * DAY_US, 1, "earlier", True)
    elsewhere = rig.root / "elsewhere.mp4"
    foreign = [
        elsewhere,
        rig.folder / "notes.txt",
        rig.folder / "entrance" / "holiday.mp4",
        rig.folder / "entrance" / "holiday.mp4.part",
        rig.folder / "Entrance" / ours.relative.split("/")[1],  # another camera's name in it
        rig.folder / "entrance" / "deeper" / ours.relative.split("/")[1],
    ]
    for file in foreign:
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text("mine")
    link = rig.folder / ours.relative
    link.symlink_to(elsewhere)
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    for _ in range(2):
        with rig.running():
            rig.wait(EventType.CAMERA_LOST)
            now.sleep(3601)
            rig.go_round()
    assert [file.read_text() for file in foreign] == ["mine"] * len(foreign)
    assert link.is_symlink()
    assert not rig.events(EventType.DISPOSAL_STARTED)


def test_a_deleted_index_is_built_again_and_destroys_only_what_it_should(rig: Any, now: Any) -> None:
    due, held, young = rig.plant(20 * DAY_US), rig.plant(19 * DAY_US), rig.plant(9 * DAY_US)
    start_us = now.wall_us - 19 * DAY_US
    scope = Scope(Category.FOOTAGE, "droitwich", "entrance", start_us, start_us + 1)
    rig.holds = [Hold("a", "police", "CR/1", scope, now.wall_us, now.wall_us)]
    with rig.running():
        rig.wait(EventType.DISPOSAL_CERTIFICATE)
    assert rig.files() == {held, young}
    before = rig.rows()
    for file in rig.root.glob("footage.db*"):
        file.unlink()
    again = rig.plant(18 * DAY_US)
    with rig.running():
        rig.wait(EventType.DISPOSAL_CERTIFICATE, count=2)
    assert rig.files() == {held, young}
    assert {due, again}.isdisjoint(rig.files())
    assert [(row.id, row.camera, row.start_us) for row in rig.rows()] == [
        (row.id, row.camera, row.start_us) for row in before
    ]


def test_an_index_deleted_while_it_is_in_use_is_built_again_at_the_next_start(
    rig: Any, video: Any, now: Any, scripted: Any, pictures_in: Pictures
) -> None:
    def delete(number: int) -> None:
        if number == 30:
            for file in rig.root.glob("footage.db*"):
                file.unlink()

    rig.cameras = {"entrance": rig.once(scripted(video, now, between=delete))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
    with rig.running():
        rig.wait(EventType.SERVICE_STARTED, count=2)
        rows = rig.until(rig.rows, lambda rows: len(rows) == 3)
    assert {row.name for row in rows} == rig.files()
    assert pictures(rig, pictures_in) == PICTURES


@pytest.mark.parametrize("place", range(0, 24, 3))
def test_a_flipped_byte_in_the_index_never_keeps_the_recorder_from_starting(
    rig: Any, video: Any, now: Any, scripted: Any, place: int
) -> None:
    """Spread over the whole file. The files stay, and their rows are there or are built again."""
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        recorded(rig)
    files = rig.files()
    database = rig.root / "footage.db"
    content = bytearray(database.read_bytes())
    content[len(content) * place // 24 + 7] ^= 0x10
    database.write_bytes(content)
    rig.cameras = {}
    with rig.running():
        rig.wait(EventType.SERVICE_STARTED, count=2)
    assert rig.files() == files
    assert {row.name for row in rig.rows()} == files


@pytest.mark.parametrize("call", ["fdatasync", "fsync", "rename", "open"])
def test_an_io_error_costs_a_segment_and_is_told(
    rig: Any, video: Any, now: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Whichever call fails: recording goes on, what was written before is kept, and the gap is journalled."""
    broken = [OSError(errno.EIO, "Input/output error")]
    owner = Path if call == "rename" else segment_writer.os
    real: Any = getattr(owner, call)

    def fail(*arguments: Any, **named: Any) -> Any:
        about_footage = any(".mp4" in str(one) for one in arguments) or call in ("fdatasync", "fsync")
        if broken and about_footage and rig.rows_seen:
            raise broken.pop()
        return real(*arguments, **named)

    def begin(number: int) -> None:
        rig.rows_seen = number >= 15

    rig.rows_seen = False
    monkeypatch.setattr(owner, call, fail)
    rig.cameras = {"entrance": rig.once(*(scripted(video, now, between=begin) for _ in range(2)))}
    with rig.running():
        rig.until(lambda: rig.files(), lambda files: len(files) >= 4)
        gaps: list[Event] = rig.wait(EventType.RECORDING_GAP)
    assert not broken
    assert gaps[0].data["cause"] == "disk_fault"
    assert [event.data for event in rig.events(EventType.RECORDING_STOPPED)] == [{"cause": "disk_fault"}]
    assert not list(rig.folder.rglob("*.part"))
    assert {row.name for row in rig.rows()} == rig.files()
