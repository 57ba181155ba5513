"""For any category of any profile, and any day: never before its day, and never out of turn."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.retention.dates import start_us
from controller.core.retention.due import Due
from controller.core.retention.rules import Moments, Trigger
from controller.settings import shipped
from controller.settings.policy.answer import answer
from controller.settings.policy.load import load_profile
from controller.settings.policy.profile import Profile

LONDON = ZoneInfo("Europe/London")
PROFILES = [load_profile(file) for file in shipped.profiles().values()]
DATED = [
    (profile, category.id)
    for profile in PROFILES
    for category in profile.categories
    if category.rule.kind not in ("permanent", "unspecified")
]
DAYS = st.dates(date(2020, 1, 1), date(2099, 12, 31))


def trigger(category: str, day: date) -> Trigger:
    if category != "footage":
        return day
    return Moments(start_us(day, LONDON), start_us(day, LONDON) + 60_000_000)


def due(profile: Profile, category: str, day: date, ceiling: date | None = None) -> Due:
    found = answer(profile, category, trigger(category, day), LONDON, 14, ceiling_trigger=ceiling).due
    assert isinstance(found, Due)
    return found


@settings(max_examples=150)
@given(of=st.sampled_from(DATED), day=DAYS, later=st.integers(0, 800), ceiling=st.none() | DAYS)
def test_what_happened_later_is_never_due_earlier(
    of: tuple[Profile, str], day: date, later: int, ceiling: date | None
) -> None:
    profile, category = of
    first, second = due(profile, category, day), due(profile, category, day + timedelta(days=later))
    assert start_us(day, LONDON) <= first.due_us <= second.due_us
    assert first.retained_through <= first.due_on
    # A ceiling from a day of its own can only make it earlier.
    assert due(profile, category, day, ceiling).due_us <= first.due_us
