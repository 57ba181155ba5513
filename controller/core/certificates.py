"""How long a certificate is still good for, and from when on somebody has to be told."""

from __future__ import annotations

DAY_US = 86_400_000_000
WARN_DAYS = 30
"""A month: renewing one may take a visit, and whoever is to do it may be away."""


def days_left(until_us: int, now_us: int) -> int:
    """Whole days until it expires; negative once it has. Both wall time, microseconds."""
    return (until_us - now_us) // DAY_US


def is_expiring(until_us: int, now_us: int) -> bool:
    return days_left(until_us, now_us) < WARN_DAYS
