"""What one record of a file says: whose membership, and what of it. The same for every format.

A value that is not understood refuses the file: half a membership list would lock members out. A day of
``adult_on`` that has passed is kept as that, and not as the day: nobody needs to know it any more, and it
tells a birthday.

Never here: keeping what was read. Card numbers and PINs go no further than the caller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from controller.core.card import CardNumber, CardRules, NotACard, check_digit_ok, parse_card
from controller.core.membership import Membership, Status
from controller.core.pin import NotAPin, Pin, PinRules
from controller.membership.feed.columns import CARD, CHANGE, PIN, REQUIRED
from controller.membership.feed.refusal import BadFile, Cause

PUT, REMOVE = "put", "remove"
GUARDIAN = {"yes": True, "no": False, "": False}
OF_AGE = date.min
"""Instead of a day of ``adult_on`` that has passed."""
DAYS = ("induction", "granted_from", "granted_until", "expires", "adult_on")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CATEGORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}|")
STATUS = {status.value: status for status in Status}


@dataclass(frozen=True, slots=True)
class Row:
    """line: where it begins, from 1. membership: None if it is removed. pin: None if none is read."""

    line: int
    card: CardNumber
    membership: Membership | None
    pin: Pin | None = None


@dataclass(slots=True)
class Counts:
    """weak_check_digits: cards whose check digit is wrong. without_age: nothing says when they are of age."""

    put: int = 0
    removed: int = 0
    with_pin: int = 0
    without_age: int = 0
    weak_check_digits: int = 0


class RowReader:
    """delta: rows say whether they are put or removed. pins: None: none are read. counts: of rows so far."""

    def __init__(self, rules: CardRules, as_of_us: int, pins: PinRules | None, *, delta: bool) -> None:
        self._rules = rules
        self._pins = pins
        self._delta = delta
        self._as_of_us = as_of_us
        # Of UTC: the branch's own day may have ended already, and has not begun later.
        self._as_of = datetime.fromtimestamp(as_of_us / 1_000_000, UTC).date()
        self.counts = Counts()

    def row(self, line: int, found: Mapping[str, str]) -> Row:
        """found: column to value, stripped. Raises BadFile."""
        card = self._card(line, found[CARD])
        if self._delta and not _is_put(line, found[CHANGE]):
            self.counts.removed += 1
            return Row(line, card, None)
        membership, pin = self._membership(line, found), self._pin(line, found.get(PIN, ""))
        self.counts.put += 1
        self.counts.without_age += membership.adult_on is None
        return Row(line, card, membership, pin)

    def _card(self, line: int, text: str) -> CardNumber:
        try:
            card = parse_card(text, self._rules)
        except NotACard as error:
            raise _bad(line, CARD, str(error)) from None
        if self._rules.check_digit == "warn":
            self.counts.weak_check_digits += not check_digit_ok(card)
        return card

    def _pin(self, line: int, text: str) -> Pin | None:
        if self._pins is None or not text:
            return None
        try:
            pin = self._pins.parse(text)
        except NotAPin as error:
            raise _bad(line, PIN, str(error)) from None
        self.counts.with_pin += 1
        return pin

    def _membership(self, line: int, found: Mapping[str, str]) -> Membership:
        if self._delta and (missing := [name for name in REQUIRED if name not in found]):
            raise BadFile(Cause.MISSING_COLUMN, f"missing: {', '.join(missing)}", line=line)
        status = STATUS.get(found["status"])
        if status is None:
            raise _bad(line, "status", "it must be active or suspended")
        category = found.get("category", "")
        if not CATEGORY.fullmatch(category):
            raise _bad(line, "category", "up to 40 letters, digits, spaces, hyphens or _")
        guardian = GUARDIAN.get(found.get("guardian", ""))
        if guardian is None:
            raise _bad(line, "guardian", "it must be yes or no")
        days = {name: _day(line, name, found.get(name, "")) for name in DAYS}
        expires, adult_on = days["expires"], days["adult_on"]
        if expires is None:
            raise _bad(line, "expires", "it must be a day such as 2027-03-31")
        granted_from, granted_until = days["granted_from"], days["granted_until"]
        if granted_until is not None and (granted_from is None or granted_until < granted_from):
            raise _bad(line, "granted_until", "it must not be before granted_from")
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


def _is_put(line: int, change: str) -> bool:
    if change not in (PUT, REMOVE):
        raise _bad(line, CHANGE, f"it must be {PUT} or {REMOVE}")
    return change == PUT


def _day(line: int, name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _bad(line, name, "it must be a day such as 2027-03-31")


def _bad(line: int, column: str, why: str) -> BadFile:
    return BadFile(Cause.BAD_VALUE, why, line=line, column=column)
