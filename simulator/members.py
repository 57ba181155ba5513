"""Members who don't exist, with cards that a branch can check: the cast of scenarios and tests.

Here: card numbers with a right check digit, memberships with dates relative to a given day, and the file
that a library management system would export. Never here: names of people; a label says what is the matter
with a card, and only its last three digits are ever shown.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

INSTITUTION = "9999"
"""The four digits of a library that no real one is known by."""
FAR = timedelta(days=365)
"""Far enough from today that no midnight, time zone or clock change makes a difference."""


@dataclass(frozen=True, slots=True)
class Member:
    """label: what this one is for. card: the whole number, left out of ``repr``."""

    label: str
    card: str
    status: str
    enrolled: bool
    expires: date
    category: str = "adult"

    def __repr__(self) -> str:
        return f"Member({self.label}, card {masked(self.card)})"


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


def cast(today: date) -> dict[str, Member]:
    """One of each sort, by label; the stranger's card is not among the memberships."""
    last_year, next_year = today - FAR, today + FAR
    members = [
        Member("member 1", card_number(1), "active", True, next_year),
        Member("member 2", card_number(2), "active", True, next_year, "concession"),
        Member("member 3", card_number(3), "active", True, next_year),
        Member("expired", card_number(11), "active", True, last_year),
        Member("suspended", card_number(12), "suspended", True, next_year),
        Member("not enrolled", card_number(13), "active", False, next_year),
    ]
    return {member.label: member for member in members}


STRANGER = card_number(99_999_999)
"""A well-formed card that no membership belongs to."""


def crowd(count: int, today: date) -> Iterator[Member]:
    """``count`` valid members, for measurements."""
    for number in range(count):
        yield Member(f"crowd {number}", card_number(1_000 + number), "active", True, today + FAR)


def write_csv(path: Path, members: Iterable[Member]) -> None:
    """The file for ``unlocked members import``."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["card_number", "status", "unstaffed", "expires", "category"])
        for member in members:
            enrolled = "yes" if member.enrolled else "no"
            writer.writerow(
                [member.card, member.status, enrolled, member.expires.isoformat(), member.category]
            )
