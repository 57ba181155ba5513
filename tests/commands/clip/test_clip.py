from __future__ import annotations

import hashlib
import json
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from click.testing import Result

from controller.commands.account import account
from controller.commands.staff_journal import StaffJournal
from controller.core.event import EventType, JsonValue, NewEvent, Stamp, event_id
from controller.devices import VideoFormat, VideoPacket
from controller.recorder.segments.segment_name import SegmentName
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.secrets.minisign import PublicKey
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
        event_id(START_US + 1_500_000, 1),
        START_US + 1_000_000,
        START_US + 2_000_000,
    )
    footage.add_clip(clip)
    footage.close()
    return clip


@pytest.fixture
def granted(settings: Settings, clip: Clip, mocker: Any) -> str:
    """The clip's event in the door's journal."""
    mocker.patch("controller.store.journal.event_id", return_value=clip.event_id)
    stamp = Stamp(START_US + 1_500_000, 1, "boot", True)
    journal = Journal.open(Paths.of(settings).journal("door"), service="door", stamp=stamp)
    (event,) = journal.append([NewEvent(EventType.ACCESS_GRANTED, "front", stamp)])
    journal.close()
    mocker.stopall()
    return event.id


@pytest.fixture
def key(unlocked: Unlocked, settings: Settings) -> str:
    """The public key of the branch that exports."""
    return PublicKey.of_file(unlocked("clip", "key").stdout).text


def exports(settings: Settings) -> list[dict[str, Any]]:
    reader = JournalReader(Paths.of(settings).journal("console"))
    found = [dict(e.data) for e in reader.since(0) if e.type is EventType.CLIP_EXPORTED]
    reader.close()
    return found


def test_clips_are_listed(unlocked: Unlocked, clip: Clip, granted: str) -> None:
    result = unlocked("clip", "list")
    title, line = result.stdout.splitlines()
    assert title.split() == ["clip", "start", "length", "camera", "offset", "event"]
    # 14:13 UTC, by the clock on the branch's wall.
    shown = [clip.id, "2026-09-21", "15:13:21", "1.0", "s", "entrance", "1.5", "s"]
    assert line.split() == [*shown, "access.granted", clip.event_id]
    told = json.loads(unlocked("clip", "list", "--json").stdout)
    assert told == {
        "id": clip.id,
        "camera": "entrance",
        "start_us": clip.start_us,
        "end_us": clip.end_us,
        "event": clip.event_id,
        "event_type": "access.granted",
        "segment": told["segment"],
        "offset_us": 1_500_000,
    }
    assert unlocked("clip", "list", "--camera", "yard").stdout == ""


def test_an_event_that_is_no_longer_known_still_has_its_clip(unlocked: Unlocked, clip: Clip) -> None:
    assert json.loads(unlocked("clip", "list", "--json").stdout)["event_type"] is None
    assert "no longer in the journals" in unlocked("clip", "show", clip.id).stdout


def test_a_clip_is_shown_with_its_files(unlocked: Unlocked, clip: Clip, granted: str) -> None:
    result = unlocked("clip", "show", clip.id[:6])
    assert result.exit_code == 0
    assert "access.granted at front, 2026-09-21 15:13:21\n" in result.stdout
    assert "offset  1.5 s into entrance/entrance_20260921T141320" in result.stdout
    assert "15:13:20 to 2026-09-21 15:13:22: as recorded" in result.stdout
    told = json.loads(unlocked("clip", "show", clip.id, "--json").stdout)
    assert (told["event_type"], told["offset_us"], told["gaps"]) == ("access.granted", 1_500_000, [])
    assert told["files"][0]["fault"] is None


