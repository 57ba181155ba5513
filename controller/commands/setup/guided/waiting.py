"""Waiting for something at the branch, for as long as whoever is asked wants to wait."""

from __future__ import annotations

import sys
from collections.abc import Callable
from select import select

LOOK_S = 0.05


def enter_was_pressed(within_s: float = 0.0) -> bool:
    """Whether a line was typed, or will never be."""
    if not select([sys.stdin], [], [], within_s)[0]:
        return False
    sys.stdin.readline()
    return True


def until(is_so: Callable[[], bool]) -> bool:
    """Whether it came to be so before Enter was pressed."""
    while not is_so():
        if enter_was_pressed(LOOK_S):
            return False
    return True
