"""What ``unlocked check`` foresees of the disk that the footage is kept on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

from controller.commands.check import footage as check_footage
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.footage import Footage, Segment

Unlocked = Callable[..., Result]
GB, HOUR_US = 1_000_000_000, 3_600_000_000


class Disk:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free_gb = 100_000
        monkeypatch.setattr(check_footage.os, "statvfs", self.measured)

    def measured(self, folder: Path) -> Any:
        assert folder.is_dir()
        return SimpleNamespace(f_bavail=self.free_gb * GB // 4096, f_frsize=4096)


@pytest.fixture
def disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Disk:
    Paths.of(settings).state.mkdir()
    return Disk(monkeypatch)


def cameras(config: Path, count: int) -> None:
    more = "".join(
        f'[[cameras]]\nid = "more-{n}"\nurl = "rtsp://camera.example/{n}"\n\n' for n in range(count - 1)
    )
    config.write_text(config.read_text().replace("\n[footage]\n", f"\n{more}[footage]\n"))


def hints(unlocked: Unlocked, config: Path, key: str) -> list[str]:
    result = unlocked("check", str(config))
    assert result.exit_code == 0, result.output
    return [line for line in result.output.splitlines() if f": hint: footage.{key}" in line]


def test_a_disk_that_is_too_small_is_told_in_one_line(unlocked: Unlocked, config: Path, disk: Disk) -> None:
    cameras(config, 4)
    disk.free_gb = 241
    (hint,) = hints(unlocked, config, "retention_days")
    assert "4 cameras x 1.5 Mb/s (assumed) x 14 days = 907 GB; this disk has 240. " in hint
    disk.free_gb = 909
    assert not hints(unlocked, config, "retention_days")


def test_what_a_camera_sends_is_measured_once_there_is_footage(
    unlocked: Unlocked, config: Path, settings: Settings, disk: Disk
) -> None:
    """10 GB in ten hours; they are on the disk already."""
    now_us = time.time_ns() // 1000
    footage = Footage.open(Paths.of(settings).footage)
    for hour in range(10):
        start_us = now_us - (hour + 1) * HOUR_US
        footage.add_segment(
            Segment(f"{hour:036}", "entrance", f"entrance/{hour}.mp4", start_us, start_us + HOUR_US, 1, "b",
                    True, GB, bytes(32))
        )  # fmt: skip
    footage.close()
    disk.free_gb = 300
    (hint,) = hints(unlocked, config, "retention_days")
    assert "1 camera x 2.2 Mb/s (measured) x 14 days = 336 GB; this disk has 309. " in hint
    cameras(config, 2)
    assert "2 cameras x 1.9 Mb/s (partly measured)" in hints(unlocked, config, "retention_days")[0]


def test_footage_beside_the_journals_is_a_hint(
    unlocked: Unlocked, config: Path, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hint,) = hints(unlocked, config, "dir")
    assert hint.endswith(f"give {tmp_path / 'state' / 'footage'} a disk of its own")
    real = Path.stat

    def stat(path: Path, **how: Any) -> os.stat_result:
        found = real(path, **how)
        if path.name != "footage":
            return found
        return os.stat_result((*found[:2], found.st_dev + 1, *found[3:]))

    (tmp_path / "state" / "footage").mkdir()
    monkeypatch.setattr(Path, "stat", stat)
    assert not hints(unlocked, config, "dir")


def test_a_floor_that_the_reserves_can_lift_is_a_hint(unlocked: Unlocked, config: Path, disk: Disk) -> None:
    assert not hints(unlocked, config, "min_free_mb")
    config.write_text(config.read_text().replace("#min_free_mb = 1024", "min_free_mb = 80"))
    (hint,) = hints(unlocked, config, "min_free_mb")
    assert hint.endswith("set more than 80")


def test_on_another_machine_nothing_is_known_of_the_disk(unlocked: Unlocked, config: Path) -> None:
    assert "hint: footage." not in unlocked("check", str(config)).output
