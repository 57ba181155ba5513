"""Asking, inside the transaction that deletes, whether that may be. Never here: what answers."""

from __future__ import annotations

from collections.abc import Callable

May = Callable[[], bool]
"""Asked once there is something that would go, and before it is gone for good."""


def always() -> bool:
    return True


class Kept(Exception):
    """Nothing goes after all."""


def gone(dropped: int, may: May) -> int:
    """How many go. Raises Kept, which the transaction must not outlive."""
    if dropped and not may():
        raise Kept
    return dropped
