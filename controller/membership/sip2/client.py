"""Asks a SIP2 system: one connection, opened when needed, kept while it is good, one question at a time.

Here: login, the system's own status, questions about patrons, keeping the connection alive, and connecting
anew. Never here: what an answer about a patron means (``reading``), or when anybody is asked.

The system may close a connection that was quiet for long. Where that shows only as a question gets no answer
at all, it is asked once more over a new connection; asking changes nothing in the system, so that twice is
like once. After any other trouble the connection is closed and the question fails.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.lms.source import LmsUnavailable, Trouble
from controller.membership.sip2 import questions
from controller.membership.sip2.codec import BadSip2, Message, PatronAnswer, Unsendable, Wire, patron_answer
from controller.membership.sip2.connection import ConnectionClosed, Endpoint, connect
from controller.membership.sip2.questions import Account, Manner, SystemStatus
from controller.membership.sip2.session import Session

END_S = 0.5
"""How long whoever asked waits for the end of a session, which tells nobody anything."""


class Sip2Client:
    """For one thread at a time. Everything that it does takes ``timeout_s`` at most.

    keep: codes of the fields whose values are wanted. keep_alive_s: after so long without a question the
    system is asked for its status; 0: never. monotonic: seconds of a clock that never steps.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        wire: Wire,
        account: Account,
        manner: Manner,
        keep: frozenset[str],
        timeout_s: float,
        keep_alive_s: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._endpoint = endpoint
        self._wire = wire
        self._account = account
        self._manner = manner
        self._keep = keep
        self._timeout_s = timeout_s
        self._keep_alive_s = keep_alive_s
        self._monotonic = monotonic
        self._session: Session | None = None
        self._used_s = 0.0

    def ask(self, card: CardNumber, pin: Pin | None, today: date) -> PatronAnswer:
        """What the system says of this card. Raises LmsUnavailable; Unsendable, and then nothing is sent."""
        question = questions.about_patron(self._account, self._manner, card, pin, today)
        return self._about(question, card, today)

    def try_empty_pin(self, card: CardNumber, today: date) -> PatronAnswer:
        """What the system makes of an empty PIN: for whoever sets the door up. Raises as ``ask``."""
        question = questions.about_patron(self._account, self._manner, card, None, today)
        return self._about(questions.with_empty_pin(question), card, today)

    def check(self) -> SystemStatus:
        """What the system says of itself. Raises LmsUnavailable, OFFLINE among it."""
        return self._status(self._answer(questions.system_status(), self._until_s()))

    def keep_alive(self) -> None:
        """Uses a connection that was quiet for ``keep_alive_s``. Raises LmsUnavailable.

        One that the system has closed is no trouble: the next question opens another.
        """
        quiet_s = self._monotonic() - self._used_s
        if self._session is None or not self._keep_alive_s or quiet_s < self._keep_alive_s:
            return
        if not self._session.is_quiet():
            self.close()
            return
        try:
            self._status(self._exchange(self._session, questions.system_status(), self._until_s()))
        except ConnectionClosed:
            return

    def close(self) -> None:
        """The next question opens a new connection."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _until_s(self) -> float:
        return self._monotonic() + self._timeout_s

    def _about(self, question: Message, card: CardNumber, today: date) -> PatronAnswer:
        until_s = self._until_s()
        answer = patron_answer(self._answer(question, until_s))
        if self._manner.end_session and self._session is not None:
            ending = questions.end_session(self._account, card, today)
            try:
                self._exchange(self._session, ending, min(until_s, self._monotonic() + END_S))
            except LmsUnavailable:
                # The connection is closed, which ends a session as well. The answer was there before.
                return answer
        return answer

    def _answer(self, question: Message, until_s: float) -> Message:
        """Over the connection that there is, or a new one."""
        if self._session is not None:
            if self._session.is_quiet():
                try:
                    return self._exchange(self._session, question, until_s)
                except ConnectionClosed:
                    pass
            else:
                self.close()
        return self._exchange(self._open(until_s), question, until_s)

    def _open(self, until_s: float) -> Session:
        connection = connect(self._endpoint, until_s, self._monotonic)
        session = self._session = Session(connection, str(self._endpoint), self._wire, self._keep)
        if self._account.username:
            self._log_in(session, until_s)
        try:
            self._status(self._exchange(session, questions.system_status(), until_s))
        except ConnectionClosed as error:
            if self._account.username:
                raise
            raise ConnectionClosed(f"{error}; if it wants a login, set lms.sip2.username") from None
        return session

    def _log_in(self, session: Session, until_s: float) -> None:
        try:
            answer = self._exchange(session, questions.login(self._account), until_s)
        except ConnectionClosed as error:
            raise LmsUnavailable(Trouble.LOGIN_REFUSED, f"{error} when it was told the user name") from None
        except Unsendable as error:
            self.close()
            raise LmsUnavailable(Trouble.LOGIN_REFUSED, f"the login cannot be sent: {error}") from None
        if not questions.lets_in(answer):
            self.close()
            raise LmsUnavailable(Trouble.LOGIN_REFUSED, f"{self._endpoint} refused user name or password")

    def _status(self, answer: Message) -> SystemStatus:
        try:
            status = questions.status_answer(answer)
        except BadSip2 as error:
            self.close()
            raise LmsUnavailable(Trouble.GARBLED, f"{self._endpoint}: {error}") from None
        if not status.online:
            self.close()
            raise LmsUnavailable(Trouble.OFFLINE, f"{self._endpoint} says that it is offline")
        return status

    def _exchange(self, session: Session, question: Message, until_s: float) -> Message:
        """Raises LmsUnavailable, the connection closed; Unsendable, the connection as it was."""
        try:
            answer = session.ask(question, until_s)
        except Unsendable:
            raise
        except BaseException:
            self.close()
            raise
        self._used_s = self._monotonic()
        return answer
