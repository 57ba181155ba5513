"""Every combination of what can be wrong with a card and with the moment, and the one answer to it."""

from datetime import date, timedelta
from itertools import product

import pytest

from controller.core.access import Decision, Granted, NotNeeded, Reason, Refused, Situation, decide
from controller.core.hours import Mode
from controller.core.membership import Membership, Status

TODAY = date(2026, 11, 23)
NOW_US = 1_795_420_800_000_000
MAX_AGE_US = 168 * 3600 * 1_000_000
GOOD = Situation(Mode.UNSTAFFED, TODAY, NOW_US, True, False, MAX_AGE_US)


def member(
    *,
    stale: bool = False,
    suspended: bool = False,
    expired: bool = False,
    enrolled: bool = True,
) -> Membership:
    return Membership(
        Status.SUSPENDED if suspended else Status.ACTIVE,
        enrolled,
        TODAY - timedelta(days=1) if expired else TODAY,
        "adult",
        NOW_US - MAX_AGE_US - 1 if stale else NOW_US - MAX_AGE_US,
    )


# What is wrong, and the answer if nothing above it is wrong: the documented order of reasons.
CONDITIONS = (
    "lockdown",
    "clock",
    "staffed",
    "closed",
    "unknown",
    "stale",
    "suspended",
    "expired",
    "enrolled",
)
ANSWERS: dict[str, Decision] = {
    "lockdown": Refused(Reason.LOCKDOWN),
    "clock": Refused(Reason.CLOCK_UNTRUSTED),
    "staffed": NotNeeded(),
    "closed": Refused(Reason.CLOSED_HOURS),
    "unknown": Refused(Reason.UNKNOWN_CARD),
    "stale": Refused(Reason.MEMBERSHIP_STALE),
    "suspended": Refused(Reason.SUSPENDED),
    "expired": Refused(Reason.EXPIRED),
    "enrolled": Refused(Reason.NOT_ENROLLED),
}
# A branch is not staffed and closed at once, and nothing can be wrong with a membership that is unknown.
TABLE = [
    wrong
    for values in product((False, True), repeat=len(CONDITIONS))
    for wrong in [dict(zip(CONDITIONS, values, strict=True))]
    if not (wrong["staffed"] and wrong["closed"])
    and not (wrong["unknown"] and any(wrong[each] for each in ("stale", "suspended", "expired", "enrolled")))
]


def answer(wrong: dict[str, bool]) -> Decision:
    mode = Mode.STAFFED if wrong["staffed"] else Mode.CLOSED if wrong["closed"] else Mode.UNSTAFFED
    membership = member(
        stale=wrong["stale"],
        suspended=wrong["suspended"],
        expired=wrong["expired"],
        enrolled=not wrong["enrolled"],
    )
    return decide(
        None if wrong["unknown"] else membership,
        Situation(mode, TODAY, NOW_US, not wrong["clock"], wrong["lockdown"], MAX_AGE_US),
    )


def test_the_table_has_every_combination() -> None:
    assert len(TABLE) == 2 * 2 * 3 * (1 + 2**4)


def test_every_combination_has_the_answer_of_the_first_thing_wrong() -> None:
    for wrong in TABLE:
        first = next((condition for condition in CONDITIONS if wrong[condition]), None)
        assert answer(wrong) == (ANSWERS[first] if first else Granted()), wrong


def test_it_grants_in_exactly_one_case() -> None:
    assert [wrong for wrong in TABLE if answer(wrong) == Granted()] == [dict.fromkeys(CONDITIONS, False)]


def test_every_reason_is_given_somewhere_but_the_two_that_the_door_finds_itself() -> None:
    given = {found.reason for wrong in TABLE if isinstance(found := answer(wrong), Refused)}
    assert given == set(Reason) - {Reason.NOT_READ, Reason.JOURNAL_UNAVAILABLE}


def test_a_reason_says_nothing_of_a_card_while_nobody_may_come_in_anyway() -> None:
    for wrong in TABLE:
        if wrong["lockdown"] or wrong["clock"] or wrong["staffed"] or wrong["closed"]:
            nothing_known = {**dict.fromkeys(CONDITIONS, False), "unknown": True}
            moment = {each: wrong[each] for each in ("lockdown", "clock", "staffed", "closed")}
            assert answer(wrong) == answer(nothing_known | moment)


@pytest.mark.parametrize(
    ("expires", "decision"),
    [
        (TODAY + timedelta(days=1), Granted()),
        (TODAY, Granted()),
        (TODAY - timedelta(days=1), Refused(Reason.EXPIRED)),
    ],
)
def test_the_last_valid_day_is_valid(expires: date, decision: Decision) -> None:
    assert decide(Membership(Status.ACTIVE, True, expires, "adult", NOW_US), GOOD) == decision


@pytest.mark.parametrize(
    ("age_us", "decision"),
    [
        (0, Granted()),
        (MAX_AGE_US, Granted()),
        (MAX_AGE_US + 1, Refused(Reason.MEMBERSHIP_STALE)),
        (-1, Refused(Reason.MEMBERSHIP_STALE)),
    ],
)
def test_a_membership_is_believed_up_to_its_age_and_never_from_the_future(
    age_us: int, decision: Decision
) -> None:
    assert decide(Membership(Status.ACTIVE, True, TODAY, "adult", NOW_US - age_us), GOOD) == decision
