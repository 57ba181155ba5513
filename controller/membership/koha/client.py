"""Koha's REST API, as far as it is used: a token, the patron of a card, and whether a password is right.

Here: requests and the meaning of statuses, from Koha's own specification (api/v1/swagger) and source
(Koha/REST/V1). Never here: sockets (``exchange``), or what of a record counts (``reading``).

The card number travels in the header ``x-koha-query``, as Koha documents for any search: in the address it
would be in the access log of every proxy on the way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from controller.core.card import CardNumber
from controller.core.event import JsonValue
from controller.membership.koha import reading
from controller.membership.koha.exchange import Exchange, HttpAnswer
from controller.membership.lms.source import LmsUnavailable, LmsUnusable, Trouble
from controller.secrets.credentials import Secret

API = "api/v1"
TOKEN = re.compile(r"[\x21-\x7e]{1,2048}")
PLAIN = re.compile(r"[0-9A-Za-z]{1,64}")
"""A card number that may be sent."""
RENEWED_BEFORE_S = 60.0
"""A token is renewed so long before its end; Koha's last for an hour."""
WRONG = ("Validation failed", "Password expired")
"""What Koha says of a password that is not, or no longer, the patron's."""


class KohaClient:
    """For one thread. What asks raises LmsUnavailable and LmsUnusable; until_s: by ``monotonic``."""

    def __init__(
        self,
        url: str,
        client_id: str,
        secret: Secret,
        ca_file: Path | None,
        monotonic: Callable[[], float],
    ) -> None:
        beginning = url.rstrip("/").removesuffix(f"/{API}")
        self._exchange = Exchange(f"{beginning}/{API}", ca_file, monotonic)
        self._client_id = client_id
        self._secret = secret
        self._monotonic = monotonic
        self._token: str | None = None
        self._renew_at = 0.0

    @property
    def where(self) -> str:
        return self._exchange.where

    def patrons(self, card: CardNumber, until_s: float, *, attributes: bool) -> JsonValue:
        """Koha's list of the patrons with this card number. attributes: with their extended attributes."""
        return self._with_number(_sendable(card), until_s, attributes)

    def password_is(self, card: CardNumber, password: str, until_s: float) -> bool:
        """Whether this is the password of whoever has this card. Counts as a log-in: Koha locks out."""
        question = {"identifier": _sendable(card), "password": password}
        answer = self._asked("POST", "auth/password/validation", until_s, json=question)
        if answer.status not in (201, 400):
            raise self._refusal(answer, "auth/password/validation")
        said = self._json(answer)
        said = said if isinstance(said, dict) else {}
        if answer.status == 400:
            if said.get("error") in WRONG:
                return False
            raise LmsUnusable("Koha refuses the question for a password; it needs version 23.11 or later")
        number = said.get("cardnumber")
        if not isinstance(number, str):
            raise LmsUnusable("Koha does not say whose password it found; it needs version 23.11 or later")
        # A card number may be somebody else's user name.
        return number.upper() == card.reveal().upper()

    def check(self, until_s: float) -> None:
        """Ask for the patrons with an empty card number: nobody, and only the right system says so to us.

        A token for each check would do as well, and Koha would keep them all.
        """
        self._with_number("", until_s, attributes=False)

    def close(self) -> None:
        self._exchange.close()

    def _with_number(self, number: str, until_s: float, attributes: bool) -> JsonValue:
        headers = {"x-koha-query": json.dumps({"cardnumber": number})}
        if attributes:
            headers["x-koha-embed"] = "extended_attributes"
        # Two, so that a Koha that did not understand the question shows it, and shows no more.
        answer = self._asked("GET", "patrons?_per_page=2&_match=exact", until_s, headers=headers)
        if answer.status != 200:
            raise self._refusal(answer, "patrons")
        return self._json(answer)

    def _asked(
        self,
        method: str,
        path: str,
        until_s: float,
        *,
        headers: dict[str, str] | None = None,
        json: object = None,
    ) -> HttpAnswer:
        answer = self._with_token(method, path, until_s, headers or {}, json)
        if answer.status == 401:  # the token was withdrawn, or Koha has forgotten it
            self._token = None
            answer = self._with_token(method, path, until_s, headers or {}, json)
        return answer

    def _with_token(
        self, method: str, path: str, until_s: float, headers: dict[str, str], json: object
    ) -> HttpAnswer:
        headers = {**headers, "Authorization": self._authorisation(until_s)}
        return self._exchange.ask(method, path, until_s, headers=headers, json=json)

    def _authorisation(self, until_s: float) -> str:
        if self._token is None or self._monotonic() >= self._renew_at:
            self._token = None
            form = {
                "grant_type": "client_credentials",
                "client_id": self._client_id,
                "client_secret": self._secret.reveal(),
            }
            answer = self._exchange.ask("POST", "oauth/token", until_s, form=form)
            if answer.status != 200:
                raise self._refusal(answer, "oauth/token")
            self._token, lasts_s = self._token_in(answer)
            self._renew_at = self._monotonic() + max(0.0, lasts_s - RENEWED_BEFORE_S)
        return f"Bearer {self._token}"

    def _token_in(self, answer: HttpAnswer) -> tuple[str, float]:
        said = self._json(answer)
        said = said if isinstance(said, dict) else {}
        token, lasts_s = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            raise self._garbled("answered oauth/token without a token")
        if not isinstance(lasts_s, int) or isinstance(lasts_s, bool) or not 0 <= lasts_s <= 10_000_000:
            raise self._garbled("does not say how long its token lasts")
        return token, lasts_s

    def _json(self, answer: HttpAnswer) -> JsonValue:
        try:
            return reading.parse(answer.body)
        except reading.BadJson:
            raise self._garbled("answered with something else than JSON") from None

    def _refusal(self, answer: HttpAnswer, path: str) -> LmsUnavailable:
        status = answer.status
        if path == "oauth/token" and status in (400, 401, 403):
            return self._no_login(
                "refuses our API key; correct lms.koha.client_id or the secret lms-client-secret, and switch "
                "RESTOAuth2ClientCredentials on in Koha"
            )
        if status in (401, 403):
            return self._no_login(
                f"does not answer {path} for our API key; give its account in Koha the permission borrowers"
            )
        if status == 429 or status >= 500:
            return LmsUnavailable(Trouble.OFFLINE, f"{self.where} cannot answer now (status {status})")
        if 300 <= status < 400:
            return self._garbled(f"sends us elsewhere for {path}, where we do not go; correct lms.koha.url")
        if status == 404:
            return self._garbled(f"has no {path}; correct lms.koha.url, or use Koha 23.11 or later")
        return self._garbled(f"answered {path} with status {status}")

    def _no_login(self, how: str) -> LmsUnavailable:
        return LmsUnavailable(Trouble.LOGIN_REFUSED, f"{self.where} {how}")

    def _garbled(self, how: str) -> LmsUnavailable:
        return LmsUnavailable(Trouble.GARBLED, f"{self.where} {how}")


def _sendable(card: CardNumber) -> str:
    """Raises LmsUnusable: what is not a plain card number reaches no wire."""
    number = card.reveal()
    if not PLAIN.fullmatch(number):
        raise LmsUnusable("a card number of something else than letters and digits is not asked about")
    return number
