"""Is the disk of the footage mounted? Remembered is where it was mounted when the recorder last ran.

Without that disk the folder is an empty one on another: what is recorded there would be hidden once the disk
is back, and outlive every promise; and all footage would seem to be gone. Never here: what is done about it.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)


class FootageDisk:
    """folder: of the footage; it exists. file: where to remember; in a folder that is there."""

    def __init__(self, folder: Path, file: Path) -> None:
        self._folder = folder.resolve()
        self._file = file

    def missing(self) -> str | None:
        """What is wrong and what to do, if the disk on which the folder was is not there; else None."""
        folder, _, mount = self._remembered().partition("\n")
        now = _mount_point(self._folder)
        if folder != str(self._folder) or not Path(mount).is_relative_to(now) or mount == str(now):
            return None  # it is as it was, or a disk was mounted where there was none
        return (
            f"{self._folder} was on the disk mounted at {mount}, which is not mounted: mount it. If "
            f"footage is to be kept without it from now on, delete {self._file}"
        )

    def remember(self) -> None:
        """The folder is where it should be. Never raises: less known is no harm."""
        known = f"{self._folder}\n{_mount_point(self._folder)}"
        if self._remembered() == known:
            return
        try:
            self._file.write_text(known)
        except OSError as error:
            log.warning("%s: %s", self._file, error.strerror)

    def _remembered(self) -> str:
        try:
            return self._file.read_text()
        except (OSError, UnicodeDecodeError):
            return ""


def _mount_point(folder: Path) -> Path:
    return next((path for path in (folder, *folder.parents) if os.path.ismount(path)), Path("/"))
