"""Questions and their answers over one open connection, one after the other.

Here: sequence numbers, asking again for what came spoiled, saying again what the system did not get, and that
an answer is this question's. Never here: connecting (``connection``), or which questions there are to ask.

An error ends the session: a late answer could otherwise pass for the next question's.
"""

from __future__ import annotations

from controller.membership.lms.source import LmsUnavailable, Trouble
from controller.membership.sip2.codec import BadChecksum, BadSip2, Message, Received, Wire, decode, encode
from controller.membership.sip2.connection import Connection
from controller.membership.sip2.questions import RESEND

ANSWERS = {"23": "24", "35": "36", "63": "64", "93": "94", "99": "98"}
RETRIES = 3
"""How often one message is asked for again, and how often one is said again."""


class Session:
    """where: host and port, for messages. keep: codes of the fields that anybody needs."""

    def __init__(self, connection: Connection, where: str, wire: Wire, keep: frozenset[str]) -> None:
        self._connection = connection
        self._where = where
        self._wire = wire
        self._keep = keep
        self._sequence = 9

    def ask(self, question: Message, until_s: float) -> Message:
        """Its answer. Raises Unsendable before anything is sent, LmsUnavailable, ConnectionClosed."""
        sequence = (self._sequence + 1) % 10
        line = encode(question, self._wire, sequence)
        self._sequence = sequence
        self._connection.send(line, until_s)
        said_again = asked_again = 0
        while (received := self._receive(until_s)) is None or received.message.code == "96":
            if received is None:
                if asked_again == RETRIES:
                    raise self._garbled("sends wrong checksums, however often it is asked again")
                asked_again += 1
                self._connection.send(encode(RESEND, self._wire, None), until_s)
            else:
                if said_again == RETRIES:
                    raise self._garbled("asks for the same message again and again")
                said_again += 1
                self._connection.send(line, until_s)
        # Asked again, systems answer with the old number, with 0 or with none.
        numbers = {sequence, None, 0} if asked_again else {sequence}
        if self._wire.checksum and received.sequence not in numbers:
            raise self._garbled("answered with the sequence number of another question")
        if received.message.code != ANSWERS[question.code]:
            raise self._garbled(f"answered a {question.code} with a {received.message.code}")
        return received.message

    def is_quiet(self) -> bool:
        """Whether the next question can be asked."""
        return self._connection.is_quiet()

    def close(self) -> None:
        self._connection.close()

    def _receive(self, until_s: float) -> Received | None:
        """None: what came was spoiled on its way."""
        line = self._connection.receive(until_s)
        try:
            return decode(line, self._wire, self._keep)
        except BadChecksum:
            return None
        except BadSip2 as error:
            raise self._garbled(f"sent what cannot be read: {error}") from None

    def _garbled(self, why: str) -> LmsUnavailable:
        return LmsUnavailable(Trouble.GARBLED, f"{self._where} {why}")
