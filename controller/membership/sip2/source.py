"""A SIP2 system as a ``LiveSource``: the client asks, the dialect says where things are, ``reading`` judges.

Here: joining the three, from the settings. Never here: a rule of any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import Answer, LmsUnusable
from controller.membership.sip2.client import Sip2Client
from controller.membership.sip2.codec import Unsendable, Wire
from controller.membership.sip2.connection import Endpoint
from controller.membership.sip2.dialect import Dialect, dialect_for
from controller.membership.sip2.questions import Account, Manner
from controller.membership.sip2.reading import kept, read
from controller.secrets.credentials import LMS_PASSWORD, LMS_TERMINAL_PASSWORD, Secret
from controller.settings.lms import Lms, Sip2


class Sip2Source:
    """A ``LiveSource``. After an answer that is not enough to count, the connection is closed as well: where
    there are no sequence numbers, another card's answer is the one sign that question and answer no longer
    belong together.
    """

    def __init__(self, client: Sip2Client, dialect: Dialect, rules: ReadingRules) -> None:
        self._client = client
        self._dialect = dialect
        self._rules = rules

    def ask(self, card: CardNumber, pin: Pin | None, today: date) -> Answer:
        try:
            answer = self._client.ask(card, pin, today)
            return read(self._dialect, answer, card, pin is not None, self._rules, today)
        except Unsendable as error:
            raise LmsUnusable(f"the question cannot be sent over SIP2: {error}") from None
        except LmsUnusable:
            self._client.close()
            raise

    def check(self) -> None:
        self._client.check()

    def keep_alive(self) -> None:
        self._client.keep_alive()

    def close(self) -> None:
        self._client.close()


def sip2_source(
    lms: Lms, sip2: Sip2, secret: Callable[[str], Secret], monotonic: Callable[[], float]
) -> Sip2Source:
    """As it is set; nothing is connected yet. secret: by name. Raises BadDialect, SecretMissing."""
    dialect, rules = dialect_for(sip2), ReadingRules.of(lms)
    return Sip2Source(sip2_client(lms, sip2, secret, monotonic), dialect, rules)


def sip2_client(
    lms: Lms,
    sip2: Sip2,
    secret: Callable[[str], Secret],
    monotonic: Callable[[], float],
    keep: frozenset[str] | None = None,
) -> Sip2Client:
    """The client alone. keep: the fields whose values are wanted; None: those that are needed.

    Raises as ``sip2_source``.
    """
    dialect = dialect_for(sip2)
    return Sip2Client(
        Endpoint(sip2.host, sip2.port, sip2.uses_tls, sip2.ca_file),
        Wire(sip2.encoding, sip2.terminator, sip2.checksum),
        Account(
            sip2.username,
            secret(LMS_PASSWORD) if sip2.username else None,
            sip2.location,
            sip2.institution,
            secret(LMS_TERMINAL_PASSWORD) if sip2.terminal_password else None,
        ),
        Manner(dialect.message, dialect.language, dialect.summary, dialect.end_session),
        kept(dialect, ReadingRules.of(lms)) if keep is None else keep,
        lms.timeout_s,
        sip2.keep_alive_s,
        monotonic,
    )
