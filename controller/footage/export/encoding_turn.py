"""One film is encoded at a time: cameras and doors come first. What it is encoded by: ``transcode``."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def encoding_turn(lock: Path, waits: Callable[[], None]) -> Iterator[None]:
    """Hold this while encoding. lock: a file, made if it is not there. waits: called if another encodes.

    Raises OSError.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        if os.geteuid() == 0:
            folder = lock.parent.stat()  # as the journals: else nobody but root could ever encode again
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # and with it the lock
