"""The decision on a card as a page for people: what can be the case, what comes of it, what it means.

Every answer in the table is ``core.access.decide``'s own. Never here: how a decision is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

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
from controller.core.meanings import MEANINGS
from controller.core.membership import Listed, Listing, Membership, Status
from controller.core.passback import Policy

TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
NOW_US = 1_795_420_800_000_000
OPEN = Now(Mode.UNSTAFFED, None, entry=True)
LAST_ENTRY = Now(Mode.UNSTAFFED, None, entry=False)
STAFFED = Now(Mode.STAFFED, None, entry=True)
CLOSED = Now(Mode.CLOSED, None, entry=True)
CLEAR_OUT = Now(Mode.CLEAR_OUT, None, entry=True)

_VALID = Membership(
    status=Status.ACTIVE,
    inducted_on=TODAY,
    granted_from=TODAY,
    granted_until=None,
    expires=TODAY,
    category="adult",
    adult_on=TODAY,
    guardian=False,
    as_of_us=NOW_US,
)
_MOMENT = Situation(
    hours=OPEN,
    today=TODAY,
    wall_us=NOW_US,
    clock_trusted=True,
    lockdown=False,
    max_age_us=0,
    minimum_age=True,
)
Case = tuple[Applicant, Situation]
CASES: Mapping[str, Case] = {
    "a member": (Applicant(_VALID), _MOMENT),
    "within own hours": (Applicant(_VALID, own_hours=OPEN), _MOMENT),
    "card on the allowed list": (Applicant(_VALID, Listed(Listing.ALLOWED, TODAY)), _MOMENT),
    "first of the staff": (
        Applicant(_VALID, opens_up=True),
        replace(_MOMENT, hours=STAFFED, awaits_first_person=True),
    ),
    "leaving": (Applicant(_VALID), replace(_MOMENT, side=Side.OUT)),
}
"""Who swipes: a column each. Nothing is wrong with any of them."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What may be the case. only: in these columns; in the others it cannot be, or says the same."""

    words: str
    change: Callable[[Applicant, Situation], Case]
    only: tuple[str, ...] = tuple(CASES)


def _moment(words: str, only: tuple[str, ...] = tuple(CASES), **changes: object) -> Condition:
    return Condition(words, lambda a, s: (a, replace(s, **changes)), only)  # type: ignore[arg-type]  # fields of Situation


def _card(words: str, only: tuple[str, ...] = tuple(CASES), **changes: object) -> Condition:
    return Condition(words, lambda a, s: (replace(a, **changes), s), only)  # type: ignore[arg-type]  # fields of Applicant


def _member(words: str, **changes: object) -> Condition:
    member = replace(_VALID, **changes)  # type: ignore[arg-type]  # fields of Membership
    return Condition(words, lambda a, s: (replace(a, membership=member), s))


def _pin(words: str, pin: PinResult | None) -> Condition:
    return Condition(words, lambda a, s: (replace(a, pin=pin), replace(s, pin_needed=True)))


_BY_BRANCH_HOURS = ("a member", "within own hours", "card on the allowed list", "leaving")
_NOT_LISTED = ("a member", "within own hours", "first of the staff", "leaving")