def test_footage_that_was_changed_or_is_gone_is_said_to_be_so(
    unlocked: Unlocked, clip: Clip, settings: Settings
) -> None:
    (file,) = Paths.of(settings).footage_dir.glob("*/*.mp4")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    result = unlocked("clip", "show", clip.id)
    assert (result.exit_code, "its hash differs" in result.stdout) == (1, True)
    file.unlink()
    result = unlocked("clip", "show", clip.id)
    assert (result.exit_code, "No such file" in result.stdout) == (1, True)


def test_before_anything_was_recorded_there_are_none(unlocked: Unlocked) -> None:
    result = unlocked("clip", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "there are no clips" in result.stderr


def test_an_export_is_a_film_and_is_journalled_with_its_need(
    unlocked: Unlocked, clip: Clip, settings: Settings, key: str, tmp_path: Path
) -> None:
    target = tmp_path / "out.mp4"
    result = unlocked("clip", "export", clip.id[:8], target, "--need", "INC-2026-014")
    assert result.exit_code == 0, result.output
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    assert digest in result.stdout
    with av.open(str(target)) as container:
        assert len(list(container.decode(video=0))) == 10
    by = account()
    (exported,) = exports(settings)
    assert exported == {
        "clip": clip.id,
        "cause": clip.event_id,
        "need": "INC-2026-014",
        "uid": by.uid,
        "user": by.user,
        "start_us": clip.start_us,
        "end_us": clip.end_us,
        "segments": 1,
        "not_as_recorded": 0,
        "gaps": 0,
        "size_bytes": target.stat().st_size,
        "sha256": [digest],
        "manifest_sha256": hashlib.sha256((tmp_path / "out.mp4.json").read_bytes()).hexdigest(),
    }


def test_minisign_verifies_the_manifest_with_the_published_key(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path
) -> None:
    target = tmp_path / "out.mp4"
    assert unlocked("clip", "export", clip.id, target, "--need", "INC-1").exit_code == 0
    manifest = tmp_path / "out.mp4.json"
    command = ["minisign", "-V", "-m", str(manifest), "-P", key]
    checked = subprocess.run(command, capture_output=True, text=True, check=True)
    assert hashlib.sha256(target.read_bytes()).hexdigest() in checked.stdout  # of the trusted comment
    told = json.loads(manifest.read_text())
    assert told["need"] == "INC-1"
    assert told["exported_by"] == account().user
    assert told["clip"] == clip.id
    assert told["event"]["id"] == clip.event_id
    assert told["asked_from"] == "2026-09-21T14:13:21.000000Z"
    assert told["branch"]["branch"] == "droitwich"
    assert told["films"][0]["parts"][0]["clock"]["trusted"] is True
    for file in (target, manifest, tmp_path / "out.mp4.json.minisig"):
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_range_of_a_camera_is_exported_with_its_gaps(
    unlocked: Unlocked, clip: Clip, settings: Settings, key: str, tmp_path: Path
) -> None:
    journal = Journal.open(
        Paths.of(settings).journal("recorder"), service="recorder", stamp=Stamp(START_US, 1, "boot", True)
    )
    lost: dict[str, JsonValue] = {
        "camera": "entrance",
        "from_us": START_US + 2_000_000,
        "to_us": START_US + 60_000_000,
        "cause": "camera_lost",
    }
    journal.append([NewEvent(EventType.RECORDING_GAP, "entrance", Stamp(START_US, 1, "boot", True), lost)])
    journal.close()
    target = tmp_path / "out.mp4"
    times = ("--from", "2026-09-21 15:13:20", "--to", "2026-09-21 15:13:50")
    result = unlocked("clip", "export", target, "--camera", "entrance", *times, "--need", "INC-1")
    assert result.exit_code == 0, result.output
    assert "missing: 2026-09-21 15:13:22 to 2026-09-21 15:13:50, camera_lost" in result.stdout
    told = json.loads((tmp_path / "out.mp4.json").read_text())
    assert (told["clip"], told["event"]) == (None, None)
    assert told["gaps"] == [
        {
            "begins": "2026-09-21T14:13:22.000000Z",
            "ends": "2026-09-21T14:13:50.000000Z",
            "cause": "camera_lost",
        }
    ]
    (exported,) = exports(settings)
    assert (exported["clip"], exported["gaps"]) == (None, 1)


def test_the_minute_that_is_being_written_is_said_to_be_so(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path, mocker: Any
) -> None:
    now_us = START_US + 40_000_000
    mocker.patch.object(StaffJournal, "now", return_value=Stamp(now_us, 1, "boot", True))
    times = ("--camera", "entrance", "--from", "1m", "--to", "0m")
    result = unlocked("clip", "export", tmp_path / "out.mp4", *times, "--need", "INC-1")
    assert "missing: 2026-09-21 15:13:22 to 2026-09-21 15:14:00, not_written_yet" in result.stdout


@pytest.mark.parametrize(
    "given",
    [
        ["f"],
        ["a", "b", "c"],
        ["a", "b", "--camera", "entrance", "--from", "1h", "--to", "0m"],
        ["a", "b", "--from", "1h"],
        ["f", "--camera", "entrance"],
        ["f", "--camera", "entrance", "--from", "1h"],
        ["f", "--camera", "entrance", "--from", "0m", "--to", "1h"],
    ],
)
def test_a_clip_or_a_range_is_to_be_named(unlocked: Unlocked, key: str, given: list[str]) -> None:
    result = unlocked("clip", "export", *given, "--need", "INC-1")
    assert result.exit_code == 2
    assert any(word in result.stderr for word in ("unlocked clip export", "--from"))


def test_a_cameras_masks_are_filled_in(
    unlocked: Unlocked, clip: Clip, config: Path, key: str, tmp_path: Path
) -> None:
    (line,) = (line for line in config.read_text().splitlines() if line.startswith("url = "))
    masks = "masks = [[[0, 0], [1, 0], [1, 1], [0, 1]]]\nown_masks = true"
    config.write_text(config.read_text().replace(line, f"{line}\n{masks}"))
    result = unlocked("clip", "export", clip.id, tmp_path / "out.mp4", "--need", "INC-1")
    assert result.exit_code == 0, result.output
    assert "encoded anew, 1 masks filled in" in result.stdout
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert max(frame.to_ndarray(format="gray").max() for frame in container.decode(video=0)) < 12
    assert json.loads((tmp_path / "out.mp4.json").read_text())["films"][0]["masks"]


def test_without_a_key_nothing_is_exported(unlocked: Unlocked, clip: Clip, tmp_path: Path) -> None:
    result = unlocked("clip", "export", clip.id, tmp_path / "out.mp4", "--need", "INC-1")
    assert result.exit_code == 1
    assert "`unlocked clip key` makes it" in result.stderr
    assert not list(tmp_path.glob("*out.mp4*"))


def test_the_key_is_made_once_and_shown_as_minisign_has_it(unlocked: Unlocked, settings: Settings) -> None:
    made = unlocked("clip", "key")
    assert "export-signing-key made; back it up" in made.stderr
    again = unlocked("clip", "key")
    assert (again.stdout, again.stderr.count("back it up")) == (made.stdout, 0)
    assert PublicKey.of_file(made.stdout).file == made.stdout
    secret = Paths.of(settings).secrets / "export-signing-key"
    assert secret.stat().st_mode & 0o777 == 0o600
    secret.write_text("nonsense")
    assert "no secret key of minisign" in unlocked("clip", "key").stderr


def test_without_a_journal_there_is_no_file(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path, mocker: Any
) -> None:
    mocker.patch.object(Journal, "append", side_effect=JournalUnavailable("disk full"))
    result = unlocked("clip", "export", clip.id, tmp_path / "out.mp4", "--need", "INC-1")
    assert result.exit_code == 1
    assert "disk full" in result.stderr
    assert not list(tmp_path.glob("*out.mp4*"))


@pytest.mark.parametrize("need", ["", "x", "Jane Doe asked", "a|b", "-n", "n" * 41])
def test_a_need_is_a_reference(unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path, need: str) -> None:
    result = unlocked("clip", "export", clip.id, tmp_path / "out.mp4", f"--need={need}")
    assert result.exit_code == 2
    assert not (tmp_path / "out.mp4").exists()


def test_no_need_no_export(unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path) -> None:
    assert unlocked("clip", "export", clip.id, tmp_path / "out.mp4").exit_code == 2


def test_an_existing_file_is_not_overwritten(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path
) -> None:
    (tmp_path / "out.mp4").write_text("mine")
    result = unlocked("clip", "export", clip.id, tmp_path / "out.mp4", "--need", "INC-1")
    assert result.exit_code == 1
    assert (tmp_path / "out.mp4").read_text() == "mine"


def test_an_unknown_clip_is_said_to_be_unknown(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path
) -> None:
    result = unlocked("clip", "export", "nope", tmp_path / "out.mp4", "--need", "INC-1")
    assert result.exit_code == 1
    assert "no clip" in result.stderr


def test_a_file_that_cannot_be_is_an_error_in_a_line(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path
) -> None:
    for target in (tmp_path / ("x" * 300), tmp_path / "no-such-folder" / "out.mp4"):
        result = unlocked("clip", "export", clip.id, target, "--need", "INC-1")
        assert result.exit_code == 1
        assert result.stderr.splitlines()[-1].startswith(f"Error: {target.parent}")


def test_an_export_is_verified_anywhere_with_the_published_key(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.mp4"
    assert unlocked("clip", "export", clip.id, target, "--need", "INC-1").exit_code == 0
    own = unlocked("clip", "verify", target)
    assert own.exit_code == 0, own.output
    monkeypatch.setenv("UNLOCKED_CONFIG", str(tmp_path / "no-such.toml"))
    (tmp_path / "key.pub").write_text(f"untrusted comment: published\n{key}\n")
    for given in (key, tmp_path / "key.pub"):
        result = unlocked("clip", "verify", target, "--public-key", given)
        assert (result.exit_code, result.stdout) == (0, own.stdout)
    assert own.stdout.splitlines()[-1] == "INTACT: this is what was exported"
    assert "for INC-1" in own.stdout
    for given, told in (((), "name the key"), (("--public-key", "nonsense"), "no public key of minisign")):
        refused = unlocked("clip", "verify", target, *given)
        assert refused.exit_code == 2
        assert told in refused.stderr


def test_what_was_altered_is_told_with_its_time(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path
) -> None:
    target = tmp_path / "out.mp4"
    assert unlocked("clip", "export", clip.id, target, "--need", "INC-1").exit_code == 0
    content = bytearray(target.read_bytes())
    content[-5] ^= 1
    target.write_bytes(content)
    result = unlocked("clip", "verify", target)
    assert result.exit_code == 1
    first, *_, last = result.stdout.splitlines()
    assert "PICTURES ALTERED: 2026-09-21 14:13:21 UTC to 2026-09-21 14:13:22 UTC" in first
    assert last == "NOT INTACT"
    told = json.loads(unlocked("clip", "verify", target, "--json").stdout)
    assert (told["intact"], told["signed"]) == (False, True)
    assert told["films"][0]["differs"][0]["what"] == "pictures_altered"
    manifest = tmp_path / "out.mp4.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"INC-1", b"INC-2"))
    result = unlocked("clip", "verify", target)
    assert "MANIFEST ALTERED" in result.stdout
    assert "what follows is not signed" in result.stdout
    manifest.write_bytes(manifest.read_bytes().replace(b"INC-2", b"\\u001b[2J\\nINTACT"))
    result = unlocked("clip", "verify", target)
    assert "for ?[2J?INTACT" in result.stdout
    assert "\x1b" not in result.stdout
