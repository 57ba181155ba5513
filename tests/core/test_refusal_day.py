from __future__ import annotations

from datetime import date

import pytest

from controller.core.access import Reason
from controller.core.membership import Membership, Status
from controller.core.refusal_day import day_behind

MEMBERSHIP = Membership(
    Status.ACTIVE,
    inducted_on=date(2025, 1, 1),
    granted_from=date(2025, 1, 2),
    granted_until=date(2026, 11, 2),
    expires=date(2026, 11, 3),
    category="adult",
    adult_on=date(2027, 5, 5),
    guardian=False,
    as_of_us=1,
)


@pytest.mark.parametrize("reason", list(Reason))
def test_a_day_is_told_where_it_is_the_reason_and_never_when_somebody_comes_of_age(reason: Reason) -> None:
    days = {
        Reason.EXPIRED: date(2026, 11, 3),
        Reason.ENTITLEMENT_NOT_BEGUN: date(2025, 1, 2),
        Reason.ENTITLEMENT_ENDED: date(2026, 11, 2),
    }
    assert day_behind(reason, MEMBERSHIP) == days.get(reason)
    assert day_behind(reason, None) is None
