from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from click.testing import Result

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.secrets.minisign import PublicKey
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.staff.account import account
from controller.staff.journal import StaffJournal
from controller.store.footage import Clip
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader

Unlocked = Callable[..., Result]
START_US = 1_790_000_000_000_000
START_CODE = b"\0\0\0\1"


def exports(settings: Settings) -> list[dict[str, Any]]:
    reader = JournalReader(Paths.of(settings).journal("console"))
    found = [dict(e.data) for e in reader.since(0) if e.type is EventType.CLIP_EXPORTED]
    reader.close()
    return found


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
    assert "encoded anew, masks filled in: 1" in result.stdout
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
