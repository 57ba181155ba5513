"""Test cards by Koha's REST API.

The same client asks that asks for the door. An empty password, which the door never sends, is sent here once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from controller.core.card import CardNumber
from controller.core.event import JsonValue
from controller.core.pin import Pin
from controller.membership.koha import reading
from controller.membership.koha.client import KohaClient
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import Answer, LmsUnavailable, LmsUnusable, Said, Unknown, WrongPin
from controller.membership.probe.seen import EMPTY, PRESENT, WITH_PIN, Asked, Lack, Seen
from controller.secrets.credentials import LMS_CLIENT_SECRET, Secret
from controller.settings.lms import Koha, Lms

FLAGS = (*reading.REFUSING, *reading.REFUSING_IF_SENT)


class KohaProber:
    """A ``Prober``. secret: by name. Raises SecretMissing."""

    def __init__(
        self,
        lms: Lms,
        koha: Koha,
        secret: Callable[[str], Secret],
        monotonic: Callable[[], float],
    ) -> None:
        self._client = KohaClient(
            koha.url, koha.client_id, secret(LMS_CLIENT_SECRET), koha.ca_file, monotonic
        )
        self._rules = ReadingRules.of(lms)
        self._timeout_s = lms.timeout_s
        self._monotonic = monotonic

    def begin(self) -> str:
        self._client.check(self._until_s())
        return "it takes our API key, and lets it ask about patrons"

    def ask(self, asked: Asked, card: CardNumber, pin: Pin | None, today: date) -> Seen:
        until_s = self._until_s()
        try:
            patrons = self._client.patrons(card, until_s, attributes=self._rules.entitled_by == "field")
            patron = reading.only(patrons, card)
        except (LmsUnavailable, LmsUnusable) as error:
            lacks = frozenset({Lack.CARD} if isinstance(error, LmsUnusable) else ())
            return Seen(asked, error, {}, lacks=lacks)
        if patron is None:
            return Seen(asked, Unknown(), {})
        said: Answer | LmsUnusable | LmsUnavailable
        pin_right = None
        try:
            said = reading.read(patron, self._rules, today)
        except LmsUnusable as error:
            said = error
        if asked in WITH_PIN:
            try:
                pin_right = self._client.password_is(card, pin.reveal() if pin else "", until_s)
            except (LmsUnavailable, LmsUnusable) as error:
                said = error
            if pin_right is False:
                said = WrongPin()
        flags = tuple(name for name in FLAGS if patron.get(name) is True)
        refusing = flags
        if isinstance(said, Said) and said.expires < today:
            refusing = tuple(name for name in flags if name != "expired")
        fields = {name: _shown(name, value) for name, value in sorted(patron.items())}
        return Seen(asked, said, fields, flags, refusing, pin_right, frozenset(_lacks(patron)))

    def close(self) -> None:
        self._client.close()

    def _until_s(self) -> float:
        return self._monotonic() + self._timeout_s


def _shown(name: str, value: JsonValue) -> str:
    if value is None or value == "" or value == []:
        return EMPTY
    if name in FLAGS and isinstance(value, bool):
        return "true" if value else "false"
    if name == reading.EXPIRY and isinstance(value, str) and reading.DAY.fullmatch(value):
        return value
    return PRESENT


def _lacks(patron: reading.Patron) -> list[Lack]:
    lacks = []
    expiry = patron.get(reading.EXPIRY)
    if not expiry:
        lacks.append(Lack.EXPIRY)
    elif not isinstance(expiry, str) or not reading.DAY.fullmatch(expiry):
        lacks.append(Lack.EXPIRY_READABLE)
    if not patron.get(reading.BIRTH):
        lacks.append(Lack.BIRTH)
    return lacks
