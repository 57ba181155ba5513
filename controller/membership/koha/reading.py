"""What of a member's record in Koha counts, and what is made of it. Pure.

Koha sends the whole record, with name and address. Only the fields named here are looked at, and the rest is
forgotten with the answer. Never here: asking for it (``client``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date

from controller.core.card import CardNumber
from controller.core.event import JsonValue
from controller.core.membership import Status
from controller.membership.lms.facts import ReadingRules, adult_on, category_word
from controller.membership.lms.source import JUST_REFUSED, LmsUnusable, Said

CARD, EXPIRY, BIRTH, CATEGORY = "cardnumber", "expiry_date", "date_of_birth", "category_id"
REFUSING = ("restricted", "patron_card_lost", "incorrect_address")
"""What staff set on a record: suspended, the card reported lost, and gone from the address known."""
REFUSING_IF_SENT = ("expired", "anonymized")
"""Fields that newer versions have besides."""
ATTRIBUTES = "extended_attributes"
READ = (CARD, EXPIRY, BIRTH, CATEGORY, *REFUSING, *REFUSING_IF_SENT, ATTRIBUTES)
"""The allow-list."""
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Patron = Mapping[str, JsonValue]


class BadJson(Exception):
    """It is no JSON, or one that says two things under one name."""


def parse(body: bytes) -> JsonValue:
    """Raises BadJson."""
    try:
        said: JsonValue = json.loads(body.decode(), object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise BadJson from None
    return said


def _each_once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def only(patrons: JsonValue, card: CardNumber) -> Patron | None:
    """The one record with this card; None if Koha has none. Raises LmsUnusable.

    Small letters count as capitals, as they do where a card is read.
    """
    if not isinstance(patrons, list) or not all(isinstance(patron, dict) for patron in patrons):
        raise LmsUnusable("Koha answered with something else than a list of patrons")
    if not patrons:
        return None
    patron = patrons[0]
    assert isinstance(patron, dict)
    number = patron.get(CARD)
    if len(patrons) > 1:
        raise LmsUnusable("Koha answered with several patrons to one card number")
    if not isinstance(number, str) or number.upper() != card.reveal().upper():
        raise LmsUnusable(f"{CARD} is not the card that was asked about")
    return patron


def read(patron: Patron, rules: ReadingRules, today: date) -> Said:
    """What the record says. Raises LmsUnusable, which repeats no value."""
    try:
        return _complete(patron, rules, today)
    except LmsUnusable:
        if any(patron.get(name) is True for name in (*REFUSING, *REFUSING_IF_SENT)):
            return JUST_REFUSED
        raise


def _complete(patron: Patron, rules: ReadingRules, today: date) -> Said:
    expires = _day(patron, EXPIRY)
    if expires is None:
        raise LmsUnusable(f"{EXPIRY} is missing")
    flags = {name for name in REFUSING if _flag(patron, name)}
    flags |= {name for name in REFUSING_IF_SENT if name in patron and _flag(patron, name)}
    if expires < today:
        flags.discard("expired")  # whoever expired in the past is told just that
    category = _text(patron, CATEGORY)
    born = _day(patron, BIRTH)
    return Said(
        Status.SUSPENDED if flags else Status.ACTIVE,
        expires,
        None if category is None else category_word(category),
        None if born is None else adult_on(born, rules.of_age_years, today),
        rules.entitled(category, _attributes(patron, rules.field) if rules.entitled_by == "field" else ()),
    )


def _flag(patron: Patron, name: str) -> bool:
    """Koha's null is a flag that was never set."""
    value = patron.get(name, "")
    if value is None or isinstance(value, bool):
        return bool(value)
    raise LmsUnusable(f"{name} is neither true nor false" if name in patron else f"{name} is missing")


def _text(patron: Patron, name: str) -> str | None:
    value = patron.get(name)
    if value is not None and not isinstance(value, str):
        raise LmsUnusable(f"{name} is no text")
    return value or None


def _day(patron: Patron, name: str) -> date | None:
    """None if Koha has none, or does not send it."""
    value = _text(patron, name)
    if value is None:
        return None
    try:
        if DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise LmsUnusable(f"{name} is no date such as 2027-12-31")


def _attributes(patron: Patron, type: str) -> list[str]:
    """The values of every attribute of this type. Raises LmsUnusable."""
    found = patron.get(ATTRIBUTES)
    if not isinstance(found, list):
        raise LmsUnusable(f"{ATTRIBUTES} is missing")
    values = []
    for attribute in found:
        value = attribute.get("value") if isinstance(attribute, dict) else None
        if not isinstance(attribute, dict) or not isinstance(value, str):
            raise LmsUnusable(f"{ATTRIBUTES} holds something else than types and values")
        if attribute.get("type") == type:
            values.append(value)
    return values
