from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.footage import Footage, Segment

Unlocked = Callable[..., Result]
START_US = 1_790_000_000_000_000


def record(settings: Settings, camera: str, end_us: int) -> None:
    footage = Footage.open(Paths.of(settings).footage)
    name = f"{camera}/{end_us}.mp4"
    footage.add_segment(
        Segment(str(uuid.uuid4()), camera, name, START_US, end_us, 1, "boot", True, 1, b"\0" * 32)
    )
    footage.close()


def test_a_camera_that_was_never_recorded(unlocked: Unlocked) -> None:
    assert unlocked("camera", "list").stdout.splitlines() == [
        "entrance  never recorded",
        "  rtsp     rtsp://camera-1.example/stream1",
        "  mode     continuous",
        "  motion   1 zone, keyframes",
    ]


def test_what_is_recorded_by_the_hours(unlocked: Unlocked, config: Path) -> None:
    text = config.read_text().replace('#staffed = "off"', 'staffed = "off"')
    config.write_text(text.replace("#sub_url", "sub_url").replace("#motion = true", "motion = true"))
    listed = unlocked("camera", "list").stdout
    assert "mode     continuous, staffed off\n  motion   1 zone, sub stream\n" in listed
    told = json.loads(unlocked("camera", "list", "--json").stdout)
    assert (told["mode"], told["by_hours"], told["sub_stream"]) == ("continuous", {"staffed": "off"}, True)


def test_until_when_a_camera_was_recorded(unlocked: Unlocked, settings: Settings) -> None:
    record(settings, "entrance", START_US + 60_000_000)
    record(settings, "entrance", START_US + 120_000_000)
    record(settings, "elsewhere", START_US + 180_000_000)
    assert "2026-09-21 15:15:20" in unlocked("camera", "list").stdout
    told = json.loads(unlocked("camera", "list", "--json").stdout)
    assert (told["id"], told["recorded_until_us"]) == ("entrance", START_US + 120_000_000)
