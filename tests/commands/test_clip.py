from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from click.testing import Result

from controller.core.event import EventType
from controller.devices import VideoFormat, VideoPacket
from controller.recorder.segments.segment_name import SegmentName
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.footage import Clip, Footage, Segment
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader
from simulator.camera.encoder import Encoder, parameter_sets
from simulator.camera.scene import SceneState, background, draw

Unlocked = Callable[..., Result]
START_US = 1_790_000_000_000_000
START_CODE = b"\0\0\0\1"


@pytest.fixture
def clip(settings: Settings) -> Clip:
    """Two seconds of film, and a clip over the last of them."""
    paths = Paths.of(settings)
    paths.footage_dir.mkdir(parents=True)
    encoder, behind = Encoder(160, 96, 10, 10), background(160, 96)
    units = [encoder.encode(draw(behind, SceneState(), n / 10, f"{n}"), n * 9_000) for n in range(20)]
    video = VideoFormat("h264", 160, 96, b"".join(START_CODE + nal for nal in parameter_sets(units[0])))
    name = SegmentName("entrance", START_US, 1, "boot", True)
    with SegmentWriter(paths.footage_dir, name, video) as writer:
        for unit in units:
            payload = b"".join(START_CODE + nal for nal in unit.nals)
            writer.write(VideoPacket(payload, unit.pts, unit.pts, unit.keyframe))
        written = writer.close(START_US + 2_000_000)
    footage = Footage.open(paths.footage)
    footage.add_segment(
        Segment(
            name.segment_id,
            "entrance",
            name.relative,
            START_US,
            written.end_us,
            1,
            "boot",
            True,
            written.size_bytes,
            written.sha256,
        )
    )
    clip = Clip(
        str(uuid.uuid4()),
        "entrance",
        "door",
        1,
        str(uuid.uuid4()),
        START_US + 1_000_000,
        START_US + 2_000_000,
    )
    footage.add_clip(clip)
    footage.close()
    return clip


def exports(settings: Settings) -> list[dict[str, Any]]:
    reader = JournalReader(Paths.of(settings).journal("console"))
    found = [dict(e.data) for e in reader.since(0) if e.type is EventType.CLIP_EXPORTED]
    reader.close()
    return found


def test_clips_are_listed(unlocked: Unlocked, clip: Clip) -> None:
    result = unlocked("clip", "list")
    title, line = result.stdout.splitlines()
    assert title.split() == ["clip", "start", "length", "camera", "event"]
    # 14:13 UTC, by the clock on the branch's wall.
    assert line.split() == [clip.id, "2026-09-21", "15:13:21", "1.0", "s", "entrance", clip.event_id]
    assert json.loads(unlocked("clip", "list", "--json").stdout) == {
        "id": clip.id,
        "camera": "entrance",
        "start_us": clip.start_us,
        "end_us": clip.end_us,
        "event": clip.event_id,
    }
    assert unlocked("clip", "list", "--camera", "yard").stdout == ""


def test_before_anything_was_recorded_there_are_none(unlocked: Unlocked) -> None:
    result = unlocked("clip", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "there are no clips" in result.stderr


def test_an_export_is_a_film_and_is_journalled_with_its_need(
    unlocked: Unlocked, clip: Clip, settings: Settings, tmp_path: Path
) -> None:
    target = tmp_path / "out.mp4"
    result = unlocked("clip", "export", clip.id[:8], target, "--need", "INC-2026-014")
    assert result.exit_code == 0, result.output
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    assert digest in result.stdout
    with av.open(str(target)) as container:
        assert len(list(container.decode(video=0))) == 10
    (exported,) = exports(settings)
    assert exported == {
        "clip": clip.id,
        "cause": clip.event_id,
        "need": "INC-2026-014",
        "start_us": clip.start_us,
        "end_us": clip.end_us,
        "segments": 1,
        "size_bytes": target.stat().st_size,
        "sha256": digest,
    }


def test_without_a_journal_there_is_no_file(
    unlocked: Unlocked, clip: Clip, tmp_path: Path, mocker: Any
) -> None:
    mocker.patch.object(Journal, "append", side_effect=JournalUnavailable("disk full"))
    result = unlocked("clip", "export", clip.id, tmp_path / "out.mp4", "--need", "INC-1")
    assert result.exit_code == 1
    assert "disk full" in result.stderr
    assert not list(tmp_path.glob("*out.mp4*"))


@pytest.mark.parametrize("need", ["", "x", "Jane Doe asked", "a|b", "-n", "n" * 41])
def test_a_need_is_a_reference(unlocked: Unlocked, clip: Clip, tmp_path: Path, need: str) -> None:
    result = unlocked("clip", "export", clip.id, tmp_path / "out.mp4", f"--need={need}")
    assert result.exit_code == 2
    assert not (tmp_path / "out.mp4").exists()


def test_no_need_no_export(unlocked: Unlocked, clip: Clip, tmp_path: Path) -> None:
    assert unlocked("clip", "export", clip.id, tmp_path / "out.mp4").exit_code == 2


def test_an_existing_file_is_not_overwritten(unlocked: Unlocked, clip: Clip, tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_text("mine")
    result = unlocked("clip", "export", clip.id, tmp_path / "out.mp4", "--need", "INC-1")
    assert result.exit_code == 1
    assert (tmp_path / "out.mp4").read_text() == "mine"


def test_an_unknown_clip_is_said_to_be_unknown(unlocked: Unlocked, clip: Clip, tmp_path: Path) -> None:
    result = unlocked("clip", "export", "nope", tmp_path / "out.mp4", "--need", "INC-1")
    assert result.exit_code == 1
    assert "no clip" in result.stderr


def test_a_file_that_cannot_be_is_an_error_in_a_line(unlocked: Unlocked, clip: Clip, tmp_path: Path) -> None:
    for target in (tmp_path / ("x" * 300), tmp_path / "no-such-folder" / "out.mp4"):
        result = unlocked("clip", "export", clip.id, target, "--need", "INC-1")
        assert result.exit_code == 1
        assert result.stderr.splitlines()[-1].startswith(f"Error: {target.parent}")
