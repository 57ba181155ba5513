"""What becomes of a birth date, a category and a mark of entitlement, whichever system sent them.

A birth date ends here: what goes on is the day from which the minimum age is reached, and for whoever has
reached it not even that. Never here: where a system has these things (``sip2``, ``koha``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from controller.settings.lms import Lms

LONGEST_CATEGORY = 40
OLDEST_YEARS = 120
ODD = re.compile(r"[^A-Za-z0-9 _-]+")


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What a branch has settled about reading answers: see ``settings.lms``.

    categories, values: as the system writes them. field: of SIP2, or an attribute of Koha.
    """

    of_age_years: int
    entitled_by: Literal["memberships", "category", "field"] = "memberships"
    categories: frozenset[str] = frozenset()
    field: str = ""
    values: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lms: Lms) -> ReadingRules:
        by = lms.entitlement
        return cls(lms.of_age_years, by.by, frozenset(by.categories), by.field, frozenset(by.values))

    def entitled(self, category: str | None, field_values: Sequence[str]) -> bool | None:
        """Whether the member is entitled to unstaffed hours; None where answers do not tell.

        category: as it was sent; None if it was not. field_values: everything that was sent in ``field``,
        each of which must mean yes.
        """
        match self.entitled_by:
            case "memberships":
                return None
            case "category":
                return category is not None and category.strip(" ") in self.categories
            case "field":
                return bool(field_values) and all(each.strip(" ") in self.values for each in field_values)


def adult_on(born: date, of_age_years: int, today: date) -> date | None:
    """The first day on which whoever was born then is of age; ``date.min`` if that was before today.

    Born on 29 February: on 1 March, in years without that day. None for a birth that is still to come, or is
    longer ago than anybody lives: that is a filled-in blank.
    """
    if born.year < today.year - OLDEST_YEARS or born > today:
        return None
    try:
        birthday = born.replace(year=born.year + of_age_years)
    except ValueError:
        birthday = date(born.year + of_age_years, 3, 1)
    return birthday if birthday > today else date.min


def category_word(sent: str) -> str:
    """A category as memberships carry it: at most 40 letters, digits, spaces, ``_`` and ``-``."""
    return ODD.sub("-", sent.strip())[:LONGEST_CATEGORY]
