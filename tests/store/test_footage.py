from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.store.engine import DatabaseDamaged, DatabaseUnusable
from controller.store.footage import Clip, Footage, FootageReader, Segment, SegmentState
from controller.store.owner import move_aside

MINUTE_US = 60_000_000
START_US = 1_795_219_200_000_000


def segment(minute: int, camera: str = "entrance") -> Segment:
    name = f"{camera}/{minute}.mp4"
    start_us = START_US + minute * MINUTE_US
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    return Segment(
        identity, camera, name, start_us, start_us + MINUTE_US, minute, "boot-1", True, 1000, bytes(32)
    )


def clip(minute: int, minutes: int, camera: str = "entrance") -> Clip:
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{camera}{minute}"))
    start_us = START_US + minute * MINUTE_US
    return Clip(identity, camera, "door", minute + 1, identity, start_us, start_us + minutes * MINUTE_US)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recorder" / "footage.db"


@pytest.fixture
def footage(path: Path) -> Iterator[Footage]:
    opened = Footage.open(path)
    for minute in range(5):
        opened.add_segment(segment(minute))
    opened.add_segment(replace(segment(2, "yard"), clock_trusted=False, recovered=True))
    yield opened
    opened.close()


@pytest.fixture
def reader(path: Path) -> Iterator[FootageReader]:
    opened = FootageReader(path)
    yield opened
    opened.close()


def test_before_the_recorder_has_begun_there_is_nothing(reader: FootageReader) -> None:
    assert reader.segments("entrance", 0, 2**60) == reader.deleting() == reader.clips() == []


def test_a_segment_is_read_as_it_was_written(footage: Footage, reader: FootageReader) -> None:
    expected = [replace(segment(2, "yard"), clock_trusted=False, recovered=True)]
    assert footage.segments("yard", 0, 2**60) == reader.segments("yard", 0, 2**60) == expected


def test_a_range_is_half_open(footage: Footage) -> None:
    found = footage.segments("entrance", START_US + MINUTE_US, START_US + 3 * MINUTE_US)
    assert found == [segment(1), segment(2)]
    assert footage.segments("entrance", START_US, START_US) == []


def test_what_ended_before_comes_oldest_first(footage: Footage) -> None:
    found = footage.ended_before(START_US + 2 * MINUTE_US + 1, 10)
    assert [one.name for one in found] == ["entrance/0.mp4", "entrance/1.mp4"]


def test_marks_are_seen_by_others_and_taken_back(footage: Footage, reader: FootageReader) -> None:
    ids = [segment(0).id, segment(1).id]
    footage.mark_deleting(ids)
    assert reader.deleting() == [replace(segment(n), state=SegmentState.DELETING) for n in (0, 1)]
    footage.unmark({segment(0).id})
    assert [one.id for one in reader.deleting()] == [segment(1).id]
    footage.unmark(set())


def test_a_dropped_segment_takes_clips_along_that_have_no_other(footage: Footage) -> None:
    footage.add_clip(clip(0, 1))
    footage.add_clip(clip(1, 2))
    footage.add_clip(clip(2, 1, "yard"))
    footage.drop([segment(0), segment(1)])
    assert footage.clips() == [clip(1, 2), clip(2, 1, "yard")]
    assert footage.by_ids([segment(0).id, segment(2).id]) == [segment(2)]
    footage.drop([])


def test_clips_are_found_by_camera_and_range(footage: Footage, reader: FootageReader) -> None:
    for one in (clip(0, 1), clip(3, 2), clip(2, 1, "yard")):
        footage.add_clip(one)
    assert footage.clips("entrance") == reader.clips("entrance") == [clip(0, 1), clip(3, 2)]
    assert footage.clips("entrance", START_US + MINUTE_US) == [clip(3, 2)]
    assert footage.clips(end_us=START_US + 3 * MINUTE_US) == [clip(0, 1), clip(2, 1, "yard")]


def test_rows_are_made_to_agree_with_the_folder(footage: Footage) -> None:
    footage.rebuild([segment(7)], {"entrance/0.mp4", "yard/2.mp4"})
    assert footage.names() == {f"entrance/{n}.mp4" for n in (1, 2, 3, 4, 7)}
    footage.rebuild([], set())
    assert len(footage.names()) == 5


def test_a_file_outside_the_folder_is_refused(footage: Footage) -> None:
    for name in ("/etc/passwd", "../up.mp4"):
        with pytest.raises(DatabaseUnusable, match="CHECK"):
            footage.add_segment(replace(segment(8), name=name))


def test_a_damaged_database_is_reported_moved_aside_and_begun_anew(footage: Footage, path: Path) -> None:
    footage.close()
    path.write_bytes(b"damage" * 2000)
    with pytest.raises(DatabaseDamaged):
        Footage.open(path)
    assert move_aside(path).name == "footage.db.damaged-1"
    again = Footage.open(path)
    assert again.names() == set()
    again.close()
