from __future__ import annotations

import pytest

from controller.core.certificates import DAY_US, days_left, is_expiring

NOW = 1_790_000_000_000_000


@pytest.mark.parametrize(
    ("left_us", "days", "expiring"),
    [
        (31 * DAY_US, 31, False),
        (30 * DAY_US, 30, False),
        (30 * DAY_US - 1, 29, True),
        (1, 0, True),
        (-1, -1, True),
        (-3 * DAY_US, -3, True),
    ],
)
def test_a_month_ahead_somebody_is_told(left_us: int, days: int, expiring: bool) -> None:
    assert days_left(NOW + left_us, NOW) == days
    assert is_expiring(NOW + left_us, NOW) is expiring
