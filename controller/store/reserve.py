"""Room on the disk that is kept for what must be written although the disk is full.

A file of some megabytes beside each service's databases. When a write finds no room, the file is emptied and
the write done again: so the marks and certificates of a disposal, holds, and the news that the disk is full
are durable all the same. The file is filled again when idle, once there is room for it twice over.
Nothing is asked of the disk while writes succeed. Never here: what is written.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from controller.store.engine import DatabaseFull

T = TypeVar("T")
FILE_MODE = 0o640

log = logging.getLogger(__name__)


class Reserve:
    """For one thread at a time. news: whether it was given up (False: filled again), not yet journalled."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self.news: list[bool] = []
        self._path = path
        self._size = size_bytes
        self._missing = True

    def fill(self) -> None:
        """Take the room if it is not taken already and there is enough. Call at start and when idle."""
        if not self._missing:
            return
        try:
            self._fill()
        except OSError as error:
            log.warning("%s: no room is kept for the journals: %s", self._path, error.strerror)

    def _fill(self) -> None:
        was_given_up = self._path.exists() and not self._path.stat().st_size
        if self._path.exists() and self._path.stat().st_blocks * 512 >= self._size:
            self._missing = False
            return
        room = os.statvfs(self._path.parent)
        if room.f_bavail * room.f_frsize < 2 * self._size:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            if os.geteuid() == 0:
                folder = self._path.parent.stat()  # as the databases: the service must be able to empty it
                os.fchown(descriptor, folder.st_uid, folder.st_gid)
            os.posix_fallocate(descriptor, 0, self._size)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, 0)  # somebody else was quicker: half of it would be no use
            raise
        finally:
            os.close(descriptor)
        self._missing = False
        if was_given_up:
            self.news.append(False)

    def give_up(self) -> bool:
        """Empty the file; whether that made room. The file itself stays, and tells a later start."""
        try:
            with self._path.open("r+b") as file:
                if not os.fstat(file.fileno()).st_size:
                    return False
                file.truncate(0)
                # Until then a file system that journals gives the blocks to nobody.
                os.fsync(file.fileno())
        except OSError:
            return False
        log.error("%s: the disk is full; the room that was kept for the journals is given up", self._path)
        self._missing = True
        self.news.append(True)
        return True


def written(reserve: Reserve | None, write: Callable[[], T]) -> T:
    """The answer of ``write``, done again with the reserve's room if there was none. Raises as it does."""
    try:
        return write()
    except DatabaseFull:
        if reserve is None or not reserve.give_up():
            raise
        return write()
