from __future__ import annotations

import json
from collections.abc import Callable

from click.testing import Result

from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.footage import Clip

Unlocked = Callable[..., Result]
START_US = 1_790_000_000_000_000
START_CODE = b"\0\0\0\1"


def test_clips_are_listed(unlocked: Unlocked, clip: Clip, granted: str) -> None:
    result = unlocked("clip", "list")
    title, line = result.stdout.splitlines()
    assert title.split() == ["clip", "start", "length", "camera", "offset", "event"]
    # 14:13 UTC, by the clock on the branch's wall.
    shown = [clip.id[:8], "2026-09-21", "15:13:21", "1.0", "s", "entrance", "1.5", "s"]
    assert line.split() == [*shown, "access.granted"]
    assert len(line) <= 80
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


def test_clips_of_a_time_are_listed(unlocked: Unlocked, clip: Clip) -> None:
    around = ("--from", "2026-09-21 15:10", "--to", "2026-09-21 15:15")
    assert clip.id[:8] in unlocked("clip", "list", *around).stdout
    assert "no clips of that time" in unlocked("clip", "list", "--from", "2026-09-21 15:14").stderr
    assert "is not a time" in unlocked("clip", "list", "--to", "nine").stderr


def test_an_event_that_is_no_longer_known_still_has_its_clip(unlocked: Unlocked, clip: Clip) -> None:
    assert json.loads(unlocked("clip", "list", "--json").stdout)["event_type"] is None
    assert "no longer in the journals" in unlocked("clip", "show", "--need", "INC-1", clip.id).stdout


def test_a_clip_is_shown_with_its_files(unlocked: Unlocked, clip: Clip, granted: str) -> None:
    result = unlocked("clip", "show", "--need", "INC-1", clip.id[:6])
    assert result.exit_code == 0
    assert "access.granted at front, 2026-09-21 15:13:21\n" in result.stdout
    assert "offset  1.5 s into entrance/entrance_20260921T141320" in result.stdout
    assert "15:13:20 to 2026-09-21 15:13:22: as recorded" in result.stdout
    told = json.loads(unlocked("clip", "show", "--need", "INC-1", clip.id, "--json").stdout)
    assert (told["event_type"], told["offset_us"], told["gaps"]) == ("access.granted", 1_500_000, [])
    assert told["files"][0]["fault"] is None


def test_footage_that_was_changed_or_is_gone_is_said_to_be_so(
    unlocked: Unlocked, clip: Clip, settings: Settings
) -> None:
    (file,) = Paths.of(settings).footage_dir.glob("*/*.mp4")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    result = unlocked("clip", "show", "--need", "INC-1", clip.id)
    assert (result.exit_code, "its hash differs" in result.stdout) == (1, True)
    file.unlink()
    result = unlocked("clip", "show", "--need", "INC-1", clip.id)
    assert (result.exit_code, "No such file" in result.stdout) == (1, True)


def test_before_anything_was_recorded_there_are_none(unlocked: Unlocked) -> None:
    result = unlocked("clip", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "there are no clips" in result.stderr
