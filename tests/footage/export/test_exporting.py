from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from controller.footage.export.exporting import Exported, ExportError, Wanted, export
from controller.footage.export.staging import Staging
from controller.footage.segment_name import SegmentName
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.store.footage import Segment

SECOND = 1_000_000


def segments_of(folder: Path, name: SegmentName, video: Any, jitter_us: int = 0) -> list[Segment]:
    """Six seconds of video as three segments of two seconds."""
    found = []
    for number in range(3):
        start_us = name.start_us + number * (2 * SECOND - jitter_us)
        part = replace(name, start_us=start_us)
        writer = SegmentWriter(folder, part, video.format)
        for packet in video.packets[number * 20 : number * 20 + 20]:
            writer.write(packet)
        written = writer.close(start_us + 2 * SECOND)
        found.append(
            Segment(
                part.segment_id,
                "entrance",
                part.relative,
                start_us,
                written.end_us,
                1,
                "boot",
                True,
                written.size_bytes,
                written.sha256,
            )
        )
    return found


def exported(segments: list[Segment], folder: Path, target: Path, **wanted: Any) -> Exported:
    with Staging() as staging:
        done = export(Wanted(**wanted), segments, folder, target, staging)
        staging.publish()
    return done


def payloads(file: Path) -> list[bytes]:
    with av.open(str(file)) as container:
        return [bytes(p) for p in container.demux(video=0) if p.size]


