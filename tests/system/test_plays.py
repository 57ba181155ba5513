"""What the recorder leaves on disk plays in a browser: whole, cut off and repaired, and as a clip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from controller.devices import VideoFormat, VideoPacket
from controller.footage.export.exporting import Wanted, export
from controller.footage.export.staging import Staging
from controller.footage.segment_name import SegmentName
from controller.recorder.books import row
from controller.recorder.segments.repair import repair
from controller.recorder.segments.segment_writer import SegmentWriter, WrittenSegment
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


def exported(folder: Path, written: Sequence[WrittenSegment], wanted: Wanted) -> Path:
    with Staging() as staging:
        segments = [row(one, recovered=False) for one in written]
        export(wanted, segments, folder, folder / "out.mp4", staging)
        staging.publish()
    return folder / "out.mp4"


@pytest.mark.parametrize("masks", [(), (((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)),)], ids=["joined", "masked"])
def test_an_export_plays(
    tmp_path: Path, film: Film, in_browser: InBrowser, masks: tuple[tuple[tuple[float, float], ...], ...]
) -> None:
    written = [
        write(tmp_path, film, number, 40).close(START_US + number * 60_000_000 + 4_000_000)
        for number in range(2)
    ]
    # From the keyframe at one second, over the gap between the two.
    target = exported(tmp_path, written, Wanted(START_US + 1_000_000, written[1].end_us, masks))
    assert in_browser([target]) == [70]


def test_h265_plays_once_it_is_encoded_anew(tmp_path: Path, in_browser: InBrowser) -> None:
    """This browser is one of the many that do not play it as it was recorded."""
    done = write(tmp_path, walk_to_the_door(Codec.H265, "hevc"), 0, 40).close(START_US + 4_000_000)
    exported(tmp_path, [done], Wanted(START_US, done.end_us, encode=True))
    name = done.name
    with pytest.raises(AssertionError):
        in_browser([tmp_path / name.relative])
    assert in_browser([tmp_path / "out.mp4"]) == [40]
