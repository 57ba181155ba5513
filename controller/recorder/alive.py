"""When the recorder last ran and had written down all it knew: the time of a file, which outlives a crash.

A camera that was not being recorded, since nothing happened, missed nothing up to then. An event each minute
would say the same and bury all others.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from controller.core.event import Stamp

EVERY_US = 30_000_000

log = logging.getLogger(__name__)


class Alive:
    """file: in a folder that is there. Used by the acting thread. Never raises: less known is no harm."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._next_us = 0

    def mark(self, now: Stamp) -> None:
        """Everything up to now is written down."""
        if now.mono_us < self._next_us:
            return
        self._next_us = now.mono_us + EVERY_US
        try:
            self._file.touch(mode=0o640)
            os.utime(self._file, ns=(now.wall_us * 1000, now.wall_us * 1000))
        except OSError as error:
            log.debug("%s: %s", self._file, error.strerror)

    def last_us(self) -> int | None:
        """Wall time of the last mark; None if there is none."""
        try:
            return self._file.stat().st_mtime_ns // 1000
        except OSError:
            return None
