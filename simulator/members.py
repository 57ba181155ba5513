"""Members who don't exist, with cards that a branch can check: the cast of scenarios and tests.

Here: card numbers with a right check digit, memberships with dates relative to a given day, and the file
that a library management system would export. Never here: names of people; a label says what is the matter
with a card, and only its last three digits are ever shown.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from controller.core.membership import Membership, Status
from controller.membership.feed.columns import OPTIONAL, REQUIRED

INSTITUTION = "9999"
"""The four digits of a library that no real one is known by."""
FAR = timedelta(days=365)
"""Far enough from today that no midnight, time zone or clock change makes a difference."""


@dataclass(frozen=True, slots=True)
class Member:
    """label: what this one is for. card: the whole number, left out of ``repr``."""

    label: str
    card: str
    membership: Membership

    def __repr__(self) -> str:
        return f"Member({self.label}, card {masked(self.card)})"


def valid_membership(today: date, as_of_us: int = 0) -> Membership:
    """One that is admitted, and for long; others are made of it with ``dataclasses.replace``."""
    return Membership(
        status=Status.ACTIVE,
        inducted_on=today - FAR,
        granted_from=today - FAR,
        granted_until=None,
        expires=today + FAR,
        category="adult",
        adult_on=today - FAR,
        guardian=False,
        as_of_us=as_of_us,
    )


def masked(card: str) -> str:
    """A card number fit to be shown."""
    return "…" + card[-3:]


def card_number(serial: int) -> str:
    """A patron's 14-digit number: type 2, institution, serial, check digit (weights 2, 1, 2 …, mod 10)."""
    digits = f"2{INSTITUTION}{serial:08d}"
    total = 0
    for place, digit in enumerate(digits):
        weighted = int(digit) * (2 if place % 2 == 0 else 1)
        total += weighted // 10 + weighted % 10
    return digits + str(-total % 10)


def cast(today: date, number: Callable[[int], str] = card_number) -> dict[str, Member]:
    """One of each sort, by label. number: makes the cards of serial numbers."""
    valid, past, future = valid_membership(today), today - FAR, today + FAR
    members = {
        "member 1": (1, valid),
        "member 2": (2, replace(valid, category="concession")),
        "member 3": (3, valid),
        "expired": (11, replace(valid, expires=past)),
        "suspended": (12, replace(valid, status=Status.SUSPENDED)),
        "not enrolled": (13, replace(valid, inducted_on=None, granted_from=None)),
        "not inducted": (14, replace(valid, inducted_on=None)),
        "grant not begun": (15, replace(valid, granted_from=future)),
        "grant ended": (16, replace(valid, granted_from=past - FAR, granted_until=past)),
        "under age": (17, replace(valid, category="pupil", adult_on=future)),
        "guardian": (18, replace(valid, guardian=True)),
        "blocked": (19, valid),
        "cleaner": (20, replace(valid, category="cleaner")),
        "staff": (21, replace(valid, category="staff")),
    }
    return {label: Member(label, number(serial), m) for label, (serial, m) in members.items()}


STRANGER_SERIAL = 99_999_999
STRANGER = card_number(STRANGER_SERIAL)
"""A well-formed card that no membership belongs to."""


def newcomers(today: date, number: Callable[[int], str] = card_number) -> dict[str, Member]:
    """Who joined today, by label: the library management system knows them, and no import has named them."""
    serials = {"newcomer 1": 31, "newcomer 2": 32, "newcomer 3": 33}
    return {
        label: Member(label, number(serial), valid_membership(today)) for label, serial in serials.items()
    }


def crowd(count: int, today: date) -> Iterator[Member]:
    """``count`` valid members, for measurements."""
    for number in range(count):
        yield Member(f"crowd {number}", card_number(1_000 + number), valid_membership(today))


def write_csv(path: Path, members: Iterable[Member]) -> None:
    """The file for ``unlocked members import``."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow((*REQUIRED, *OPTIONAL))
        for member in members:
            m = member.membership
            required = (
                member.card,
                m.status.value,
                *map(_written, (m.inducted_on, m.granted_from, m.expires)),
            )
            guardian = "yes" if m.guardian else "no"
            writer.writerow(
                (*required, _written(m.granted_until), m.category, _written(m.adult_on), guardian)
            )


def _written(day: date | None) -> str:
    return "" if day is None else day.isoformat()
