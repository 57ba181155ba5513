"""Test cards over SIP2.

The same client asks that asks for the door, and keeps more of the answers: with the fields of every dialect
it can be said which fits. The empty PIN, which the door never sends, is sent here once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TypeVar, get_args

from controller.core.card import CardNumber
from controller.core.membership import Status
from controller.core.pin import Pin
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import (
    Answer,
    LmsUnavailable,
    LmsUnusable,
    Said,
    Trouble,
    Unknown,
)
from controller.membership.probe.seen import EMPTY, PRESENT, WITH_PIN, Asked, Lack, Seen, shown
from controller.membership.sip2.client import Sip2Client
from controller.membership.sip2.codec import BadSip2, PatronAnswer, Unsendable
from controller.membership.sip2.days import AMBIGUOUS, day_of
from controller.membership.sip2.dialect import NAMES, Dialect, dialect_for, dialect_of
from controller.membership.sip2.reading import read
from controller.membership.sip2.source import sip2_client
from controller.secrets.credentials import Secret
from controller.settings.lms import DateFormat, DialectName, FieldCode, Lms, Sip2

FLAGS = (
    "0 charge denied",
    "1 renewal denied",
    "2 recall denied",
    "3 hold denied",
    "4 card lost",
    "5 too many charged",
    "6 too many overdue",
    "7 too many renewals",
    "8 too many returns claimed",
    "9 too many lost",
    "10 fines",
    "11 fees",
    "12 recall overdue",
    "13 billed too much",
)
"""The standard's names of the flags."""
SHOWN = ("AO", "BL", "CQ")
"""Fields that say nothing of a person."""
PERSONAL = frozenset({"AE", "BD", "BE", "BF"})
"""Name, address, e-mail and telephone: not even kept."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KEPT = frozenset(f"{first}{second}" for first in LETTERS for second in f"{LETTERS}0123456789") - PERSONAL
FORMATS: tuple[DateFormat, ...] = get_args(DateFormat)
Told = TypeVar("Told")
STANDARD = re.compile(r"A.|B[A-Z]|C[A-Z]")
"""Fields of the standard itself, none of which is an expiry."""


class Sip2Prober:
    """A ``Prober``. checksum: whether it could be left on; if not, checksum_error says why. secret: by name.

    Raises BadDialect, SecretMissing.
    """

    def __init__(
        self, lms: Lms, sip2: Sip2, secret: Callable[[str], Secret], monotonic: Callable[[], float]
    ) -> None:
        def make(sip2: Sip2) -> Sip2Client:
            return sip2_client(lms, sip2, secret, monotonic, KEPT)

        self._make = make
        self._without_checksum = sip2.model_copy(update={"checksum": False})
        self._rules = ReadingRules.of(lms)
        self._client = make(sip2)
        self.dialect: Dialect = dialect_for(sip2)
        self.checksum = sip2.checksum
        self.checksum_error = ""
        self._answers: dict[Asked, tuple[PatronAnswer, CardNumber]] = {}

    def begin(self) -> str:
        status = self._told(lambda client: client.check())
        return f"it is online and speaks version {shown(status.version)}"

    def ask(self, asked: Asked, card: CardNumber, pin: Pin | None, today: date) -> Seen:
        def question(client: Sip2Client) -> PatronAnswer:
            if asked is Asked.EMPTY_PIN:
                return client.try_empty_pin(card, today)
            return client.ask(card, pin, today)

        try:
            answer = self._told(question)
        except (LmsUnavailable, Unsendable) as error:
            said = error if isinstance(error, LmsUnavailable) else LmsUnusable(str(error))
            return Seen(asked, said, {})
        self._answers[asked] = answer, card
        return self._seen(asked, answer, card, today)

    def _told(self, question: Callable[[Sip2Client], Told]) -> Told:
        """What cannot be read may be so for its checksum alone: then it is asked again without."""
        try:
            return question(self._client)
        except LmsUnavailable as error:
            if error.trouble is not Trouble.GARBLED or not self.checksum:
                raise
            with_checksum, self._client = self._client, self._make(self._without_checksum)
            try:
                told = question(self._client)
            except LmsUnavailable:
                self._client.close()
                self._client = with_checksum
                raise error from None
            with_checksum.close()
            self.checksum, self.checksum_error = False, str(error)
            return told

    def close(self) -> None:
        self._client.close()

    def fitting(self, today: date, minimum_age: bool) -> list[DialectName]:
        """The dialects that make more of the answers than the one that is set; the best, if there are any."""

        def fit(dialect: Dialect) -> tuple[int, bool]:
            made = {
                asked: self._made(dialect, *found, asked, today) for asked, found in self._answers.items()
            }
            born = (said := made.get(Asked.VALID)) and isinstance(said, Said) and said.adult_on is not None
            return sum(_as_hoped(asked, said, today) for asked, said in made.items()), bool(
                born and minimum_age
            )

        fits = {name: fit(dialect_of(name)) for name in NAMES}
        best = max(fits.values())
        if best <= fit(self.dialect):
            return []
        return [name for name, its in fits.items() if its == best]

    def expiry_found(self, today: date) -> tuple[FieldCode, DateFormat] | None:
        """Where the expiry is, and how it is written, if there is one place only: a day to come on the valid
        card, and one that has passed on the expired card.
        """
        if Asked.VALID not in self._answers or Asked.EXPIRED not in self._answers:
            return None
        valid, expired = self._answers[Asked.VALID][0], self._answers[Asked.EXPIRED][0]
        found = [
            (code, form)
            for code in valid.fields.codes
            if not STANDARD.fullmatch(code)
            for form in FORMATS
            if (to_come := day_of(_one(valid, code) or "", [form])) is not None and to_come >= today
            if (passed := day_of(_one(expired, code) or "", [form])) is not None and passed < today
        ]
        return found[0] if len(found) == 1 else None

    def _made(
        self, dialect: Dialect, answer: PatronAnswer, card: CardNumber, asked: Asked, today: date
    ) -> Answer | LmsUnusable:
        try:
            return read(dialect, answer, card, asked in WITH_PIN, self._rules, today)
        except LmsUnusable as error:
            return error

    def _seen(self, asked: Asked, answer: PatronAnswer, card: CardNumber, today: date) -> Seen:
        dialect = self.dialect
        said = self._made(dialect, answer, card, asked, today)
        flags = {place: FLAGS[place] for place, up in enumerate(answer.flags) if up}
        refusing = dialect.refusing_flags
        if isinstance(said, Said) and said.expires < today:
            refusing -= dialect.flags_of_expired
        pin_right = {"Y": True, "N": False}.get(_one(answer, "CQ") or "") if asked in WITH_PIN else None
        found = {code: self._shown(code, answer) for code in answer.fields.codes}
        found |= dict.fromkeys(sorted(answer.fields.others), PRESENT)
        return Seen(
            asked,
            said,
            dict(sorted(found.items())),
            tuple(flags.values()),
            tuple(name for place, name in flags.items() if place in refusing),
            pin_right,
            frozenset(self._lacks(asked, answer, card, said)),
            tuple(self._days_to_come(answer, today)),
        )

    def _shown(self, code: str, answer: PatronAnswer) -> str:
        values = answer.fields.all(code)
        if not any(value.strip() for value in values):
            return EMPTY
        value = values[0] if len(set(values)) == 1 else None
        if value is None:
            return f"present {len(values)} times, not shown"
        if code in SHOWN:
            return shown(value)
        # Where the dialect has the expiry, another system may have a name.
        if code == self.dialect.expiry and (day := day_of(value, self.dialect.date_formats)) is not None:
            return f"{shown(value.strip())} (read as {day})"
        return PRESENT

    def _lacks(
        self, asked: Asked, answer: PatronAnswer, card: CardNumber, said: Answer | LmsUnusable
    ) -> list[Lack]:
        if (_one(answer, "AA") or "").strip().upper() != card.reveal():
            return [Lack.CARD]
        lacks = []
        valid = _one(answer, "BL")
        if valid not in ("Y", "N"):
            lacks.append(Lack.VALID)
        if asked in WITH_PIN and _one(answer, "CQ") not in ("Y", "N"):
            lacks.append(Lack.PIN)
        if valid != "N":
            expiry = (_one(answer, self.dialect.expiry) or "").strip()
            if not expiry:
                lacks.append(Lack.EXPIRY)
            elif day_of(expiry, self.dialect.date_formats) is None:
                lacks.append(Lack.EXPIRY_READABLE)
            if isinstance(said, Said) and said.adult_on is None:
                lacks.append(Lack.BIRTH)
        return lacks

    def _days_to_come(self, answer: PatronAnswer, today: date) -> list[str]:
        return [
            code
            for code in answer.fields.codes
            if not STANDARD.fullmatch(code) and code != self.dialect.expiry
            if (day := day_of(_one(answer, code) or "", FORMATS)) is not None and day >= today
        ]


def changed(
    sip2: Sip2, *, checksum: bool, dialect: DialectName | None, expiry: tuple[FieldCode, DateFormat] | None
) -> Sip2:
    """The settings with what was found."""
    found: dict[str, object] = {"checksum": checksum}
    if dialect is not None:
        found["dialect"] = dialect
    if expiry is not None:
        code, form = expiry
        known = dialect_for(sip2)
        of_fields: dict[str, object] = {} if code == known.expiry else {"expiry": code}
        if form not in known.date_formats:
            of_fields["date_formats"] = (
                form,
                *(each for each in known.date_formats if each not in AMBIGUOUS),
            )
        found["fields"] = sip2.fields.model_copy(update=of_fields)
    return sip2.model_copy(update=found)


def _as_hoped(asked: Asked, said: Answer | LmsUnusable, today: date) -> bool:
    match asked:
        case Asked.VALID | Asked.RIGHT_PIN:
            return isinstance(said, Said) and said.status is Status.ACTIVE and said.expires >= today
        case Asked.EXPIRED:
            return isinstance(said, Said) and said.expires < today
        case Asked.BLOCKED:
            return isinstance(said, Unknown) or (isinstance(said, Said) and said.status is Status.SUSPENDED)
        case Asked.UNKNOWN:
            return isinstance(said, Unknown)
        case _:
            return False


def _one(answer: PatronAnswer, code: str) -> str | None:
    try:
        return answer.fields.one(code)
    except BadSip2:
        return None
