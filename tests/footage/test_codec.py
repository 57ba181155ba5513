"""Which codec a segment is in, told from its headers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from controller.footage import reading
from controller.footage.codec import codec_of
from controller.footage.segment_name import SegmentName
from controller.recorder.segments.segment_writer import SegmentWriter


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_segment_says_its_codec(
    tmp_path: Path, video: Any, hevc: Any, name: SegmentName, codec: str
) -> None:
    source = hevc if codec == "hevc" else video
    with SegmentWriter(tmp_path, name, source.format) as writer:
        writer.write_all(source.packets[:11])
        writer.close(name.start_us + 1_000_000)
    with reading.opened(tmp_path / name.relative) as content:
        assert codec_of(content) == codec


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"\0\0\0\x10moov\0\0\0\0stsd", b"\xff" * 200])
def test_what_is_no_film_has_none(content: bytes) -> None:
    assert codec_of(io.BufferedReader(io.BytesIO(content))) is None  # type: ignore[arg-type]
