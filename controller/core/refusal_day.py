"""The day that a refusal hangs on, for the event that records it: staff can tell a member which it was.

Only where that day is the reason. Never here: the day on which somebody comes of age, which is near to a
birthday.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from controller.core.access import Reason
from controller.core.membership import Membership

_DAYS: Mapping[Reason, Callable[[Membership], date | None]] = {
    Reason.EXPIRED: lambda membership: membership.expires,
    Reason.ENTITLEMENT_NOT_BEGUN: lambda membership: membership.granted_from,
    Reason.ENTITLEMENT_ENDED: lambda membership: membership.granted_until,
}


def day_behind(reason: Reason, membership: Membership | None) -> date | None:
    """The last day of what has ended, or the first of what has not begun; None for all other reasons."""
    return _DAYS[reason](membership) if membership is not None and reason in _DAYS else None
