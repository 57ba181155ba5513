"""Explanations: each reason in words with its days, and the next time by asking the rules themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from controller.core.access import Side
from controller.core.hours import Day, Hours, Mode, Now, Schedule, Span
from controller.core.live import LiveRules
from controller.core.membership import Listed, Listing, Membership, Status
from controller.door.admission import NOTHING, Category, Here, Known, Rules
from controller.door.explained.explanation import Question, let_in, next_time, verdict, why
from controller.store.members import Found
from simulator.members import valid_membership

HOUR_US = 3_600_000_000
TODAY = date(2026, 11, 23)
NINE_US = round(datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()) * 1_000_000
VALID = valid_membership(TODAY, NINE_US - HOUR_US)


class Daily:
    """Open to cards from one hour to another every day, in UTC."""

    def __init__(self, from_h: int, to_h: int) -> None:
        self._from_h, self._to_h = from_h, to_h

    def at(self, wall_us: int) -> Now:
        midnight_us = wall_us - wall_us % (24 * HOUR_US)
        opens_us, closes_us = midnight_us + self._from_h * HOUR_US, midnight_us + self._to_h * HOUR_US
        if wall_us < opens_us:
            return Now(Mode.CLOSED, opens_us, entry=True)
        if wall_us < closes_us:
            return Now(Mode.UNSTAFFED, closes_us, entry=True, closes_us=closes_us)
        return Now(Mode.CLOSED, opens_us + 24 * HOUR_US, entry=True)


RULES = Rules(
    hours=Daily(8, 20),
    zone=UTC,
    max_age_us=48 * HOUR_US,
    minimum_age=True,
    categories={"cleaner": Category(opens_up=False, hours=Daily(5, 7))},
)


def question(
    membership: Membership | None = VALID,
    listed: Listed | None = None,
    *,
    at_us: int = NINE_US,
    here: Here | None = None,
    pin: bool = False,
    readable: bool = True,
    trusted: bool = True,
) -> Question:
    return Question(
        RULES,
        Known(b"", Found(membership, listed), readable),
        here or Here(lockdown=False),
        at_us,
        NINE_US,
        trusted,
        lambda _: pin,
    )


class Always:
    """The same hours at every instant."""

    def __init__(self, now: Now) -> None:
        self._now = now

    def at(self, wall_us: int) -> Now:  # noqa: ARG002 -- it is a Timetable
        return self._now


TEN_US = NINE_US + HOUR_US


@pytest.mark.parametrize(
    ("now", "here", "said", "words"),
    [
        (Now(Mode.STAFFED, TEN_US, entry=True), {}, "no card is needed", "Staff are in until Mon 23"),
        (
            Now(Mode.STAFFED, TEN_US, entry=True),
            {"awaits_first_person": True},
            "refused, closed_hours",
            "nobody of the staff has opened the branch yet",
        ),
        (
            Now(Mode.CLEAR_OUT, TEN_US, entry=True),
            {},
            "refused, clear_out",
            "Staff are leaving, and nobody is let in by card until Mon 23 November 2026, 10:00.",
        ),
        (
            Now(Mode.UNSTAFFED, TEN_US, entry=False, closes_us=TEN_US),
            {},
            "refused, last_entry",
            "so shortly before it closes, at Mon 23 November 2026, 10:00.",
        ),
        (Now(Mode.CLOSED, None, entry=True), {}, "refused, closed_hours", "The branch is closed."),
        (Now(Mode.CLOSED, None, entry=True), {"evacuation": True}, "refused, evacuation", "evacuated"),
        (Now(Mode.UNSTAFFED, None, entry=True), {"full": True}, "refused, full", "As many people"),
    ],
)
def test_the_hours_and_the_door_have_their_words(
    now: Now, here: dict[str, bool], said: str, words: str
) -> None:
    asked = replace(question(here=Here(lockdown=False, **here)), rules=replace(RULES, hours=Always(now)))
    assert verdict(asked.decision(asked.at_us)) == said
    assert words in why(asked)


def test_the_first_of_the_staff_opens_the_branch() -> None:
    rules = replace(
        RULES,
        hours=Always(Now(Mode.STAFFED, TEN_US, entry=True)),
        categories={"staff": Category(opens_up=True, hours=None)},
    )
    staff = replace(VALID, category="staff")
    asked = replace(question(staff, here=Here(lockdown=False, awaits_first_person=True)), rules=rules)
    assert verdict(asked.decision(asked.at_us)) == "let in, and opens the branch"
    assert "first of the staff" in why(asked)


NEXT_DAY = TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("asked", "said", "words"),
    [
        (question(), "let in", "opens to it until Mon 23 November 2026, 20:00."),
        (question(pin=True), "let in after the right PIN", "in order"),
        (question(here=Here(lockdown=False, side=Side.OUT)), "let in", "Every card that is known"),
        (question(None, Listed(Listing.ALLOWED, TODAY)), "let in", f"until the end of {TODAY}"),
        (question(None), "refused, unknown_card", "has said since, no membership has this card"),
        (
            question(None, Listed(Listing.ALLOWED, TODAY - timedelta(days=1))),
            "refused, unknown_card",
            "nor does a list of the branch let it in",
        ),
        (question(VALID, Listed(Listing.BLOCKED, TODAY)), "refused, blocked", f"ends with {TODAY}"),
        (question(VALID, Listed(Listing.BLOCKED, None)), "refused, blocked", "have blocked the card."),
        (question(here=Here(lockdown=True)), "refused, lockdown", "locked the door"),
        (question(trusted=False), "refused, clock_untrusted", "does not know what time"),
        (question(None, readable=False), "refused, membership_stale", "copy of the memberships"),
        (
            question(replace(VALID, as_of_us=NINE_US - 49 * HOUR_US)),
            "refused, membership_stale",
            "copied on Sat 21 November 2026, 08:00, and are believed for 48 hours",
        ),
        (question(replace(VALID, status=Status.SUSPENDED)), "refused, suspended", "ask at the library"),
        (question(replace(VALID, inducted_on=NEXT_DAY)), "refused, not_enrolled", f"is on {NEXT_DAY}"),
        (question(replace(VALID, granted_from=None)), "refused, not_enrolled", "but no entitlement"),
        (question(replace(VALID, adult_on=NEXT_DAY)), "refused, under_age", f"reached on {NEXT_DAY}"),
        (question(replace(VALID, adult_on=None)), "refused, under_age", "did not say"),
        (
            question(at_us=NINE_US + 12 * HOUR_US),
            "refused, closed_hours",
            "closed until Tue 24 November 2026, 08:00",
        ),
        (question(replace(VALID, category="cleaner")), "refused, closed_hours", '"cleaner" have hours'),
    ],
)
def test_each_answer_has_its_words(asked: Question, said: str, words: str) -> None:
    assert verdict(asked.decision(asked.at_us)) == said
    assert words in why(asked)


def at(day: date, hour: int) -> int:
    return round(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp()) * 1_000_000


LATER = TODAY + timedelta(days=200)


@pytest.mark.parametrize(
    ("asked", "expected_us"),
    [
        (question(at_us=at(TODAY, 21)), at(NEXT_DAY, 8)),
        (question(at_us=at(TODAY, 3)), at(TODAY, 8)),
        (question(replace(VALID, category="cleaner")), at(NEXT_DAY, 5)),
        (question(replace(VALID, granted_from=LATER)), at(LATER, 8)),
        (question(replace(VALID, inducted_on=NEXT_DAY, granted_from=LATER)), at(LATER, 8)),
        (question(replace(VALID, adult_on=LATER)), at(LATER, 8)),
        (question(VALID, Listed(Listing.BLOCKED, LATER - timedelta(days=1))), at(LATER, 8)),
        (question(VALID, Listed(Listing.BLOCKED, None)), None),
        (question(replace(VALID, expires=TODAY - timedelta(days=1))), None),
        (question(replace(VALID, expires=NEXT_DAY, granted_from=LATER)), None),
        (question(replace(VALID, status=Status.SUSPENDED)), None),
        (question(None), None),
        (question(None, Listed(Listing.ALLOWED, NEXT_DAY), at_us=at(TODAY, 21)), at(NEXT_DAY, 8)),
        (question(None, Listed(Listing.ALLOWED, TODAY), at_us=at(TODAY, 21)), None),
        (question(here=Here(lockdown=True)), None),
    ],
)
def test_the_next_time_is_one_at_which_the_door_says_yes(asked: Question, expected_us: int | None) -> None:
    assert not let_in(asked.decision(asked.at_us))
    assert next_time(asked) == expected_us


def test_memberships_are_as_fresh_at_any_time_as_they_are_now() -> None:
    month_us = 30 * 24 * HOUR_US
    assert let_in(question(at_us=NINE_US + month_us).decision(NINE_US + month_us))
    assert let_in(question(at_us=NINE_US - month_us).decision(NINE_US - month_us))


def test_what_is_explained_is_what_is_known_and_nothing_else() -> None:
    assert Known(b"secret", NOTHING) != Known(b"other", NOTHING)
    assert "secret" not in repr(question().known) + repr(Known(b"secret", NOTHING))


def test_the_next_time_is_found_behind_a_closure_of_many_weeks() -> None:
    open_daily = Day(unstaffed=(Span(8 * 60, 20 * 60),))
    for weeks, found in ((7, True), (20, False)):
        closed = {TODAY + timedelta(days=number): Day() for number in range(weeks * 7)}
        rules = replace(RULES, hours=Schedule(Hours((open_daily,) * 7, closed), UTC))
        again_us = NINE_US - HOUR_US + weeks * 7 * 24 * HOUR_US
        assert next_time(replace(question(), rules=rules)) == (again_us if found else None)


def test_a_branch_that_never_opens_has_no_next_time() -> None:
    never = Schedule(Hours((Day(),) * 7), UTC)
    asked = replace(question(), rules=replace(RULES, hours=never))
    assert "The branch is closed." in why(asked)
    assert next_time(asked) is None


ASKING = replace(RULES, live=LiveRules(24 * HOUR_US, 4 * HOUR_US, 60_000_000))
DAY_OLD = replace(VALID, as_of_us=NINE_US - 25 * HOUR_US)


@pytest.mark.parametrize(
    ("asked", "would_ask", "said"),
    [
        (question(), False, "let in"),
        (question(DAY_OLD), True, "let in"),
        (question(None), True, "refused, not_checked"),
        (question(replace(VALID, status=Status.SUSPENDED)), True, "refused, suspended"),
        (question(replace(VALID, as_of_us=NINE_US - 49 * HOUR_US)), True, "refused, membership_stale"),
        (question(None, here=Here(lockdown=True)), False, "refused, lockdown"),
        (question(None, at_us=NINE_US + 12 * HOUR_US), False, "refused, closed_hours"),
        (question(None, readable=False), False, "refused, membership_stale"),
        (question(None, here=Here(lockdown=False, side=Side.OUT)), False, "refused, unknown_card"),
    ],
)
def test_where_the_door_would_ask_it_says_what_holds_without_an_answer(
    asked: Question, would_ask: bool, said: str
) -> None:
    asked = replace(asked, rules=ASKING)
    assert asked.would_ask(asked.at_us) is would_ask
    assert verdict(asked.decision(asked.at_us)) == said
    assert why(asked)
