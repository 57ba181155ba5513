"""The few steps by which footage comes to and leaves the disk, each durable when it returns.

A step is one function, so that a test can stop the recorder between any two of them.
"""

from __future__ import annotations

import os
from pathlib import Path

from controller.disk import sync_folder as sync_folder  # a step like those below


def make_folder(folder: Path) -> None:
    """Make ``folder``, whose parent exists, and its name durable."""
    if not folder.is_dir():
        folder.mkdir(mode=0o2750)
        sync_folder(folder.parent)


def publish(part: Path, whole: Path) -> None:
    """Give a written and synced file its final name."""
    part.rename(whole)
    sync_folder(whole.parent)


def cut(part: Path, length: int) -> None:
    """Leave the first ``length`` bytes of what was being written."""
    with part.open("r+b") as file:
        file.truncate(length)
        os.fsync(file.fileno())


def remove(file: Path) -> None:
    """Unlink; a file that has gone already is as good. The folder is not synced yet: see sync_folder."""
    file.unlink(missing_ok=True)
