"""A membership as the branch knows it: what is needed to decide at the door, and nothing else.

Never here: a name, an address, a birth date or a card number. The library management system is where a
membership lives; this is a copy, with the time it was taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Status(StrEnum):
    """What the library management system says of the membership as a whole."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Membership:
    """Dates are local, and each is a day on which what it says holds already or still.

    inducted_on: when the induction to unstaffed hours was done. granted_from, granted_until: the
    entitlement to them; without an end it lasts as long as the membership. expires: the last day of the
    membership itself. category: the library's own word (adult, pupil, cleaner …). adult_on: since when, or
    from when, the minimum age is reached, as the library management system computed it. guardian: may bring
    companions who are under it. as_of_us: when all this was true, microseconds since 1970 UTC.
    """

    status: Status
    inducted_on: date | None
    granted_from: date | None
    granted_until: date | None
    expires: date
    category: str
    adult_on: date | None
    guardian: bool
    as_of_us: int

    @property
    def enrolled(self) -> bool:
        """Induction and entitlement are both on record, whatever their dates."""
        return self.inducted_on is not None and self.granted_from is not None

    def is_of_age(self, today: date) -> bool:
        """Nobody is of age of whom it is not known since when."""
        return self.adult_on is not None and self.adult_on <= today


class Listing(StrEnum):
    """A list of a handful of cards that staff keep at the branch, beside the memberships."""

    BLOCKED = "blocked"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Listed:
    """A card's place on a list. until: the last day on which it counts, local date; None: until taken off."""

    listing: Listing
    until: date | None

    def counts(self, today: date) -> bool:
        return self.until is None or today <= self.until
