"""When the library management system is asked: every decision there is, on memberships of every age."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from controller.core.access import Decision, Granted, NotNeeded, OpensUp, PinNeeded, Reason, Refused, Side
from controller.core.live import LiveRules, worth_asking, worth_refreshing
from controller.core.membership import Membership, Status

NOW_US = 1_795_420_800_000_000
RULES = LiveRules(max_age_us=24_000, refresh_after_us=4_000, negative_us=60)
MEMBERSHIP = Membership(
    Status.ACTIVE, None, None, None, date(2026, 11, 23), "adult", date(2026, 11, 24), False, NOW_US
)

ALWAYS = {Reason.UNKNOWN_CARD, Reason.MEMBERSHIP_STALE}
"""Whatever is known of the card."""
WHEN_OLDER = {
    Reason.SUSPENDED,
    Reason.EXPIRED,
    Reason.NOT_ENROLLED,
    Reason.ENTITLEMENT_NOT_BEGUN,
    Reason.ENTITLEMENT_ENDED,
}
NEVER: list[Decision] = [
    Granted(),
    Granted(passback=True),
    OpensUp(),
    PinNeeded(),
    NotNeeded(),
    *(Refused(reason) for reason in Reason if reason not in ALWAYS | WHEN_OLDER),
]


def of_age(age_us: int) -> Membership:
    return replace(MEMBERSHIP, as_of_us=NOW_US - age_us)


@pytest.mark.parametrize("decision", NEVER)
def test_what_no_answer_could_change_is_not_asked_about(decision: Decision) -> None:
    for membership in (None, *map(of_age, (0, 60, 61, 30_000))):
        assert not worth_asking(decision, Side.IN, membership, NOW_US, RULES)


@pytest.mark.parametrize("reason", sorted(ALWAYS))
def test_what_is_not_known_well_enough_is_asked_about(reason: Reason) -> None:
    for membership in (None, *map(of_age, (-1, 0, 60, 61, 30_000))):
        assert worth_asking(Refused(reason), Side.IN, membership, NOW_US, RULES)


@pytest.mark.parametrize("reason", sorted(WHEN_OLDER))
def test_a_no_of_the_library_is_asked_about_once_it_is_old_enough(reason: Reason) -> None:
    for age_us, asked in ((0, False), (60, False), (61, True), (30_000, True)):
        assert worth_asking(Refused(reason), Side.IN, of_age(age_us), NOW_US, RULES) is asked


def test_an_age_that_the_library_did_not_say_may_be_known_by_now() -> None:
    unknown = replace(MEMBERSHIP, adult_on=None)
    for age_us, asked in ((60, False), (61, True)):
        membership = replace(unknown, as_of_us=NOW_US - age_us)
        assert worth_asking(Refused(Reason.UNDER_AGE), Side.IN, membership, NOW_US, RULES) is asked


@pytest.mark.parametrize("reason", list(Reason))
def test_nobody_who_leaves_waits_for_an_answer(reason: Reason) -> None:
    for membership in (None, of_age(30_000), replace(of_age(30_000), adult_on=None)):
        assert not worth_asking(Refused(reason), Side.OUT, membership, NOW_US, RULES)


def test_a_membership_is_refreshed_after_it_opened_the_door_once_it_is_old_enough() -> None:
    assert [worth_refreshing(of_age(age), NOW_US, RULES) for age in (0, 4_000, 4_001)] == [False, False, True]
    assert not worth_refreshing(None, NOW_US, RULES)