CONDITIONS: tuple[Condition, ...] = (
    _moment("lockdown", lockdown=True),
    _moment("evacuation", evacuation=True),
    _moment("the clock is not trusted", clock_trusted=False),
    _moment("staffed hours", hours=STAFFED, awaits_first_person=False),
    _moment(
        "staffed hours, and nobody has opened up yet",
        _BY_BRANCH_HOURS,
        hours=STAFFED,
        awaits_first_person=True,
    ),
    _moment("the branch is closed", _BY_BRANCH_HOURS, hours=CLOSED),
    _moment("clear-out", _BY_BRANCH_HOURS, hours=CLEAR_OUT),
    _moment("after the last entry", _BY_BRANCH_HOURS, hours=LAST_ENTRY),
    _card("outside the category's own hours", ("within own hours",), own_hours=CLOSED),
    _card("locked out after failed attempts", locked_out=True),
    _card("the card is on the blocked list", _NOT_LISTED, listed=Listed(Listing.BLOCKED, None)),
    Condition(
        "nothing is known of the card, and the library was asked in vain",
        lambda a, s: (replace(a, membership=None), replace(s, asked_in_vain=True)),
    ),
    _card("nothing is known of the card", membership=None),
    _member("the membership was copied too long ago", as_of_us=NOW_US - 1),
    _member("suspended", status=Status.SUSPENDED),
    _member("expired", expires=YESTERDAY),
    _member("no induction, or not yet", inducted_on=None),
    _member("no entitlement", granted_from=None),
    _member("the entitlement begins later", granted_from=TOMORROW),
    _member("the entitlement has ended", granted_from=YESTERDAY, granted_until=YESTERDAY),
    _member("under the minimum age", adult_on=TOMORROW),
    _member("not known to be of age", adult_on=None),
    Condition(
        "under the minimum age, a guardian came in just now",
        lambda a, s: (
            replace(a, membership=replace(_VALID, adult_on=TOMORROW)),
            replace(s, guardian_admitted=True),
        ),
    ),
    _moment("the branch is full", full=True),
    _moment("anti-passback refuses", passback=Policy.REFUSE),
    _moment("anti-passback warns", passback=Policy.WARN),
    _pin("a PIN is wanted", None),
    _pin("… and none was entered", PinResult.MISSING),
    _pin("… and it was wrong", PinResult.WRONG),
    _pin("… and it cannot be checked", PinResult.UNAVAILABLE),
    _pin("… and it was right", PinResult.CORRECT),
    Condition("nothing of all this", lambda a, s: (a, s)),
)
"""In the order of ``decide``."""


def answers() -> Iterator[tuple[str, dict[str, Decision | None]]]:
    """Each condition with the answer to everybody; None where it cannot be or says nothing of its own."""
    for condition in CONDITIONS:
        yield (
            condition.words,
            {
                name: decide(*condition.change(*case)) if name in condition.only else None
                for name, case in CASES.items()
            },
        )


def in_words(decision: Decision | None) -> str:
    match decision:
        case None:
            return "-"
        case Granted(passback=True):
            return "granted, and noted"
        case Granted():
            return "granted"
        case OpensUp():
            return "opens up"
        case PinNeeded():
            return "PIN asked for"
        case NotNeeded():
            return "no card needed"
        case Refused(reason):
            return f"`{reason.value}`"


def table() -> str:
    """The conditions and what comes of each, as Markdown."""
    lines = [
        "| the first of these that is the case | " + " | ".join(CASES) + " |",
        "| --- |" + " --- |" * len(CASES),
    ]
    for words, found in answers():
        lines.append(f"| {words} | " + " | ".join(map(in_words, found.values())) + " |")
    return "\n".join(lines) + "\n"


LEGEND = """\
From top to bottom, and a column for each sort of swipe: the first line that is the case and does not say
"granted" or "opens up" is the answer. A line that says so has nothing against this card, and "-" means that
it cannot be the case there. "Within own hours" is a card of a category with hours of its own, during those.
"First of the staff" is a card of a category that opens up, in staffed hours, at a door that waits for it.
"""


def reasons() -> str:
    """Every reason with what it means, as Markdown."""
    lines = ["| reason | to the member | to staff |", "| --- | --- | --- |"]
    lines += [f"| `{reason}` | {MEANINGS[reason].member} | {MEANINGS[reason].staff} |" for reason in Reason]
    return "\n".join(lines) + "\n"


def markdown() -> str:
    """The generated part of docs/access.md."""
    return f"## What is decided\n\n{LEGEND}\n{table()}\n## The reasons\n\n{reasons()}"
