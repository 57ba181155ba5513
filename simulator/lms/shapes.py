"""How each library management system says over SIP2 what it knows of a patron.

Here: which flags and fields an answer has, in which order and how dates are written, for systems that differ
in it. Never here: what the controller makes of it, and nothing of its dialects is imported: the two are
written from the same facts and are each other's test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from simulator.lms.patrons import Patron
from simulator.lms.sip2_wire import Question, joined

FLAGS = 14
DENIED = frozenset({0, 1, 2, 3})
"""The flags that deny charging, renewing, recalling and holding."""
CARD_LOST = 4
OWES = 10


@dataclass(frozen=True, slots=True)
class Shape:
    """One system's way.

    expiry, born, category: the fields that hold them, None where it sends none. day: how a date is written.
    always: flags that every patron has. expired, lost, blocked: flags of those.
    invalid: of which of these BL says N as well. empty_pin_is_right: it says so of any patron.
    wrong_pin_is_invalid: BL says N then too. fixed_fields: what it sends besides, of no use here.
    """

    name: str
    expiry: str | None = "PA"
    born: str | None = "PB"
    category: str | None = "PC"
    day: str = "%Y%m%d"
    born_day: str = "%Y%m%d"
    always: frozenset[int] = frozenset()
    expired: frozenset[int] = DENIED
    lost: frozenset[int] = DENIED | {CARD_LOST}
    blocked: frozenset[int] = DENIED
    invalid: frozenset[str] = frozenset()
    empty_pin_is_right: bool = False
    wrong_pin_is_invalid: bool = False
    fixed_fields: Mapping[str, str] | None = None


_SHAPES = (
    Shape("koha", fixed_fields={"PI": "Y"}),
    # Expired ones are valid here, and ordinary members may not recall.
    Shape(
        "evergreen", always=frozenset({2}), expired=frozenset({2}), fixed_fields={"AQ": "MAIN", "PI": "full"}
    ),
    # BL is Y whatever the PIN.
    Shape("sierra", day="%m-%d-%y", born=None, category=None, fixed_fields={"FA": "0"}),
    Shape("symphony", born="PD", day="%Y%m%d    235900"),
    # PA is a code here.
    Shape(
        "polaris",
        expiry="PX",
        born="BC",
        day="%Y%m%d    235959",
        empty_pin_is_right=True,
        fixed_fields={"PA": "1"},
    ),
    Shape("spydus", empty_pin_is_right=True),
    Shape("alma", born=None, category="PT", day="%Y%m%d    235900"),
    Shape("tlc", invalid=frozenset({"expired", "blocked"})),
)
SHAPES: Mapping[str, Shape] = {shape.name: shape for shape in _SHAPES}


def answer(shape: Shape, question: Question, patron: Patron | None, now: datetime) -> str:
    """What is said to a 23 or a 63 of this patron, None if there is no such card. now: local time."""
    own = _Own(shape, question, patron, now)
    counts = "0000" * 6 if question.code == "63" else ""
    code = {"23": "24", "63": "64"}[question.code]
    return f"{code}{own.flags()}{question.fixed[:3]}{moment(now)}{counts}{joined(own.fields())}"


def moment(now: datetime) -> str:
    """A date and a time, 18 characters; the four blanks stand for local time."""
    return f"{now:%Y%m%d    %H%M%S}"


@dataclass(frozen=True, slots=True)
class _Own:
    shape: Shape
    question: Question
    patron: Patron | None
    now: datetime

    def flags(self) -> str:
        shape, patron = self.shape, self.patron
        if patron is None:
            up = DENIED
        else:
            up = shape.always | frozenset({OWES} if patron.owes else ())
            states = {"expired": shape.expired, "lost": shape.lost, "blocked": shape.blocked}
            for state in self._states(patron):
                up |= states[state]
        return "".join("Y" if place in up else " " for place in range(FLAGS))

    def fields(self) -> Iterator[tuple[str, str]]:
        shape, question, patron = self.shape, self.question, self.patron
        yield "AO", question.fields.get("AO", "")
        yield "AA", question.card
        if patron is None:
            yield "AE", ""
            yield "BL", "N"
            if question.pin is not None:
                yield "CQ", "N"
            yield "AF", "Invalid cardnumber"
            return
        yield "AE", patron.name
        valid = not shape.invalid.intersection(self._states(patron))
        right = self._pin_is_right(patron)
        if shape.wrong_pin_is_invalid and right is False:
            valid = False
        yield "BL", _yes(valid)
        if right is not None:
            yield "CQ", _yes(right)
        if question.code == "63":
            yield "BD", patron.address
            yield "BE", patron.email
            yield "BF", patron.telephone
        yield from (shape.fixed_fields or {}).items()
        yield from self._dates(patron)
        yield from patron.extra.items()
        yield "AF", "Greetings from the simulated library"

    def _dates(self, patron: Patron) -> Iterator[tuple[str, str]]:
        shape = self.shape
        if shape.expiry is not None:
            yield shape.expiry, _day(patron.expires, shape.day)
        if shape.born is not None:
            yield shape.born, _day(patron.born, shape.born_day)
        if shape.category is not None:
            yield shape.category, patron.category

    def _pin_is_right(self, patron: Patron) -> bool | None:
        pin = self.question.pin
        if pin is None:
            return None
        return self.shape.empty_pin_is_right if pin == "" else pin == patron.pin

    def _states(self, patron: Patron) -> frozenset[str]:
        states = {
            "expired": patron.expires < self.now.date(),
            "lost": patron.lost,
            "blocked": patron.blocked,
        }
        return frozenset(state for state, so in states.items() if so)


def renamed(shape: Shape, **fields: str | None) -> Shape:
    """The same system, set up differently: its fields renamed or hidden, as Koha and others can be."""
    return replace(shape, **fields)  # type: ignore[arg-type]


def _day(day: date, form: str) -> str:
    return day.strftime(form)


def _yes(so: bool) -> str:
    return "Y" if so else "N"