def ffprobe(file: Path) -> Any:
    """What Debian's ffprobe says, whose decoder complains of whatever is wrong."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-count_frames", "-show_format", "-show_streams"]
    result = subprocess.run([*command, str(file)], check=True, capture_output=True, text=True)
    assert result.stderr == ""
    return json.loads(result.stdout)


def test_a_clip_over_three_segments_is_one_film(tmp_path: Path, video: Any, name: SegmentName) -> None:
    segments = segments_of(tmp_path, name, video)
    target = tmp_path / "out.mp4"
    begins_us, ends_us = name.start_us + 1_500_000, name.start_us + 4_500_000
    done = exported(segments, tmp_path, target, begins_us=begins_us, ends_us=ends_us)
    assert target.stat().st_mode & 0o777 == 0o600
    # From the keyframe at 1.0 s to the picture at 4.4 s.
    (stream,) = ffprobe(target)["streams"]
    assert (stream["codec_type"], stream["nb_read_frames"], stream["duration"]) == ("video", "35", "3.500000")
    recorded = [one for segment in segments for one in payloads(tmp_path / segment.name)]
    assert payloads(target) == recorded[10:45]
    (film,) = done.films
    assert done.gaps == ()
    assert (film.name, film.pictures, film.masks, film.length_us) == ("out.mp4", "as_recorded", (), 3_500_000)
    assert film.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert [part.segment for part in film.parts] == [segment.id for segment in segments]
    assert [part.shown_from - name.start_us for part in film.parts] == [SECOND, 2 * SECOND, 4 * SECOND]
    assert [part.film_at_us for part in film.parts] == [0, SECOND, 3 * SECOND]
    assert [[group.pictures for group in part.groups] for part in film.parts] == [[10], [10, 10], [5]]
    first = film.parts[0]
    assert first.groups[0].sha256 == hashlib.sha256(b"".join(recorded[10:20])).hexdigest()
    assert first.sha256 == hashlib.sha256((tmp_path / segments[0].name).read_bytes()).hexdigest()


def test_h265_is_joined_as_it_came_too(tmp_path: Path, hevc: Any, name: SegmentName) -> None:
    segments = segments_of(tmp_path, name, hevc)
    target = tmp_path / "out.mp4"
    done = exported(segments, tmp_path, target, begins_us=name.start_us, ends_us=name.start_us + 6 * SECOND)
    (film,) = done.films
    assert (film.codec, film.pictures) == ("hevc", "as_recorded")
    assert payloads(target) == [one for segment in segments for one in payloads(tmp_path / segment.name)]
    (stream,) = ffprobe(target)["streams"]
    assert (stream["codec_tag_string"], stream["nb_read_frames"]) == ("hvc1", "60")


def test_ffmpeg_comes_to_the_same_hash_of_all_pictures(tmp_path: Path, video: Any, name: SegmentName) -> None:
    target = tmp_path / "out.mp4"
    segments = segments_of(tmp_path, name, video)
    done = exported(segments, tmp_path, target, begins_us=name.start_us, ends_us=name.start_us + 6 * SECOND)
    command = f"ffmpeg -v error -i {target} -map 0:v -c copy -f streamhash -hash sha256 -".split()
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert shown.strip() == f"0,v,SHA256={done.films[0].payloads_sha256}"


def test_segments_that_overlap_a_little_still_join(tmp_path: Path, video: Any, name: SegmentName) -> None:
    segments = segments_of(tmp_path, name, video, jitter_us=150_000)
    target = tmp_path / "out.mp4"
    exported(segments, tmp_path, target, begins_us=name.start_us, ends_us=name.start_us + 6 * SECOND)
    (stream,) = ffprobe(target)["streams"]
    assert (stream["nb_read_frames"], stream["duration"]) == ("60", "6.000000")


@pytest.mark.parametrize("moved_us", [600 * SECOND, -3600 * SECOND], ids=["a gap", "a clock set back"])
def test_a_gap_is_told_and_does_not_stand_still(
    tmp_path: Path, video: Any, name: SegmentName, moved_us: int
) -> None:
    segments = segments_of(tmp_path, name, video)
    last = replace(
        segments[2], start_us=segments[2].start_us + moved_us, end_us=segments[2].end_us + moved_us
    )
    target = tmp_path / "out.mp4"
    in_order = sorted((*segments[:2], last), key=lambda one: one.start_us)
    begins_us, ends_us = in_order[0].start_us, in_order[-1].end_us
    done = exported(in_order, tmp_path, target, begins_us=begins_us, ends_us=ends_us)
    assert ffprobe(target)["streams"][0]["duration"] == "6.000000"
    between = (in_order[1].end_us, in_order[2].start_us) if moved_us > 0 else (last.end_us, name.start_us)
    assert done.gaps == (between,)
    assert [part.film_at_us for part in done.films[0].parts] == [0, 2 * SECOND, 4 * SECOND]


def test_what_is_off_at_one_seam_is_not_added_to_the_next(
    tmp_path: Path, video: Any, name: SegmentName
) -> None:
    segments = segments_of(tmp_path, name, video)
    late = replace(segments[1], start_us=segments[1].start_us + 100_000, end_us=segments[1].end_us + 100_000)
    target = tmp_path / "out.mp4"
    ends_us = name.start_us + 6 * SECOND
    done = exported(
        [segments[0], late, segments[2]], tmp_path, target, begins_us=name.start_us, ends_us=ends_us
    )
    assert [part.film_at_us for part in done.films[0].parts] == [0, 2_100_000, 4_100_000]


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)


def test_footage_that_was_changed_is_exported_only_where_that_is_said(
    tmp_path: Path, video: Any, name: SegmentName
) -> None:
    segments = segments_of(tmp_path, name, video)
    damage(tmp_path / segments[1].name)
    target = tmp_path / "out.mp4"
    wanted = {"begins_us": name.start_us, "ends_us": name.start_us + 6 * SECOND}
    with pytest.raises(ExportError, match="hash differs; --damaged exports"):
        exported(segments, tmp_path, target, **wanted)
    assert not list(tmp_path.glob("*out.mp4*"))
    done = exported(segments, tmp_path, target, damaged=True, **wanted)
    assert [part.as_recorded for part in done.films[0].parts] == [True, False, True]


def test_what_cannot_be_read_at_all_becomes_a_gap(tmp_path: Path, video: Any, name: SegmentName) -> None:
    segments = segments_of(tmp_path, name, video)
    (tmp_path / segments[0].name).unlink()
    (tmp_path / segments[1].name).write_bytes(b"\0" * 5000)
    wanted = {"begins_us": name.start_us, "ends_us": name.start_us + 6 * SECOND}
    with pytest.raises(ExportError, match="No such file"):
        exported(segments, tmp_path, tmp_path / "out.mp4", **wanted)
    done = exported(segments, tmp_path, tmp_path / "out.mp4", damaged=True, **wanted)
    assert done.gaps == ((name.start_us, name.start_us + 4 * SECOND),)


def test_what_cannot_be_exported_says_why(tmp_path: Path, video: Any, name: SegmentName) -> None:
    segments = segments_of(tmp_path, name, video)
    wanted = {"begins_us": name.start_us, "ends_us": name.start_us + SECOND}
    with pytest.raises(ExportError, match="destroyed"):
        exported([], tmp_path, tmp_path / "out.mp4", **wanted)
    (tmp_path / "there.mp4").write_text("mine")
    with pytest.raises(ExportError, match="exists already"):
        exported(segments, tmp_path, tmp_path / "there.mp4", **wanted)
    assert (tmp_path / "there.mp4").read_text() == "mine"
    with pytest.raises(ExportError, match="no picture"):
        exported(segments, tmp_path, tmp_path / "out.mp4", begins_us=0, ends_us=1)
    assert not list(tmp_path.glob("*out.mp4*"))


def test_a_changed_picture_format_begins_another_film(
    tmp_path: Path, video: Any, name: SegmentName, encoded: Callable[..., Any]
) -> None:
    segments = segments_of(tmp_path, name, video)
    other = encoded([None] * 20, width=400, height=240)
    later = replace(name, start_us=segments[-1].end_us)
    writer = SegmentWriter(tmp_path, later, other.format)
    for packet in other.packets:
        writer.write(packet)
    written = writer.close(later.start_us + 2 * SECOND)
    last = replace(
        segments[0],
        id=later.segment_id,
        name=later.relative,
        sha256=written.sha256,
        start_us=later.start_us,
        end_us=written.end_us,
    )
    target = tmp_path / "out.mp4"
    segments = [*segments, last]
    done = exported(segments, tmp_path, target, begins_us=name.start_us, ends_us=written.end_us)
    assert [film.name for film in done.films] == ["out.mp4", "out-2.mp4"]
    assert [len(film.parts) for film in done.films] == [3, 1]
    assert [ffprobe(tmp_path / film.name)["streams"][0]["nb_read_frames"] for film in done.films] == [
        "60",
        "20",
    ]
    assert done.gaps == ()
    (tmp_path / "out.mp4").unlink()
    with pytest.raises(ExportError, match=r"out-2\.mp4 exists already"):
        exported(segments, tmp_path, target, begins_us=name.start_us, ends_us=written.end_us)


MASK = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))


def test_masks_are_burnt_in(tmp_path: Path, video: Any, name: SegmentName) -> None:
    segments = segments_of(tmp_path, name, video)
    target = tmp_path / "out.mp4"
    begins_us, ends_us = name.start_us + 1_500_000, name.start_us + 4_500_000
    done = exported(segments, tmp_path, target, begins_us=begins_us, ends_us=ends_us, masks=(MASK,))
    (film,) = done.films
    assert (film.pictures, film.masks, film.codec) == ("encoded_anew", (MASK,), "h264")
    # Nothing is shown that was not asked for: decoded pictures need no keyframe before them.
    assert film.parts[0].shown_from == begins_us
    assert [sum(group.pictures for group in part.groups) for part in film.parts] == [5, 20, 5]
    (stream,) = ffprobe(target)["streams"]
    assert (stream["nb_read_frames"], stream["duration"]) == ("30", "3.000000")
    with av.open(str(target)) as container:
        for frame in container.decode(video=0):
            picture = frame.to_ndarray(format="rgb24")
            height, width = picture.shape[:2]
            assert (
                picture[height // 4 + 2 : height * 3 // 4 - 2, width // 4 + 2 : width * 3 // 4 - 2].max() < 12
            )
            assert 80 < picture[: height // 4 - 4].mean() < 250


def test_for_old_players_it_is_encoded_anew(tmp_path: Path, video: Any, name: SegmentName) -> None:
    target = tmp_path / "out.mp4"
    segments = segments_of(tmp_path, name, video)
    wanted = Wanted(name.start_us, name.start_us + 6 * SECOND, encode=True)
    told: list[tuple[int, int]] = []
    with Staging() as staging:
        done = export(wanted, segments, tmp_path, target, staging, lambda *at: told.append(at))
        staging.publish()
    assert (done.films[0].pictures, done.films[0].masks) == ("encoded_anew", ())
    assert ffprobe(target)["streams"][0]["nb_read_frames"] == "60"
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
