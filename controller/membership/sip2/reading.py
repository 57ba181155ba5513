"""What an answer about a patron means: one function, pure.

The rules are the same for every system; its dialect says where things are. A positive answer counts only if

1. it is about the card that was asked about (AA),
2. the system says that the card is valid (BL is Y),
3. and, where a PIN was sent, that it is this card's (CQ is Y),
4. and it has an expiry date, which can be read.

What is missing or contradicts itself is never made up for: ``LmsUnusable``; but a card that is blocked is
refused without 4. Flags and fields that block make
the membership a suspended one; an expiry in the past stays what it is. The birth date ends here. Never here:
what follows at the door.
"""

from __future__ import annotations

from datetime import date

from controller.core.card import CardNumber
from controller.core.membership import Status
from controller.membership.lms.facts import ReadingRules, adult_on, category_word
from controller.membership.lms.source import JUST_REFUSED, Answer, LmsUnusable, Said, Unknown, WrongPin
from controller.membership.sip2.codec import BadSip2, PatronAnswer
from controller.membership.sip2.days import day_of
from controller.membership.sip2.dialect import Dialect

ALWAYS_KEPT = frozenset({"AA", "BL", "CQ"})
"""Card number, valid patron, valid PIN."""


def kept(dialect: Dialect, rules: ReadingRules) -> frozenset[str]:
    """The fields whose values are needed here; the others of an answer need not be kept."""
    return ALWAYS_KEPT | dialect.codes | ({rules.field} if rules.field else frozenset())


def read(
    dialect: Dialect,
    answer: PatronAnswer,
    card: CardNumber,
    pin_asked: bool,
    rules: ReadingRules,
    today: date,
) -> Answer:
    """What the system says of ``card``. pin_asked: a PIN was sent; without one it is never ``WrongPin``.

    Raises LmsUnusable.
    """
    try:
        return _read(dialect, answer, card, pin_asked, rules, today)
    except BadSip2 as error:
        raise LmsUnusable(str(error)) from None


def _read(
    dialect: Dialect,
    answer: PatronAnswer,
    card: CardNumber,
    pin_asked: bool,
    rules: ReadingRules,
    today: date,
) -> Answer:
    about = (answer.fields.one("AA") or "").strip()
    if not about.isascii() or about.upper() != card.reveal():
        raise LmsUnusable("it is about another card than was asked about (AA)")
    pin_right = answer.fields.one("CQ") if pin_asked else None
    if pin_right == "N":
        return WrongPin()
    valid = answer.fields.one("BL")
    if valid == "N":
        return Unknown()
    if valid != "Y":
        raise LmsUnusable("it does not say whether the card is valid (BL)")
    if pin_asked and pin_right != "Y":
        raise LmsUnusable("it does not say whether the PIN is right (CQ)")
    return _said(dialect, answer, rules, today)


def _said(dialect: Dialect, answer: PatronAnswer, rules: ReadingRules, today: date) -> Said:
    try:
        return _complete(dialect, answer, rules, today)
    except (LmsUnusable, BadSip2):
        if _blocked(dialect, answer, expired=False):
            return JUST_REFUSED
        raise


def _complete(dialect: Dialect, answer: PatronAnswer, rules: ReadingRules, today: date) -> Said:
    expires = _expiry(dialect, answer)
    category = _category(dialect, answer)
    return Said(
        status=Status.SUSPENDED if _blocked(dialect, answer, expires < today) else Status.ACTIVE,
        expires=expires,
        category=(category_word(category) or None) if category else None,
        adult_on=_adult_on(dialect, answer, rules, today),
        entitled=rules.entitled(category, answer.fields.all(rules.field) if rules.field else ()),
    )


def _expiry(dialect: Dialect, answer: PatronAnswer) -> date:
    written = answer.fields.one(dialect.expiry)
    if not written or not written.strip():
        raise LmsUnusable(f"it has no expiry date ({dialect.expiry})")
    expires = day_of(written, dialect.date_formats)
    if expires is None:
        raise LmsUnusable(f"its expiry date is written in another way than it should be ({dialect.expiry})")
    return expires


def _category(dialect: Dialect, answer: PatronAnswer) -> str | None:
    return answer.fields.one(dialect.category) if dialect.category else None


def _blocked(dialect: Dialect, answer: PatronAnswer, expired: bool) -> bool:
    refusing = dialect.refusing_flags
    if expired:
        # The system says so of every expired card; "expired" is then what the member can do something about.
        refusing -= dialect.flags_of_expired
    return any(answer.flags[flag] for flag in refusing) or any(
        value.strip().lower() in {word.lower() for word in block.values}
        for block in dialect.blocks
        for value in answer.fields.all(block.field)
    )


def _adult_on(dialect: Dialect, answer: PatronAnswer, rules: ReadingRules, today: date) -> date | None:
    written = answer.fields.one(dialect.birth_date) if dialect.birth_date else None
    born = day_of(written, dialect.date_formats) if written else None
    return None if born is None else adult_on(born, rules.of_age_years, today)
