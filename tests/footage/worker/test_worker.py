"""Pictures and films made by a process of their own: what comes back, and what is told when nothing does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from controller.footage.export.verify import measure
from controller.footage.export.wanted import Wanted
from controller.footage.segment_name import SegmentName
from controller.footage.worker.client import Work, WorkFailed
from controller.footage.worker.job import FilmJob, Progress, SetUp, StillJob, dump_job, parse_job
from controller.recorder.books import row
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.store.footage import Segment

SECOND = 1_000_000
LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


@pytest.fixture
def segment(tmp_path: Path, hevc: Any, name: SegmentName) -> Segment:
    with SegmentWriter(tmp_path, name, hevc.format) as writer:
        for packet in hevc.packets:
            writer.write(packet)
        return row(writer.close(name.start_us + 6 * SECOND), recovered=False)


def pixels(png: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)


def test_a_still_is_the_picture_of_its_moment_with_masks_filled_in(tmp_path: Path, segment: Segment) -> None:
    picture = pixels(Work(StillJob(tmp_path / segment.name, 4_450_000, (LEFT_HALF,))).picture())
    assert picture.shape == (180, 320, 3)
    assert not picture[:, :158].any()
    columns = np.flatnonzero(picture[100, :, 1] > 180)
    assert columns.min() == pytest.approx(44 * 4, abs=3)  # the square is where it was in the 45th picture


def test_a_picture_to_set_up_a_camera_by_has_its_zones_and_masks(tmp_path: Path, segment: Segment) -> None:
    set_up = SetUp(((((0.6, 0.2), (0.9, 0.2), (0.9, 0.8), (0.6, 0.8)), 0),), "entrance  12:00")
    job = StillJob(tmp_path / segment.name, 4_450_000, (LEFT_HALF,), set_up)
    assert parse_job(dump_job(job)) == job
    picture = pixels(Work(job).picture())
    assert picture.shape == (540, 960, 3)
    assert picture[200:400, 60:400].max() < 20
    assert np.ptp(picture[300, 570:582].astype(int), axis=0).max() > 20  # the zone's left edge


def test_what_is_no_film_has_no_still(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(bytes(1000))
    with pytest.raises(WorkFailed, match="there is no picture of that moment"):
        Work(StillJob(tmp_path / "noise", 0, ())).picture()


def test_a_film_is_encoded_for_a_player_that_knows_no_h265(tmp_path: Path, segment: Segment) -> None:
    target = tmp_path / "shown.mp4"
    wanted = Wanted(segment.start_us, segment.end_us, (LEFT_HALF,), encode=True)
    told: list[Progress] = []
    job = FilmJob(wanted, (segment,), tmp_path, target, tmp_path / "encoding.lock")
    exported = Work(job).films(told.append)
    assert [film.codec for film in exported.films] == ["h264"]
    assert exported.films[0].payloads_sha256 == measure(target).payloads_sha256
    assert exported.gaps == ()
    assert told[-1] == Progress(1, 1)
    with av.open(str(target)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 60


def test_what_is_not_as_recorded_is_told_and_nothing_is_left(tmp_path: Path, segment: Segment) -> None:
    with (tmp_path / segment.name).open("ab") as file:
        file.write(b"more")
    job = FilmJob(Wanted(segment.start_us, segment.end_us), (segment,), tmp_path, tmp_path / "x.mp4", None)
    with pytest.raises(WorkFailed, match="its hash differs"):
        Work(job).films(lambda _: None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["entrance"]


def test_a_job_that_is_stopped_leaves_nothing(tmp_path: Path, segment: Segment) -> None:
    job = FilmJob(
        Wanted(segment.start_us, segment.end_us, encode=True),
        (segment,) * 200,
        tmp_path,
        tmp_path / "x.mp4",
        tmp_path / "encoding.lock",
    )
    work = Work(job)
    with pytest.raises(WorkFailed, match="stopped"):
        work.films(lambda progress: work.cancel() if progress.done else None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["encoding.lock", "entrance"]


def test_a_job_is_read_as_it_was_written(segment: Segment, tmp_path: Path) -> None:
    still = StillJob(tmp_path / "a", 5, (LEFT_HALF,))
    assert parse_job(dump_job(still)) == still
    film = FilmJob(
        Wanted(1, 2, (LEFT_HALF,), encode=True), (segment,), tmp_path, tmp_path / "b", tmp_path / "c"
    )
    assert parse_job(dump_job(film)) == film
