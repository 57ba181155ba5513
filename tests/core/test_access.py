"""Every combination of what can be wrong with a card and with the moment, and the one answer to it.

All combinations at once are 30 million, so they are tried in two tables that overlap: whatever can be wrong
with the moment, with a few of each sort of card; and whatever can be wrong with a card, at each sort of
moment that lets cards through. Both are complete in themselves, and ``expected`` is the documented order of
reasons written down a second time, as data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import product
from random import Random
from typing import Literal

import pytest

from controller.core.access import (
    Applicant,
    Decision,
    Granted,
    NotNeeded,
    OpensUp,
    PinNeeded,
    PinResult,
    Reason,
    Refused,
    Side,
    Situation,
    decide,
)
from controller.core.hours import Mode, Now
from controller.core.membership import Listed, Listing, Membership, Status
from controller.core.passback import Policy

TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
NOW_US = 1_795_420_800_000_000
MAX_AGE_US = 168 * 3600 * 1_000_000

Hours = Literal["open", "last entry", "clear-out", "closed"]
NOW: dict[Hours, Now] = {
    "open": Now(Mode.UNSTAFFED, None, entry=True),
    "last entry": Now(Mode.UNSTAFFED, None, entry=False),
    "clear-out": Now(Mode.CLEAR_OUT, None, entry=True),
    "closed": Now(Mode.CLOSED, None, entry=True),
}
STAFFED = Now(Mode.STAFFED, None, entry=True)


@dataclass(frozen=True, slots=True)
class Case:
    """One combination, by the names of what is the case."""

    # The moment
    lockdown: bool = False
    leaving: bool = False
    evacuation: bool = False
    clock_wrong: bool = False
    branch: Hours | Literal["staffed", "not opened"] = "open"
    # The card's category
    own: Hours | None = None
    opens_up: bool = False
    # The card
    locked_out: bool = False
    listed: Literal["blocked", "allowed", "no more"] | None = None
    known: bool = True
    asked_in_vain: bool = False
    stale: bool = False
    suspended: bool = False
    expired: bool = False
    entitled: Literal["yes", "not inducted", "no grant", "not begun", "ended"] = "yes"
    age: Literal["reached", "under", "not known", "with guardian", "not asked"] = "reached"
    # What is asked at the end
    full: bool = False
    passback: Policy = Policy.OFF
    pin: PinResult | Literal["not wanted", "not asked yet"] = "not wanted"


@cache
def membership(case: tuple[bool, bool, bool, str, str]) -> Membership:
    stale, suspended, expired, entitled, age = case
    return Membership(
        status=Status.SUSPENDED if suspended else Status.ACTIVE,
        inducted_on=None if entitled == "not inducted" else TODAY,
        granted_from={"no grant": None, "not begun": TOMORROW, "ended": YESTERDAY}.get(entitled, TODAY),
        granted_until=YESTERDAY if entitled == "ended" else None,
        expires=YESTERDAY if expired else TODAY,
        category="adult",
        adult_on={"reached": TODAY, "not known": None}.get(age, TOMORROW),
        guardian=False,
        as_of_us=NOW_US - MAX_AGE_US - stale,
    )


LISTED: dict[str | None, Listed | None] = {
    None: None,
    "blocked": Listed(Listing.BLOCKED, None),
    "allowed": Listed(Listing.ALLOWED, TODAY),
    "no more": Listed(Listing.BLOCKED, YESTERDAY),
}


def answer(case: Case) -> Decision:
    known = (case.stale, case.suspended, case.expired, case.entitled, case.age)
    return decide(
        Applicant(
            membership(known) if case.known else None,
            LISTED[case.listed],
            NOW[case.own] if case.own else None,
            case.opens_up,
            case.locked_out,
            case.pin if isinstance(case.pin, PinResult) else None,
        ),
        Situation(
            STAFFED if case.branch in ("staffed", "not opened") else NOW[case.branch],
            TODAY,
            NOW_US,
            not case.clock_wrong,
            case.lockdown,
            MAX_AGE_US,
            None,
            case.asked_in_vain,
            Side.OUT if case.leaving else Side.IN,
            case.evacuation,
            case.branch == "not opened",
            case.age != "not asked",
            case.age == "with guardian",
            case.full,
            case.passback,
            case.pin != "not wanted",
        ),
    )


# --- the documented order, a second time ----------------------------------------------------------


def is_open(case: Case) -> Hours:
    """The hours that this card goes by."""
    if case.own and case.known and not case.stale:
        return case.own
    return "closed" if case.branch in ("staffed", "not opened") else case.branch


def opening_up(case: Case) -> bool:
    return case.branch == "not opened" and case.opens_up


def allowed(case: Case) -> bool:
    return case.listed == "allowed" and not opening_up(case)


def warned(case: Case) -> bool:
    return case.passback is not Policy.OFF


Predicate = Callable[[Case], bool]
ORDER: list[tuple[Predicate, Callable[[Case], Decision]]] = [
    (lambda c: c.lockdown, lambda _: Refused(Reason.LOCKDOWN)),
    (lambda c: c.leaving and not c.known and not c.listed, lambda _: Refused(Reason.UNKNOWN_CARD)),
    (lambda c: c.leaving, lambda _: Granted()),
    (lambda c: c.evacuation, lambda _: Refused(Reason.EVACUATION)),
    (lambda c: c.clock_wrong, lambda _: Refused(Reason.CLOCK_UNTRUSTED)),
    (lambda c: c.branch == "staffed", lambda _: NotNeeded()),
    (lambda c: not opening_up(c) and is_open(c) == "closed", lambda _: Refused(Reason.CLOSED_HOURS)),
    (lambda c: not opening_up(c) and is_open(c) == "clear-out", lambda _: Refused(Reason.CLEAR_OUT)),
    (lambda c: not opening_up(c) and is_open(c) == "last entry", lambda _: Refused(Reason.LAST_ENTRY)),
    (lambda c: c.locked_out, lambda _: Refused(Reason.LOCKED_OUT)),
    (lambda c: c.listed == "blocked", lambda _: Refused(Reason.BLOCKED)),
    (
        lambda c: not allowed(c) and not c.known and c.asked_in_vain,
        lambda _: Refused(Reason.NOT_CHECKED),
    ),
    (lambda c: not allowed(c) and not c.known, lambda _: Refused(Reason.UNKNOWN_CARD)),
    (lambda c: not allowed(c) and c.stale, lambda _: Refused(Reason.MEMBERSHIP_STALE)),
    (lambda c: not allowed(c) and c.suspended, lambda _: Refused(Reason.SUSPENDED)),
    (lambda c: not allowed(c) and c.expired, lambda _: Refused(Reason.EXPIRED)),
    (
        lambda c: not allowed(c) and c.entitled in ("not inducted", "no grant"),
        lambda _: Refused(Reason.NOT_ENROLLED),
    ),
    (
        lambda c: not allowed(c) and c.entitled == "not begun",
        lambda _: Refused(Reason.ENTITLEMENT_NOT_BEGUN),
    ),
    (lambda c: not allowed(c) and c.entitled == "ended", lambda _: Refused(Reason.ENTITLEMENT_ENDED)),
    (lambda c: not allowed(c) and c.age in ("under", "not known"), lambda _: Refused(Reason.UNDER_AGE)),
    (lambda c: not opening_up(c) and c.full, lambda _: Refused(Reason.FULL)),
    (
        lambda c: not opening_up(c) and c.passback is Policy.REFUSE,
        lambda _: Refused(Reason.PASSBACK),
    ),
    (lambda c: not allowed(c) and c.pin == "not asked yet", lambda _: PinNeeded()),
    (lambda c: not allowed(c) and c.pin is PinResult.MISSING, lambda _: Refused(Reason.PIN_MISSING)),
    (lambda c: not allowed(c) and c.pin is PinResult.WRONG, lambda _: Refused(Reason.PIN_WRONG)),
    (
        lambda c: not allowed(c) and c.pin is PinResult.UNAVAILABLE,
        lambda _: Refused(Reason.PIN_UNAVAILABLE),
    ),
    (opening_up, lambda _: OpensUp()),
    (lambda _: True, lambda c: Granted(passback=warned(c))),
]


def row(case: Case) -> int:
    """Which line of ORDER a case comes to."""
    return next(number for number, (applies, _) in enumerate(ORDER) if applies(case))


# --- the tables -----------------------------------------------------------------------------------

BOTH = (False, True)
BRANCH: tuple[Hours | Literal["staffed", "not opened"], ...] = (*NOW, "staffed", "not opened")
OWN: tuple[Hours | None, ...] = (None, *NOW)
PINS: tuple[PinResult | Literal["not wanted", "not asked yet"], ...] = (
    "not wanted",
    "not asked yet",
    *PinResult,
)
GOOD = Case()
CARDS = (
    GOOD,
    Case(known=False),
    Case(known=False, asked_in_vain=True),
    Case(stale=True),
    Case(suspended=True),
    Case(age="with guardian"),
    Case(full=True),
    Case(passback=Policy.WARN, pin=PinResult.CORRECT),
    Case(passback=Policy.REFUSE),
    Case(pin="not asked yet"),
    Case(pin=PinResult.WRONG),
)
"""One of each sort of card, for every sort of moment."""
MOMENTS = (
    GOOD,
    Case(branch="closed", own="open"),
    Case(branch="not opened", opens_up=True),
)
"""Each sort of moment that lets some cards through, for every sort of card."""


def moments() -> Iterator[Case]:
    for card, values in product(
        CARDS, product(BOTH, BOTH, BOTH, BOTH, BRANCH, OWN, BOTH, BOTH, (None, "blocked", "allowed"))
    ):
        lockdown, leaving, evacuation, clock_wrong, branch, own, opens_up, locked_out, listed = values
        yield replace(
            card,
            lockdown=lockdown,
            leaving=leaving,
            evacuation=evacuation,
            clock_wrong=clock_wrong,
            branch=branch,
            own=own,
            opens_up=opens_up,
            locked_out=locked_out,
            listed=listed,
        )


MEMBERSHIPS = [
    (False, False, False, False, False, "yes", "reached"),
    (False, True, False, False, False, "yes", "reached"),
    *product(
        (True,),
        (False,),
        BOTH,
        BOTH,
        BOTH,
        ("yes", "not inducted", "no grant", "not begun", "ended"),
        ("reached", "under", "not known", "with guardian", "not asked"),
    ),
]


def cards() -> Iterator[Case]:
    for moment, known, locked_out, listed, full, passback, pin in product(
        MOMENTS, MEMBERSHIPS, BOTH, LISTED, BOTH, Policy, PINS
    ):
        yield Case(
            branch=moment.branch,
            own=moment.own,
            opens_up=moment.opens_up,
            locked_out=locked_out,
            listed=listed,  # type: ignore[arg-type]  # product forgets the literals
            known=known[0],
            asked_in_vain=known[1],
            stale=known[2],
            suspended=known[3],
            expired=known[4],
            entitled=known[5],  # type: ignore[arg-type]
            age=known[6],  # type: ignore[arg-type]
            full=full,
            passback=passback,
            pin=pin,
        )


@cache
def answered(table: Callable[[], Iterator[Case]]) -> list[tuple[Case, Decision]]:
    return [(case, answer(case)) for case in table()]


@pytest.mark.parametrize(
    ("table", "size"),
    [
        (moments, len(CARDS) * 2**4 * 6 * 5 * 2 * 2 * 3),
        (cards, 3 * (2 + 2**3 * 5 * 5) * 2 * 4 * 2 * 3 * 6),
    ],
)
def test_every_combination_has_the_answer_of_the_first_thing_that_decides(
    table: Callable[[], Iterator[Case]], size: int
) -> None:
    reached = set()
    for case, decision in answered(table):
        number = row(case)
        assert decision == ORDER[number][1](case), case
        reached.add(number)
    assert len(answered(table)) == size
    # What comes before the card is asked about is the other table's.
    assert reached >= (set(range(9)) if table is moments else set(range(9, len(ORDER))))


def test_every_reason_has_its_row_but_the_two_that_the_door_finds_itself() -> None:
    refusals = [decision(GOOD) for _, decision in ORDER]
    given = {found.reason for found in refusals if isinstance(found, Refused)}
    found_by_the_door = {Reason.NOT_READ, Reason.HALF_READ, Reason.TOO_LATE, Reason.JOURNAL_UNAVAILABLE}
    assert given == set(Reason) - found_by_the_door


def test_what_lies_between_the_tables_has_the_same_answers() -> None:
    draw = Random(20261123)
    fields = {
        "lockdown": BOTH,
        "leaving": BOTH,
        "evacuation": BOTH,
        "clock_wrong": BOTH,
        "branch": BRANCH,
        "own": OWN,
        "opens_up": BOTH,
        "locked_out": BOTH,
        "listed": tuple(LISTED),
        "full": BOTH,
        "passback": tuple(Policy),
        "pin": PINS,
    }
    names = ("known", "asked_in_vain", "stale", "suspended", "expired", "entitled", "age")
    for _ in range(50_000):
        chosen = {name: draw.choice(values) for name, values in fields.items()}
        case = Case(**chosen, **dict(zip(names, draw.choice(MEMBERSHIPS), strict=True)))  # type: ignore[arg-type]
        assert answer(case) == ORDER[row(case)][1](case), case


# --- what the order is for ------------------------------------------------------------------------


def test_a_member_is_let_in_in_exactly_the_intended_case() -> None:
    """Of all cards at a moment that lets members in, and without a list or a guardian to help."""
    let_in = [
        case
        for case, decision in answered(cards)
        if (case.branch, case.own, case.opens_up) == ("open", None, False)
        and case.listed != "allowed"
        and case.age not in ("with guardian", "not asked")
        and isinstance(decision, Granted)
    ]
    assert len(let_in) == 2 * 2 * 2
    for case in let_in:
        assert case.listed in (None, "no more")
        assert case.passback is not Policy.REFUSE
        assert case.pin in ("not wanted", PinResult.CORRECT)
        assert replace(case, listed=None, passback=Policy.OFF, pin="not wanted") == GOOD


def test_nobody_is_let_in_while_nobody_may_be() -> None:
    for case, decision in answered(moments):
        if case.lockdown:
            assert decision == Refused(Reason.LOCKDOWN)
        if not case.leaving and (case.evacuation or case.clock_wrong):
            assert isinstance(decision, Refused)


def test_whoever_is_known_is_let_out_whatever_is_wrong_with_the_card() -> None:
    for case, decision in answered(moments):
        if case.leaving and not case.lockdown and (case.known or case.listed):
            assert isinstance(decision, Granted)


def test_only_staff_who_open_up_open_up() -> None:
    opened = {case for case, decision in answered(cards) if decision == OpensUp()}
    assert opened
    assert {(c.branch, c.opens_up, c.known) for c in opened} == {("not opened", True, True)}
    assert not any(case.stale or case.suspended or case.expired or case.locked_out for case in opened)


def test_a_reason_says_nothing_of_a_card_while_nobody_may_come_in_anyway() -> None:
    for case, decision in answered(moments):
        if case.leaving or case.opens_up or case.own:
            continue
        if case.lockdown or case.evacuation or case.clock_wrong or case.branch != "open":
            stranger = replace(case, known=False, listed=None, locked_out=False)
            assert decision == answer(stranger)


def test_while_locked_out_no_answer_tells_a_good_card_from_a_bad_one() -> None:
    for case, decision in answered(cards):
        if case.locked_out and case.branch == "open" and case.own is None:
            assert decision == Refused(Reason.LOCKED_OUT)


def test_a_stale_category_is_not_believed_either_way() -> None:
    cleaner = Case(branch="closed", own="open", stale=True)
    assert answer(cleaner) == Refused(Reason.CLOSED_HOURS)
    assert answer(replace(cleaner, branch="open", own="closed")) == Refused(Reason.MEMBERSHIP_STALE)


def test_a_category_is_believed_for_longer_where_the_rest_is_asked_about() -> None:
    day_us = 24 * 3600 * 1_000_000
    cleaner = membership((False, False, False, "yes", "reached"))
    asked = Situation(
        NOW["closed"], TODAY, NOW_US, True, False, max_age_us=day_us, own_hours_max_age_us=MAX_AGE_US
    )
    opens = Applicant(cleaner, own_hours=NOW["open"])
    assert decide(opens, asked) == Refused(Reason.MEMBERSHIP_STALE)
    assert decide(opens, replace(asked, max_age_us=MAX_AGE_US)) == Granted()
    assert decide(opens, replace(asked, wall_us=NOW_US + 1)) == Refused(Reason.CLOSED_HOURS)
    assert decide(opens, replace(asked, own_hours_max_age_us=0)) == Refused(Reason.CLOSED_HOURS)
    closed = Applicant(cleaner, own_hours=NOW["closed"])
    assert decide(closed, replace(asked, hours=NOW["open"])) == Refused(Reason.CLOSED_HOURS)


def test_hours_of_its_own_let_a_category_in_before_the_branch_opens_and_not_when_they_end() -> None:
    assert answer(Case(branch="closed", own="open")) == Granted()
    assert answer(Case(branch="clear-out", own="open")) == Granted()
    assert answer(Case(branch="last entry", own="open")) == Granted()
    assert answer(Case(branch="open", own="closed")) == Refused(Reason.CLOSED_HOURS)
    assert answer(Case(branch="staffed", own="open")) == NotNeeded()
    assert answer(Case(branch="not opened", own="open")) == Granted()


# --- the days on which things begin and end -------------------------------------------------------

SITUATION = Situation(NOW["open"], TODAY, NOW_US, True, False, MAX_AGE_US)
VALID = membership((False, False, False, "yes", "reached"))


def asked(member: Membership | None, listed: Listed | None = None, **changes: object) -> Decision:
    return decide(Applicant(member, listed), replace(SITUATION, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "day", "reason"),
    [
        ("expires", TOMORROW, None),
        ("expires", TODAY, None),
        ("expires", YESTERDAY, Reason.EXPIRED),
        ("inducted_on", YESTERDAY, None),
        ("inducted_on", TODAY, None),
        ("inducted_on", TOMORROW, Reason.NOT_ENROLLED),
        ("inducted_on", None, Reason.NOT_ENROLLED),
        ("granted_from", YESTERDAY, None),
        ("granted_from", TODAY, None),
        ("granted_from", TOMORROW, Reason.ENTITLEMENT_NOT_BEGUN),
        ("granted_from", None, Reason.NOT_ENROLLED),
        ("granted_until", TOMORROW, None),
        ("granted_until", TODAY, None),
        ("granted_until", YESTERDAY, Reason.ENTITLEMENT_ENDED),
        ("granted_until", None, None),
        ("adult_on", YESTERDAY, None),
        ("adult_on", TODAY, None),
        ("adult_on", TOMORROW, Reason.UNDER_AGE),
        ("adult_on", None, Reason.UNDER_AGE),
    ],
)
def test_each_day_counts_whole(field: str, day: date | None, reason: Reason | None) -> None:
    decision = asked(replace(VALID, **{field: day}), minimum_age=True)
    assert decision == (Granted() if reason is None else Refused(reason))


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
    assert asked(replace(VALID, as_of_us=NOW_US - age_us)) == decision


@pytest.mark.parametrize(
    ("until", "blocked", "let_in"),
    [
        (None, Refused(Reason.BLOCKED), Granted()),
        (TOMORROW, Refused(Reason.BLOCKED), Granted()),
        (TODAY, Refused(Reason.BLOCKED), Granted()),
        (YESTERDAY, Granted(), Refused(Reason.UNKNOWN_CARD)),
    ],
)
def test_a_list_ends_with_its_last_day(until: date | None, blocked: Decision, let_in: Decision) -> None:
    assert asked(VALID, Listed(Listing.BLOCKED, until)) == blocked
    assert asked(None, Listed(Listing.ALLOWED, until)) == let_in


def test_an_allowed_card_still_goes_by_the_hours_of_the_branch() -> None:
    for hours, reason in (
        ("closed", Reason.CLOSED_HOURS),
        ("clear-out", Reason.CLEAR_OUT),
        ("last entry", Reason.LAST_ENTRY),
    ):
        decision = asked(None, LISTED["allowed"], hours=NOW[hours])  # type: ignore[index]
        assert decision == Refused(reason)


def test_without_a_minimum_age_nobody_is_under_it() -> None:
    assert asked(replace(VALID, adult_on=None)) == Granted()
    assert asked(replace(VALID, adult_on=TOMORROW)) == Granted()
    assert asked(replace(VALID, adult_on=TOMORROW), minimum_age=True, guardian_admitted=True) == Granted()
