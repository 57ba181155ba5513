"""``unlocked check`` and the keyframes of the camera that is really there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.event import EventType, NewEvent, Stamp
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal import Journal

Unlocked = Callable[..., Result]
WHEN = Stamp(1_790_000_000_000_000, 1, "boot", True)


def measured(settings: Settings, *intervals_ms: int, camera: str = "entrance") -> Path:
    path = Paths.of(settings).journal("recorder")
    path.parent.mkdir(parents=True, exist_ok=True)
    journal = Journal.open(path, service="recorder", stamp=WHEN)
    for interval_ms in intervals_ms:
        data = {"keyframe_interval_us": interval_ms * 1000}
        journal.append([NewEvent(EventType.CAMERA_MEASURED, camera, WHEN, data)])
    journal.close()
    return path


def write(config: Path, *lines: str) -> None:
    """Settings of the only camera."""
    key = '#mode = "continuous"'
    text = config.read_text()
    assert key in text
    config.write_text(text.replace(key, "\n".join(lines), 1))


@pytest.mark.parametrize(("mode", "closed"), [("activity", "off"), ("continuous", "activity")])
def test_a_pre_roll_that_is_too_short_is_refused_with_where_the_figure_is_from(
    unlocked: Unlocked, config: Path, settings: Settings, mode: str, closed: str
) -> None:
    journal = measured(settings, 2000, 2500)
    write(config, f'mode = "{mode}"', "pre_roll_s = 4", "post_roll_s = 5")
    config.write_text(config.read_text().replace('#closed = "activity"', f'closed = "{closed}"'))
    result = unlocked("check", str(config))
    assert result.exit_code == 2
    assert result.stderr.splitlines()[1:] == [
        f"{config}: cameras[entrance].pre_roll_s: 4 s is less than 2 keyframe intervals of this camera, "
        f"which are 2.5 s each as the recorder measured on 2026-09-21 at 15:13 ({journal}); set "
        "pre_roll_s = 5, or have the camera send keyframes more often"
    ]


def test_both_can_be_too_short(unlocked: Unlocked, config: Path, settings: Settings) -> None:
    measured(settings, 10_000)
    write(config, 'mode = "activity"', "post_roll_s = 19")
    result = unlocked("check", str(config))
    assert result.exit_code == 2
    assert [line.split(": ")[1] for line in result.stderr.splitlines()[1:]] == [
        "cameras[entrance].pre_roll_s",
        "cameras[entrance].post_roll_s",
    ]


@pytest.mark.parametrize(
    "lines", [['mode = "activity"', "pre_roll_s = 20"], ['mode = "continuous"', "pre_roll_s = 1"]]
)
def test_what_is_long_enough_or_not_needed_is_right(
    unlocked: Unlocked, config: Path, settings: Settings, lines: list[str]
) -> None:
    measured(settings, 10_000)
    write(config, *lines)
    result = unlocked("check", str(config))
    assert result.exit_code == 0
    assert "pre_roll_s" not in result.output


@pytest.mark.parametrize("why", ["no journal", "another camera", "unreadable"])
def test_what_is_not_known_is_a_hint(unlocked: Unlocked, config: Path, settings: Settings, why: str) -> None:
    if why != "no journal":
        path = measured(settings, 10_000, camera="hall")
        if why == "unreadable":
            path.write_bytes(b"no database at all" * 1000)
    write(config, 'mode = "activity"')
    result = unlocked("check", str(config))
    assert result.exit_code == 0
    assert "hint: cameras[entrance].pre_roll_s: whether it is long enough" in result.output


def test_a_clip_that_is_longer_than_what_is_recorded_is_a_hint(
    unlocked: Unlocked, config: Path, settings: Settings
) -> None:
    measured(settings, 1000)
    write(config, 'mode = "activity"', "pre_roll_s = 5", "post_roll_s = 15")
    hints = [
        line for line in unlocked("check", str(config)).output.splitlines() if "clips are to show" in line
    ]
    assert [line.split(": ")[2] for line in hints] == [
        "cameras[entrance].pre_roll_s",
        "cameras[entrance].post_roll_s",
    ]
    assert hints[0].endswith("set pre_roll_s = 10, or footage.clip_before_s = 5")
