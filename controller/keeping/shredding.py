"""Destroying a file whose content must not be readable afterwards: card numbers, keys.

Never here: which files those are.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from controller.disk import sync_folder

BLOCK = 1 << 20


class NotShredded(Exception):
    """The file is still there, or its content may be. The message says why."""


def shred(file: Path) -> int:
    """Overwrite the file once, and remove it; how many bytes it had. Raises NotShredded.

    A disk that writes elsewhere than it read (flash, copy on write) can keep the old content all the same.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            size = _overwrite(descriptor)
        finally:
            os.close(descriptor)
        file.unlink()
        sync_folder(file.parent)
    except OSError as error:
        raise NotShredded(error.strerror) from error
    return size


def _overwrite(descriptor: int) -> int:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise NotShredded("it is no ordinary file")
    if found.st_nlink > 1:
        raise NotShredded("it has another name as well; find it and remove both")
    left = found.st_size
    while left:  # a write may take less than it was given, and what it left would stay readable
        left -= os.write(descriptor, os.urandom(min(BLOCK, left)))
    os.fsync(descriptor)
    return found.st_size
