"""Memberships from a CSV file, as a library management system exports them.

Columns: ``card_number``, ``status`` (active or suspended), ``induction`` (when it was done; empty: it was
not), ``granted_from`` (the first day of the entitlement to unstaffed hours; empty: there is none) and
``expires`` (the last day of the membership). If wanted: ``granted_until`` (the entitlement's last day),
``category``, ``adult_on`` (the day on which the minimum age is reached) and ``guardian`` (yes or no). Days
are written YYYY-MM-DD. Columns of personal data that the door has no use for are dropped by their names and
counted. Anything else that is not understood refuses the file whole, with its line: half a membership list
would lock members out.

A day of ``adult_on`` that has passed is kept as that, and not as the day: nobody needs to know it any more,
and it tells a birthday.

A column ``pin`` is one of those that are dropped, unless the branch verifies PINs itself.

Never here: keeping what was read. Card numbers and PINs go no further than the caller.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TextIO

from controller.core.card import CardNumber, CardRules, NotACard, check_digit_ok, parse_card
from controller.core.membership import Membership, Status
from controller.core.pin import NotAPin, Pin, PinRules

REQUIRED = ("card_number", "status", "induction", "granted_from", "expires")
OPTIONAL = ("granted_until", "category", "adult_on", "guardian")
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

GUARDIAN = {"yes": True, "no": False, "": False}
OF_AGE = date.min
"""Instead of a day of ``adult_on`` that has passed."""
DAYS = ("induction", "granted_from", "granted_until", "expires", "adult_on")
PIN = "pin"
DATE = re.compile(r"\d{4}-\d\d-\d\d")
CATEGORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}|")


class BadFile(Exception):
    """The file is refused whole. The message has the line, and no card number or other content of a row."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")


@dataclass(frozen=True, slots=True)
class Row:
    """line: where the row begins in the file, counted from 1. pin: None if there is none or none is read."""

    line: int
    card: CardNumber
    membership: Membership
    pin: Pin | None = None


class MembersFile:
    """The rows of an open file (``newline=""``). dropped: names of the personal columns it had.

    While rows are read, weak_check_digits counts cards whose check digit is wrong, with_pin PINs, and
    without_age members of whom it is not said when they reach the minimum age.
    """

    def __init__(self, file: TextIO, rules: CardRules, as_of_us: int, pins: PinRules | None = None) -> None:
        """Reads the header. pins: read the column ``pin`` by these rules. Raises BadFile."""
        self._file = file
        self._rules = rules
        self._pins = pins
        self._as_of_us = as_of_us
        # Of UTC, and then a day back: wherever the branch is, it is not earlier there.
        self._as_of = datetime.fromtimestamp(as_of_us / 1_000_000, UTC).date()
        self._reader = csv.reader(file, strict=True)
        self._begins = 1
        self.weak_check_digits = 0
        self.with_pin = 0
        self.without_age = 0
        header = self._next()
        if header is None:
            raise BadFile(1, f"the file is empty; its first line is {','.join((*REQUIRED, *OPTIONAL))}")
        names = [re.sub(r"[ -]+", "_", name.strip().lower()) for name in header]
        dropped = PERSONAL if pins is None else PERSONAL - {PIN}
        self.dropped = tuple(name for name in names if name in dropped)
        self._columns = len(names)
        self._places = _places(names, dropped)

    def rows(self) -> Iterator[Row]:
        """Raises BadFile at the first row that is not understood, and when there is none at all."""
        anything = False
        while (fields := self._next()) is not None:
            if len(fields) != self._columns:
                raise BadFile(self._begins, f"it has {len(fields)} fields, not {self._columns}")
            found = {name: fields[place].strip() for name, place in self._places.items()}
            card, pin = self._card(found["card_number"]), self._pin(found.get(PIN, ""))
            membership = self._membership(found)
            self.without_age += membership.adult_on is None
            yield Row(self._begins, card, membership, pin)
            anything = True
        if not anything:
            raise BadFile(self._begins, "there are no memberships in it")

    def again(self) -> MembersFile:
        """The same file from its start. Raises BadFile."""
        self._file.seek(0)
        return MembersFile(self._file, self._rules, self._as_of_us, self._pins)

    def _next(self) -> Sequence[str] | None:
        self._begins = self._reader.line_num + 1
        try:
            return next(self._reader, None)
        except csv.Error as error:
            raise BadFile(self._begins, f"it is not CSV: {error}") from None
        except UnicodeDecodeError:
            raise BadFile(self._begins, "from here on it is not UTF-8; export it as UTF-8") from None

    def _card(self, text: str) -> CardNumber:
        try:
            card = parse_card(text, self._rules)
        except NotACard as error:
            raise BadFile(self._begins, f"card_number: {error}") from None
        if self._rules.check_digit == "warn":
            self.weak_check_digits += not check_digit_ok(card)
        return card

    def _pin(self, text: str) -> Pin | None:
        if self._pins is None or not text:
            return None
        try:
            pin = self._pins.parse(text)
        except NotAPin as error:
            raise BadFile(self._begins, f"pin: {error}") from None
        self.with_pin += 1
        return pin

    def _membership(self, found: dict[str, str]) -> Membership:
        try:
            status = Status(found["status"])
        except ValueError:
            raise BadFile(self._begins, "status: it must be active or suspended") from None
        category = found.get("category", "")
        if not CATEGORY.fullmatch(category):
            raise BadFile(self._begins, "category: up to 40 letters, digits, spaces, hyphens or _")
        guardian = GUARDIAN.get(found.get("guardian", ""))
        if guardian is None:
            raise BadFile(self._begins, "guardian: it must be yes or no")
        days = {name: self._day(name, found.get(name, "")) for name in DAYS}
        expires = days["expires"]
        if expires is None:
            raise BadFile(self._begins, "expires: it must be a day such as 2027-03-31")
        granted_from, granted_until = days["granted_from"], days["granted_until"]
        if granted_until is not None and (granted_from is None or granted_until < granted_from):
            raise BadFile(self._begins, "granted_until: it must not be before granted_from")
        adult_on = days["adult_on"]
        if adult_on is not None and adult_on < self._as_of:
            adult_on = OF_AGE
        return Membership(
            status,
            days["induction"],
            granted_from,
            granted_until,
            expires,
            category,
            adult_on,
            guardian,
            self._as_of_us,
        )

    def _day(self, name: str, text: str) -> date | None:
        try:
            if not text:
                return None
            if DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise BadFile(self._begins, f"{name}: it must be a day such as 2027-03-31")


def _places(names: list[str], dropped: frozenset[str]) -> dict[str, int]:
    for name in names:
        if name in INSTEAD:
            raise BadFile(1, f'the column "{name}" is no longer read; give {INSTEAD[name]} with their dates')
        if name not in {*dropped, *REQUIRED, *OPTIONAL, PIN}:
            raise BadFile(1, f'there is no column "{name}"; remove it or correct its name')
    places = {name: place for place, name in enumerate(names) if name not in dropped}
    if len(places) != sum(name not in dropped for name in names):
        raise BadFile(1, "a column is there twice")
    if missing := [name for name in REQUIRED if name not in places]:
        raise BadFile(1, f"missing: {', '.join(missing)}; the first line names the columns")
    return places
