"""What the recorder leaves on disk plays in a browser: whole, cut off and repaired, and as a clip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from controller.devices import VideoFormat, VideoPacket
from controller.recorder.clips.export import Wanted, export
from controller.recorder.clips.staging import Staging
from controller.recorder.segments.repair import repair
from controller.recorder.segments.segment_name import SegmentName
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.store.footage import Segment
from simulator.camera.encoder import Codec, Encoder, parameter_sets
from simulator.camera.scene import SceneState, background, draw

pytestmark = pytest.mark.system

FPS, GOP, SECONDS = 10, 10, 4
START_US = 1_790_000_000_000_000
START_CODE = b"\0\0\0\1"
Film = tuple[VideoFormat, list[VideoPacket]]
InBrowser = Callable[[Sequence[Path]], list[int]]


def walk_to_the_door(codec: Codec, name: str) -> Film:
    encoder, behind = Encoder(320, 180, FPS, GOP, codec=codec), background(320, 180)
    walk = SceneState(walker_since_s=0.0)
    units = [
        encoder.encode(draw(behind, walk, n / FPS, f"{n}"), n * 90_000 // FPS) for n in range(SECONDS * FPS)
    ]
    heads = b"".join(START_CODE + one for one in parameter_sets(units[0]))
    packets = [
        VideoPacket(b"".join(START_CODE + nal for nal in unit.nals), unit.pts, unit.pts, unit.keyframe)
        for unit in units
    ]
    return VideoFormat(name, 320, 180, heads), packets


@pytest.fixture(scope="module")
def film() -> Film:
    return walk_to_the_door(Codec.H264, "h264")


def write(folder: Path, film: Film, number: int, pictures: int) -> SegmentWriter:
    name = SegmentName("entrance", START_US + number * 60_000_000, number + 1, "a-boot", True)
    writer = SegmentWriter(folder, name, film[0])
    for packet in film[1][:pictures]:
        writer.write(packet)
    return writer


def test_a_whole_segment_plays_picture_by_picture(tmp_path: Path, film: Film, in_browser: InBrowser) -> None:
    write(tmp_path, film, 0, 40).close(START_US + 4_000_000)
    assert in_browser(list(tmp_path.rglob("*.mp4"))) == [40]


def test_what_was_cut_off_plays_once_it_is_repaired(
    tmp_path: Path, film: Film, in_browser: InBrowser
) -> None:
    for number, pictures in enumerate((11, 12, 25, 31, 40)):
        write(tmp_path, film, number, pictures).abandon()
    for number, part in enumerate(sorted(tmp_path.rglob("*.part"))):
        with part.open("ab") as file:
            file.write(b"\0\0\4\0moof garbage" * number)  # as of a fragment of which little came to the disk
    repair(tmp_path, set())
    assert in_browser(sorted(tmp_path.rglob("*.mp4"))) == [10, 10, 20, 30, 30]


def test_a_damaged_file_is_found_out(tmp_path: Path, film: Film, in_browser: InBrowser) -> None:
    """Without this the browser might be content with anything."""
    write(tmp_path, film, 0, 40).close(START_US + 4_000_000)
    (path,) = tmp_path.rglob("*.mp4")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] + bytes(len(content) // 2))
    with pytest.raises(AssertionError):
        in_browser([path])


def test_a_single_picture_is_shown(tmp_path: Path, film: Film, in_browser: InBrowser) -> None:
    """Told to stop just after a segment began."""
    write(tmp_path, film, 0, 1).close(START_US + 100_000)
    assert in_browser(list(tmp_path.rglob("*.mp4"))) == [1]


def test_h265_plays_once_it_is_encoded_anew(tmp_path: Path, in_browser: InBrowser) -> None:
    """This browser is one of the many that do not play it as it was recorded."""
    done = write(tmp_path, walk_to_the_door(Codec.H265, "hevc"), 0, 40).close(START_US + 4_000_000)
    name = done.name
    segment = Segment(
        name.segment_id,
        name.camera,
        name.relative,
        name.start_us,
        done.end_us,
        name.start_mono_us,
        name.boot_id,
        name.clock_trusted,
        done.size_bytes,
        done.sha256,
    )
    with Staging() as staging:
        wanted = Wanted(segment.start_us, segment.end_us, encode=True)
        export(wanted, [segment], tmp_path, tmp_path / "out.mp4", staging)
        staging.publish()
    with pytest.raises(AssertionError):
        in_browser([tmp_path / name.relative])
    assert in_browser([tmp_path / "out.mp4"]) == [40]
