"""What each library management system says over SIP2 of a patron whom it knows, or does not.

Here: the recorded answer that fits (``recorded``), with this patron's dates, category and personal data in
it. Never here: what the controller makes of it; nothing of its dialects is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from simulator.lms.patrons import OF_AGE_YEARS, Patron, of_age_on
from simulator.lms.recorded import Recorded, recorded_of
from simulator.lms.sip2_wire import Question, joined

CATEGORY = {"koha": "PC", "evergreen": "PC", "symphony": "PC", "alma": "PC", "tlc": "PC"}
"""The field that holds a patron's category by its name, in those dialects that have one."""
HEAD, SHORT_HEAD = 61, 37
"""Where the fields begin: of a 64, and of a 24, which has no counts."""
ONLY_LONG = frozenset({"BD", "BE", "BF", "BZ", "CA", "CB", "CC"})
"""Fields that a 24 does not have."""


def answer(
    dialect: str, question: Question, patron: Patron | None, now: datetime, renamed: Mapping[str, str]
) -> str:
    """The answer to a 23 or a 63. patron: None if there is no such card. now: local time.

    renamed: fields that this system was set up to call something else, "" for those that it hides.
    """
    recorded = _recorded(dialect)[_case(question, patron, now.date())]
    text = _filled(recorded, question, patron, now)
    pairs = [(field[:2], field[2:]) for field in text[HEAD:].split("|") if field]
    head = text[:HEAD]
    if question.code == "23":
        head = f"24{text[2:SHORT_HEAD]}"
        pairs = [pair for pair in pairs if pair[0] not in ONLY_LONG]
    own = {} if patron is None else {"AE": patron.name, "BD": patron.address, "BE": patron.email}
    if patron is not None:
        own |= {"BF": patron.telephone, CATEGORY.get(dialect, ""): patron.category}
        pairs += patron.extra.items()
    pairs = [(code, own.get(code, value)) for code, value in pairs]
    return head + joined((renamed.get(code, code), value) for code, value in pairs if renamed.get(code, code))


def moment(now: datetime) -> str:
    """A date and a time, 18 characters; the four blanks stand for local time."""
    return f"{now:%Y%m%d    %H%M%S}"


@cache
def _recorded(dialect: str) -> Mapping[str, Recorded]:
    return {recorded.case: recorded for recorded in recorded_of(dialect)}


def _case(question: Question, patron: Patron | None, today: date) -> str:
    """Which of ``recorded.CASES`` it is."""
    if patron is None:
        return "unknown"
    if question.pin == "":
        return "empty_pin"
    cases = {
        "wrong_pin": question.pin not in (None, patron.pin),
        "lost": patron.lost,
        "blocked": patron.blocked,
        "expired": patron.expires < today,
        "under_age": of_age_on(patron.born, OF_AGE_YEARS) > today,
        "valid": True,
    }
    return next(case for case, so in cases.items() if so)


def _filled(recorded: Recorded, question: Question, patron: Patron | None, now: datetime) -> str:
    right = "Y" if question.pin is not None else recorded.without_pin
    filled = {"{now}": moment(now), "{card}": question.card, "{cq}": f"CQ{right}|" if right else ""}
    if patron is not None:
        filled["{expires}"] = f"{patron.expires:%Y%m%d}"
        filled["{expires-iso}"] = patron.expires.isoformat()
        filled["{born}"] = f"{patron.born:%Y%m%d}"
    text = recorded.template
    for name, value in filled.items():
        text = text.replace(name, value.replace("|", " ") if name == "{card}" else value)
    return text
