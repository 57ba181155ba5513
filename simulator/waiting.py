"""Waiting for a condition with a limit, instead of sleeping and hoping."""

from __future__ import annotations

import time
from collections.abc import Callable

LOOK_S = 0.01


def wait_until(condition: Callable[[], object], limit_s: float, what: str = "it") -> None:
    """Look again and again until the condition holds. Raises TimeoutError after ``limit_s`` seconds."""
    end_s = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end_s:
            raise TimeoutError(f"{what} did not happen within {limit_s:g} s")
        time.sleep(LOOK_S)
