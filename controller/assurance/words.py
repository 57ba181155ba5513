"""Times and numbers as the page says them, in the branch's local time."""

from __future__ import annotations

from datetime import tzinfo

from controller.core.local_time import local_time


def moment(us: int, zone: tzinfo) -> str:
    """Such as 22 November 2026, 14:05."""
    at = local_time(us, zone)
    return f"{at.day} {at:%B %Y, %H:%M}"


def many(count: int, one: str, more: str = "") -> str:
    """Such as "1 event", "1,204 events"."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
