"""On which disks a branch kept its files: what they are called, so that the right ones are destroyed.

Read from /proc and /sys, as far as they tell. Never here: what is on them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SYS = Path("/sys/dev/block")


@dataclass(frozen=True, slots=True)
class Medium:
    """folder: what was kept on it. device, model: as the kernel names them; empty where it does not."""

    folder: str
    device: str
    model: str


def media_of(folders: Iterable[Path], sys: Path = SYS) -> list[Medium]:
    """Of each folder that is there, once for each disk."""
    found: dict[int, Medium] = {}
    for folder in folders:
        try:
            number = folder.stat().st_dev
        except OSError:
            continue
        found.setdefault(number, Medium(str(folder), *_named(sys / f"{os.major(number)}:{os.minor(number)}")))
    return list(found.values())


def _named(block: Path) -> tuple[str, str]:
    try:
        here = block.resolve(strict=True)
    except OSError:
        return "", ""  # a file system in memory, or of a container
    whole = here.parent if (here / "partition").exists() else here
    parts = (_text(whole / "device" / name) for name in ("vendor", "model", "name", "serial"))
    return here.name, " ".join(filter(None, parts))


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""
