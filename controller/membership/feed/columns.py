"""The columns of a file of memberships: which are read, which are dropped by name, and that is all there are.

Never here: what stands in them (``rows``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from controller.membership.feed.refusal import BadFile, Cause

CARD = "card_number"
REQUIRED = (CARD, "status", "induction", "granted_from", "expires")
OPTIONAL = ("granted_until", "category", "adult_on", "guardian")
CHANGE = "change"
PIN = "pin"
INSTEAD = {"unstaffed": "induction and granted_from", "enrolled": "induction and granted_from"}
"""Columns of earlier releases, and what says more now."""
PERSONAL = frozenset(
    """
    name full_name title first_name forename forenames given_name given_names middle_name middle_names
    last_name surname family_name initials
    address address_1 address_2 address_3 address_line_1 address_line_2 address_line_3 street town city
    county postcode post_code
    birth_date birthdate birthday date_of_birth dob age
    phone phone_number telephone telephone_number mobile mobile_number email e_mail email_address
    gender sex ethnicity
    loans loan_history borrowing_history checkouts
    passport passport_number licence licence_number driving_licence driving_licence_number
    pin password notes
    """.split()  # noqa: SIM905 -- a word a line would hide which belong together
)
"""Columns that are dropped. Capitals count as small letters, spaces and hyphens as ``_``."""
SHOWABLE = re.compile(r"[a-z]{2,}(_[a-z0-9]+){0,4}")
MOST = 200


def normal(name: str) -> str:
    return re.sub(r"[ -]+", "_", name.strip().lower())


class Columns:
    """What one file may have. dropped: each personal column it had, and how many values stood in it."""

    def __init__(self, *, delta: bool, pins: bool) -> None:
        """delta: it has changes. pins: the column of PINs is read, rather than dropped."""
        self._personal = PERSONAL - {PIN} if pins else PERSONAL
        self._read = frozenset((*REQUIRED, *OPTIONAL, *[PIN] * pins, *[CHANGE] * delta))
        self._required = (CHANGE, CARD) if delta else REQUIRED
        self.dropped: Counter[str] = Counter()

    def understood(self, names: Iterable[str], line: int) -> list[str]:
        """The names as ours; empty for one that is dropped. Raises BadFile."""
        ours = [normal(name) for name in names]
        if len(ours) > MOST:
            raise BadFile(Cause.UNKNOWN_COLUMN, f"it has more than {MOST} columns", line=line)
        for place, name in enumerate(ours, start=1):
            if name not in self._read and name not in self._personal:
                raise _unknown(name, place, ours, line)
        if len(set(ours)) != len(ours):
            raise BadFile(Cause.REPEATED_COLUMN, "a column is there twice", line=line)
        if missing := [name for name in self._required if name not in ours]:
            raise BadFile(Cause.MISSING_COLUMN, f"missing: {', '.join(missing)}", line=line)
        for name in ours:
            if name in self._personal:
                self.dropped[name] += 0
        return ["" if name in self._personal else name for name in ours]

    def is_personal(self, name: str) -> bool:
        return name in self._personal


def _unknown(name: str, place: int, all_names: list[str], line: int) -> BadFile:
    if name in INSTEAD:
        why = f'the column "{name}" is no longer read; give {INSTEAD[name]} with their dates'
    elif name == CHANGE:
        why = 'only a file of changes, with "delta" in its name, has a column "change"'
    elif CARD not in all_names:
        # It may be a line of data, and is not shown.
        why = f"it does not name the columns; they are {','.join((*REQUIRED, *OPTIONAL))}"
    else:
        shown = f'"{name}"' if SHOWABLE.fullmatch(name) else f"such as its {_ordinal(place)}"
        why = f"there is no column {shown}; remove it or correct its name"
    return BadFile(Cause.UNKNOWN_COLUMN, why, line=line)


def _ordinal(number: int) -> str:
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
