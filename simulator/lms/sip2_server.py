"""A SIP2 server such as those of library management systems, and everything that such a server does wrong.

Here: what it does with a question, when, and whether well. ``setup``, ``faults`` and ``patrons`` may be
changed while it runs; the next question is answered accordingly. Never here: bytes (``sip2_wire``), or what a
system says of a patron (``said``).

As real ones do: it closes the connection on a question before a login, and on one that has idled; repeats its
last answer without its sequence number when it is asked with 97; asks with 96 for what came with a wrong
checksum; answers without a checksum whoever asks without one.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from simulator.lms.certificate import Certificate
from simulator.lms.listener import Listener
from simulator.lms.patrons import Patron, Patrons
from simulator.lms.said import answer, moment
from simulator.lms.sip2_wire import RESEND, Garbled, Question, joined, read, written

READ = 4096
LONGEST = 65_536
KEPT = 20_000
"""How many questions are remembered."""
PATRON = frozenset({"23", "63"})
EVERYTHING = frozenset({"23", "35", "63", "93", "97", "99"})
ENDS = re.compile(rb"[\r\n]")
MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Setup:
    """How the system was set up. dialect: one of ``recorded.DIALECTS``. username: empty if nobody need log
    in.

    terminator: what ends its answers. idle_close_s: after so long a silence it closes; None: never. renamed:
    fields of patrons that it calls something else, "" for those that it hides.
    """

    dialect: str = "koha"
    username: str = ""
    password: str = field(default="", repr=False)
    encoding: str = "utf-8"
    terminator: bytes = b"\r"
    version: str = "2.00"
    idle_close_s: float | None = MINUTE_S
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Faults:
    """What it does wrong; by default nothing.

    on: the questions concerned, by their digits. times: so often, then all is well again; None: always.

    delay_s: before the answer. silent: no answer at all. trickle_s: between one byte and the next. cut_after:
    so many bytes of the answer, then the connection is closed. wrong_checksum. resend: 96 instead of the
    answer. garbage: these bytes instead of it. huge: so many bytes that no terminator ends. other_card: the
    answer about this card, whichever was asked about. other_sequence: another question's. login_refused.
    offline: its status says that it cannot answer now.
    """

    on: frozenset[str] = PATRON
    times: int | None = None
    delay_s: float = 0.0
    silent: bool = False
    trickle_s: float = 0.0
    cut_after: int | None = None
    wrong_checksum: bool = False
    resend: bool = False
    garbage: bytes | None = None
    huge: int | None = None
    other_card: str | None = field(default=None, repr=False)
    other_sequence: bool = False
    login_refused: bool = False
    offline: bool = False


WELL = Faults()


@dataclass(slots=True)
class _Connection:
    logged_in: bool = False
    last: str | None = None
    """What was answered last, without its trailer."""


class Sip2Server(Listener):
    """Takes connections from ``start``. certificate: its own, if it speaks TLS."""

    def __init__(
        self,
        patrons: Iterable[Patron] = (),
        setup: Setup | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        super().__init__(self._serve, certificate.context if certificate is not None else None)
        self.patrons = Patrons(patrons)
        self.setup = setup or Setup()
        self._faults = WELL
        self._left: int | None = None
        self._asked: deque[Question] = deque(maxlen=KEPT)
        self._received: deque[bytes] = deque(maxlen=KEPT)

    @property
    def faults(self) -> Faults:
        return self._faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._faults = faults
        self._left = faults.times

    def behave(self, **changes: object) -> None:
        """``faults`` with these changes to a server that does everything well."""
        self.faults = replace(WELL, **changes)  # type: ignore[arg-type]

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that could be read, the last last."""
        return tuple(self._asked)

    @property
    def received(self) -> tuple[bytes, ...]:
        """Every line that arrived, as it did."""
        return tuple(self._received)

    @property
    def questions(self) -> Counter[str]:
        """How many of each were asked, by their digits."""
        return Counter(question.code for question in self.asked)

    def cards(self) -> list[str]:
        """The cards that were asked about, in this order."""
        return [question.card for question in self.asked if question.code in PATRON]

    def forget(self) -> None:
        """Begin to count anew, except connections."""
        self._asked.clear()
        self._received.clear()

    # --- on the listener's thread -----------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection()
        buffer = b""
        while len(buffer) <= LONGEST:
            try:
                async with asyncio.timeout(self.setup.idle_close_s):
                    came = await reader.read(READ)
            except TimeoutError:
                return
            if not came:
                return
            *lines, buffer = ENDS.split(buffer + came)
            for line in filter(None, lines):
                self._received.append(line)
                if not await self._answered(connection, line, writer):
                    return

    async def _answered(self, connection: _Connection, line: bytes, writer: asyncio.StreamWriter) -> bool:
        """False: the connection is to be closed."""
        setup = self.setup
        try:
            question = read(line, setup.encoding)
        except Garbled:
            await self._send(writer, self._trailed(RESEND, None, line[-6:-4] == b"AZ"))
            return True
        self._asked.append(question)
        if setup.username and not connection.logged_in and question.code != "93":
            return False
        faults = self._at(question)
        if faults.other_card is not None:
            question = replace(question, fields={**question.fields, "AA": faults.other_card})
        text = self._said(connection, question, faults)
        if text is None:
            text, sequence = RESEND, None
        else:
            sequence = "0" if question.code == "97" else question.sequence
            connection.last = text
        if question.code == "97" and text == RESEND:
            sequence = None
        if question.code == "93":
            connection.logged_in = text == "941"
        if not await self._misbehaved(faults, text, sequence, question, writer):
            return False
        return text != "940"

    def _said(self, connection: _Connection, question: Question, faults: Faults) -> str | None:
        """None: 96."""
        setup, now = self.setup, datetime.now().astimezone()
        fields = question.fields
        match question.code:
            case "93":
                right = (fields.get("CN"), fields.get("CO")) == (setup.username, setup.password)
                return f"94{int((right or not setup.username) and not faults.login_refused)}"
            case "99":
                online = "N" if faults.offline else "Y"
                own = (("AO", "SIMULATED"), ("AM", "Simulated library"), ("BX", "YYYYYYYYYYYYYYYY"))
                return f"98{online}YYYYN100003{moment(now)}{setup.version}{joined(own)}"
            case "23" | "63":
                patron = self.patrons.find(question.card)
                return answer(setup.dialect, question, patron, now, setup.renamed)
            case "35":
                return f"36Y{moment(now)}{joined((('AO', fields.get('AO', '')), ('AA', question.card)))}"
            case _:  # 97
                return connection.last

    def _at(self, question: Question) -> Faults:
        """The faults that this question meets; it counts as one of their times."""
        if question.code not in self._faults.on or self._left == 0:
            return WELL
        if self._left is not None:
            self._left -= 1
        return self._faults

    async def _misbehaved(
        self,
        faults: Faults,
        text: str,
        sequence: str | None,
        question: Question,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Send the answer, or what is sent instead. False: the connection is to be closed."""
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s)
        if faults.silent:
            return True
        if faults.resend:
            text, sequence = RESEND, None
        if faults.other_sequence and sequence is not None:
            sequence = str((int(sequence) + 1) % 10)
        line = self._trailed(text, sequence, question.checked)
        if faults.wrong_checksum:
            line = line[:-1] + (b"0" if line[-1:] != b"0" else b"1")
        if faults.garbage is not None:
            line = faults.garbage
        if faults.huge is not None:
            await _pour(writer, line, faults.huge)
            return True
        if faults.cut_after is not None:
            writer.write(line[: faults.cut_after])
            await writer.drain()
            return False
        if faults.trickle_s:
            for byte in line:
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(faults.trickle_s)
            line = b""
        await self._send(writer, line)
        return True

    def _trailed(self, text: str, sequence: str | None, checked: bool) -> bytes:
        return written(text, self.setup.encoding, sequence, checked=checked)

    async def _send(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        writer.write(line + self.setup.terminator)
        await writer.drain()


async def _pour(writer: asyncio.StreamWriter, line: bytes, size: int) -> None:
    """So many bytes, which begin as an answer does."""
    block = line[:2] + b"Y" * (LONGEST - 2)
    for _ in range(-(-size // LONGEST)):
        writer.write(block)
        await writer.drain()
