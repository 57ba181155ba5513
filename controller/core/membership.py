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
    """enrolled: entitled to unstaffed access, induction done. expires: the last valid day, local date.

    category: the library's own word (adult, pupil …). as_of_us: when this was true, microseconds since
    1970 UTC.
    """

    status: Status
    enrolled: bool
    expires: date
    category: str
    as_of_us: int
