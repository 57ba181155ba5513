"""Encoding in a process of its own: what comes over, at whose cost, and what ends it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from controller.devices import VideoFormat
from controller.footage import reading, video
from controller.footage.export.copying import format_of
from controller.footage.export.exporting import ExportError, Wanted, export
from controller.footage.export.film import CodedPicture, Film
from controller.footage.export.reencoding import Reencoder
from controller.footage.export.staging import Staging
from controller.footage.export.transcode import EncodingFailed, Transcoder
from controller.footage.segment_name import SegmentName
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.store.footage import Segment

SECOND = 1_000_000
MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


@pytest.fixture(params=["h264", "hevc"])
def segment(request: pytest.FixtureRequest, tmp_path: Path, name: SegmentName) -> Segment:
    """Six seconds of video."""
    video = request.getfixturevalue("video" if request.param == "h264" else "hevc")
    writer = SegmentWriter(tmp_path, name, video.format)
    for packet in video.packets:
        writer.write(packet)
    done = writer.close(name.start_us + 6 * SECOND)
    return Segment(
        name.segment_id,
        "entrance",
        name.relative,
        name.start_us,
        done.end_us,
        1,
        "boot",
        True,
        done.size_bytes,
        done.sha256,
    )


def here(file: Path, span: tuple[int, int, int]) -> tuple[VideoFormat, list[CodedPicture]]:
    """What is encoded in this process."""
    with reading.opened(file) as content, video.film(content) as source:
        form = format_of(source)
        encoder = Reencoder(form.width, form.height, [MASK])
        return encoder.format, list(encoder.pictures(source, *span))


def children() -> set[int]:
    return {
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    }


def test_what_comes_over_is_what_was_encoded(tmp_path: Path, segment: Segment) -> None:
    span = (segment.start_us, segment.start_us + 2_500_000, segment.start_us + 4 * SECOND)
    with Transcoder([MASK]) as coder, reading.opened(tmp_path / segment.name) as content:
        pictures = list(coder.pictures(content, *span))
        assert list(coder.pictures(content, *span)) == pictures  # of another segment, in the same process
    assert (coder.format, pictures) == here(tmp_path / segment.name, span)
    assert len(pictures) == 15
    film = Film(tmp_path / "film.mp4", coder.format)
    film.take(pictures)
    film.close()
    with av.open(str(tmp_path / "film.mp4")) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        for frame in container.decode(video=0):
            assert frame.to_ndarray(format="gray")[:, :158].max() < 12


def test_it_takes_only_what_time_is_left_and_is_gone_with_whoever_asked(
    tmp_path: Path, segment: Segment
) -> None:
    before, nice = children(), os.getpriority(os.PRIO_PROCESS, 0)
    with reading.opened(tmp_path / segment.name) as content:
        pictures = Transcoder([]).pictures(content, segment.start_us, segment.start_us, segment.end_us)
        next(pictures)
        (coder,) = children() - before
        assert os.getpriority(os.PRIO_PROCESS, coder) == 19
        assert os.getpriority(os.PRIO_PROCESS, 0) == nice
        pictures.close()  # type: ignore[attr-defined]
    assert children() == before


def test_one_that_dies_ends_nothing_but_itself(
    tmp_path: Path, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = children(), Transcoder._taken

    def struck(self: Transcoder, stream: Any) -> Iterator[CodedPicture]:
        for number, picture in enumerate(real(self, stream)):
            yield picture
            if number == 5:
                (coder,) = children() - before
                os.kill(coder, signal.SIGSEGV)
                stream.read()

    monkeypatch.setattr(Transcoder, "_taken", struck)
    wanted = Wanted(segment.start_us, segment.end_us, encode=True)
    target = tmp_path / "out.mp4"
    with pytest.raises(ExportError, match="the encoder ended with -11"), Staging() as staging:
        export(wanted, [segment], tmp_path, target, staging)
    assert not list(tmp_path.glob("*out.mp4*"))
    assert children() == before


def test_what_is_no_film_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("To whom it may concern")
    with reading.opened(tmp_path / "letter") as content, pytest.raises(EncodingFailed) as failed:
        list(Transcoder([]).pictures(content, 0, 0, SECOND))
    assert "\n" not in str(failed.value)
    assert "Invalid data" in str(failed.value)
