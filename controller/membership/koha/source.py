"""Koha as a live source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.koha import reading
from controller.membership.koha.client import KohaClient
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import Answer, Unknown, WrongPin
from controller.secrets.credentials import Secret
from controller.settings.lms import Koha


class KohaSource:
    """A ``LiveSource``. timeout_s: for all that one question takes. monotonic: seconds that never step."""

    def __init__(
        self,
        koha: Koha,
        secret: Secret,
        rules: ReadingRules,
        timeout_s: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._client = KohaClient(koha.url, koha.client_id, secret, koha.ca_file, monotonic)
        self._rules = rules
        self._timeout_s = timeout_s
        self._monotonic = monotonic

    def ask(self, card: CardNumber, pin: Pin | None, today: date) -> Answer:
        until_s = self._until_s()
        patrons = self._client.patrons(card, until_s, attributes=self._rules.entitled_by == "field")
        patron = reading.only(patrons, card)
        if patron is None:
            return Unknown()
        said = reading.read(patron, self._rules, today)
        # Of a stranger's card, and of a record that cannot count, no PIN is sent.
        if pin is not None and not self._client.password_is(card, pin.reveal(), until_s):
            return WrongPin()
        return said

    def check(self) -> None:
        self._client.check(self._until_s())

    def keep_alive(self) -> None:
        """HTTP has nothing of the sort: a connection that was closed meanwhile is made anew."""

    def close(self) -> None:
        self._client.close()

    def _until_s(self) -> float:
        return self._monotonic() + self._timeout_s
