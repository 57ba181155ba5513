"""Room on the footage disk: recording stops while the journals beside it still have what they need."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

MEGABYTE = 1_000_000
RESUME_SHARE = 20
"""Recording begins again with a twentieth more than the floor free, so that it does not flutter."""


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


class Floor:
    """``min_free_mb`` of the settings, over the disk that holds ``folder``."""

    def __init__(self, folder: Path, min_free_mb: int, measure: Callable[[Path], int] = free_bytes) -> None:
        self._folder = folder
        self._floor = min_free_mb * MEGABYTE
        self._measure = measure

    def reached(self) -> bool:
        """Whether recording must stop."""
        return self._measure(self._folder) < self._floor

    def clear(self) -> bool:
        """Whether recording may begin again."""
        return self._measure(self._folder) >= self._floor + self._floor // RESUME_SHARE

    def above_bytes(self) -> int:
        """How much may still be recorded before it is reached; negative below it."""
        return self._measure(self._folder) - self._floor

    def free_mb(self) -> int:
        return self._measure(self._folder) // MEGABYTE
