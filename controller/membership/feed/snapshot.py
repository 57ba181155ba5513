"""A copy of a file that nobody else can reach, let alone change between two looks at it.

It has no name: when it is closed, or the process ends, it is gone from the disk. Never here: what is in it.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

from controller.membership.feed.refusal import BadFile, Cause

LARGEST = 1024 * 1024 * 1024
"""Bytes. A million memberships have 80 to 200 million."""
BLOCK = 1024 * 1024
TIMES = 8
"""What an import takes on the disk at its height, in sizes of the file: copy, rows in order, new set, log."""
LEFT = 128 * 1024 * 1024
"""Bytes that the journals must find free, whatever is imported."""


def taken(source: BinaryIO, folder: Path) -> BinaryIO:
    """A copy of all of ``source``, from its start, in ``folder``. Raises BadFile, OSError on a full disk."""
    size = os.fstat(source.fileno()).st_size
    if size > LARGEST:
        raise too_large()
    check_space(folder, size)
    with ExitStack() as on_error:
        copy = cast(BinaryIO, on_error.enter_context(tempfile.TemporaryFile(dir=folder)))
        left = LARGEST
        while block := source.read(BLOCK):
            left -= len(block)
            if left < 0:
                raise too_large()
            copy.write(block)
        copy.seek(0)
        on_error.pop_all()
    return copy


def check_space(folder: Path, size: int) -> None:
    """Whether a file of ``size`` bytes can be imported. Raises OSError."""
    free = shutil.disk_usage(folder).free
    if free < TIMES * size + LEFT:
        needed_mb = (TIMES * size + LEFT) // 1_000_000
        # Not how much is: that changes all the time, and the same trouble is told once.
        why = f"the disk is too full to import this: {needed_mb} MB must be free"
        raise OSError(errno.ENOSPC, why)


def too_large() -> BadFile:
    return BadFile(Cause.TOO_LARGE, f"it is larger than {LARGEST // 1024**3} GiB")
