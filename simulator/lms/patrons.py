"""The patrons of a library management system that does not exist.

Here: what the system knows of a card, made from the simulator's members. Never here: how it is said, or whom
a branch admits. Names, addresses and the like are there because real systems send them; each holds
``PRIVATE``, so that a test can look for it where none of it may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from controller.core.membership import Status
from simulator.members import Member

PIN = "4711"
"""Everybody's, so that whoever plays need not look it up."""
PRIVATE = "PRIVATEBUSINESS"
"""In every name, address, telephone number and e-mail address."""
OF_AGE_YEARS = 16


@dataclass(frozen=True, slots=True)
class Patron:
    """expires: last day, local. lost, blocked: the card, and the person.

    extra: further fields (SIP2) or attributes (Koha) with their values.
    """

    card: str = field(repr=False)
    pin: str = field(repr=False)
    expires: date
    born: date
    category: str = "adult"
    lost: bool = False
    blocked: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{PRIVATE} Näme {self.card[-3:]}"  # a letter that differs in each encoding

    @property
    def address(self) -> str:
        return f"1 {PRIVATE} Street, Testshire TE5 7ER"

    @property
    def email(self) -> str:
        return f"{PRIVATE}@library.example"

    @property
    def telephone(self) -> str:
        return f"{PRIVATE} 01632 960000"


def patron_of(member: Member, extra: Mapping[str, str] | None = None) -> Patron:
    """The patron whose membership it is. Induction and grants are not known to such a system."""
    membership = member.membership
    of_age = membership.adult_on or date(2000, 1, 1)
    return Patron(
        card=member.card,
        pin=PIN,
        expires=membership.expires,
        born=_years(of_age, -OF_AGE_YEARS),
        category=membership.category,
        blocked=membership.status is not Status.ACTIVE,
        extra=extra or {},
    )


class Patrons:
    """Everybody, by card number. May be changed while a system runs."""

    def __init__(self, patrons: Iterable[Patron] = ()) -> None:
        self._by_card = {patron.card: patron for patron in patrons}

    def add(self, *patrons: Patron) -> None:
        """They join, or are known differently from now on."""
        self._by_card.update({patron.card: patron for patron in patrons})

    def remove(self, card: str) -> None:
        self._by_card.pop(card, None)

    def find(self, card: str) -> Patron | None:
        return self._by_card.get(card)

    def __iter__(self) -> Iterator[Patron]:
        return iter(tuple(self._by_card.values()))

    def __len__(self) -> int:
        return len(self._by_card)


def of_age_on(born: date, years: int) -> date:
    """The birthday on which somebody is so many years old; 1 March for whoever was born on 29 February."""
    return _years(born, years)


def _years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, month=3, day=1)
