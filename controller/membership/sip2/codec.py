"""SIP2 messages: bytes to values and back. Pure.

Here: how messages are written, those that the client sends and those that answer them: fields, sequence
numbers, checksums, lines. Never here: what is asked (``questions``), sockets, or what an answer means.

The source is 3M's Standard Interchange Protocol 2.00. A message is two digits, a fixed part, then fields in
any order: two characters, a value, ``|``. What a system sends beyond that is read as kindly as can be without
making anything up: unknown fields, a missing last ``|``, any line end. What we send is held to the letter.

An answer names a person: name, address, e-mail. Only the fields that are asked for by code are kept; of the
others their codes alone are. Nothing here shows a value in its ``repr`` or its errors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn

FIXED = {
    "23": 21,  # language 3, date 18
    "24": 35,  # flags 14, language 3, date 18
    "35": 18,
    "36": 19,  # ended 1, date 18
    "63": 31,  # language 3, date 18, summary 10
    "64": 59,  # flags 14, language 3, date 18, six counts of 4
    "93": 2,
    "94": 1,
    "96": 0,
    "97": 0,
    "98": 34,  # six answers of 1, time-out 3, retries 3, date 18, version 4
    "99": 8,  # status 1, print width 3, version 4
}
"""Length in characters of the fixed part that follows the two digits."""
FLAGS = 14
LINE_LIMIT = 16 * 1024
"""Bytes of the longest answer that is read; one of a full patron record takes about 1,000."""
VALUE_LIMIT = 255

Terminator = Literal["cr", "crlf", "lf"]
_ENDS = {"cr": b"\r", "crlf": b"\r\n", "lf": b"\n"}
_CODE = re.compile(r"[A-Z][A-Z0-9]")
_NUMBER = {"AA": re.compile(r"[0-9A-Za-z]{1,64}"), "AD": re.compile(r"[0-9A-Za-z]{0,64}")}
"""What a card number or PIN may be that we send. A ``Pin`` is never empty; the probe has to try it."""
_TRAILER = re.compile(rb"(?:AY([0-9]))?AZ([0-9A-Fa-f]{4})\|?\Z")
_LINE_END = re.compile(rb"[\r\n]")


class BadSip2(Exception):
    """What came is no message that can be believed. The text names codes and repeats nothing else."""


class BadChecksum(BadSip2):
    """It was changed on its way, or its checksum was computed wrongly: worth asking for it again."""


class TooLong(BadSip2):
    """There is no end to it."""


class Unsendable(Exception):
    """A value has no place in a SIP2 message. The text names the field and not the value."""


class Fields:
    """The fields of a message, in their order. ``others``: codes of those that came and were not kept."""

    __slots__ = ("_pairs", "others")
    _pairs: tuple[tuple[str, str], ...]
    others: frozenset[str]

    def __init__(self, pairs: Iterable[tuple[str, str]] = (), others: Iterable[str] = ()) -> None:
        self._pairs = tuple(pairs)
        self.others = frozenset(others)

    def all(self, code: str) -> tuple[str, ...]:
        """Every value of this field; an empty one is ``""``."""
        return tuple(value for its_code, value in self._pairs if its_code == code)

    def one(self, code: str) -> str | None:
        """The value of this field, None if it did not come. Raises BadSip2 where several disagree."""
        values = set(self.all(code))
        if len(values) > 1:
            raise BadSip2(f"the field {code} came more than once, with different values")
        return values.pop() if values else None

    @property
    def codes(self) -> tuple[str, ...]:
        """Of the fields that were kept, each once, in order of appearance."""
        return tuple(dict.fromkeys(code for code, _ in self._pairs))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __repr__(self) -> str:
        return f"Fields({' '.join(self.codes)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fields) and self._pairs == other._pairs and self.others == other.others

    def __hash__(self) -> int:
        return hash((self._pairs, self.others))

    def __reduce__(self) -> NoReturn:
        raise TypeError("the fields of a message are neither copied nor pickled")


NO_FIELDS = Fields()


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """code: two digits, one of FIXED. fixed: of just the length that FIXED says, ASCII."""

    code: str
    fixed: str = ""
    fields: Fields = NO_FIELDS

    def __repr__(self) -> str:
        return f"Message({self.code}: {' '.join(self.fields.codes)})"


@dataclass(frozen=True, slots=True)
class Received:
    """sequence: the digit that came with it, None if none did or checksums are off."""

    message: Message
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Wire:
    """How a system writes. checksum: sequence numbers and checksums are sent, and insisted on."""

    encoding: Literal["utf-8", "cp850", "latin-1"] = "utf-8"
    terminator: Terminator = "cr"
    checksum: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class PatronAnswer:
    """A 24 or a 64. flags: the 14 of the patron's status, [0] charge denied … [4] card reported lost …"""

    code: Literal["24", "64"]
    flags: tuple[bool, ...]
    fields: Fields

    def __repr__(self) -> str:
        return f"PatronAnswer({self.code}: {' '.join(self.fields.codes)})"


def patron_answer(message: Message) -> PatronAnswer:
    """Raises BadSip2 if it is neither a 24 nor a 64.

    A flag is set unless it is blank or N: whatever else a system writes there is no clean bill.
    """
    if message.code != "24" and message.code != "64":
        raise BadSip2(f"a {message.code} is no answer about a patron")
    flags = tuple(flag not in " N" for flag in message.fixed[:FLAGS])
    return PatronAnswer("24" if message.code == "24" else "64", flags, message.fields)


def checksum(through_az: bytes) -> str:
    """Of every byte up to and with ``AZ``."""
    return f"{-sum(through_az) & 0xFFFF:04X}"


def encode(message: Message, wire: Wire, sequence: int | None) -> bytes:
    """A line with its end. sequence: 0 to 9; a 96 or 97 has none. Raises Unsendable."""
    if len(message.fixed) != FIXED[message.code] or not _plain(message.fixed):
        raise Unsendable(f"the fixed part of a {message.code} is not as the standard has it")
    line = message.code.encode() + message.fixed.encode()
    for code, value in message.fields:
        line += code.encode() + _value(code, value, wire.encoding) + b"|"
    if wire.checksum:
        if sequence is not None:
            line += b"AY%d" % sequence
        line += b"AZ"
        line += checksum(line).encode()
    return line + _ENDS[wire.terminator]


def _value(code: str, value: str, encoding: str) -> bytes:
    if not _CODE.fullmatch(code) or code in ("AY", "AZ"):
        raise Unsendable("a field has no code that the standard allows")
    if code in _NUMBER and not _NUMBER[code].fullmatch(value):
        raise Unsendable(f"the value of {code} is not up to 64 letters and digits without accents")
    if "|" in value or not value.isprintable():
        raise Unsendable(f"the value of {code} holds a character that would end it")
    try:
        encoded = value.encode(encoding)
    except UnicodeEncodeError:
        raise Unsendable(f"the value of {code} holds a character that {encoding} has not") from None
    if len(encoded) > VALUE_LIMIT:
        raise Unsendable(f"the value of {code} is longer than {VALUE_LIMIT} bytes")
    return encoded


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def decode(line: bytes, wire: Wire, keep: Collection[str]) -> Received:
    """The message of one line, without its end. keep: codes of the fields whose values are wanted.

    Raises BadSip2, and BadChecksum where another copy may be better. With checksums off, one that comes all
    the same is not looked at. A character that is not in the encoding becomes U+FFFD, which equals nothing
    that anybody waits for.
    """
    sequence = None
    trailer = _TRAILER.search(line)
    if wire.checksum:
        # Some that could not read us say so in two digits.
        if trailer is None and line != b"96":
            raise BadSip2("it has no checksum; if the system never sends one, set lms.sip2.checksum = false")
        if trailer and int(trailer[2], 16) != int(checksum(line[: trailer.start(2)]), 16):
            raise BadChecksum("its checksum is wrong")
        sequence = int(trailer[1]) if trailer and trailer[1] else None
    body = line[: trailer.start()] if trailer else line
    code = body[:2].decode("latin-1")
    if code not in FIXED:
        raise BadSip2("it begins with no number of a message that is known here")
    start = 2 + FIXED[code]
    fixed = body[2:start].decode("latin-1")
    if len(fixed) < FIXED[code] or not _plain(fixed):
        raise BadSip2(f"the fixed part of a {code} is cut or holds other characters than it may")
    return Received(Message(code, fixed, _fields(body[start:], wire.encoding, keep)), sequence)


def _fields(written: bytes, encoding: str, keep: Collection[str]) -> Fields:
    pairs, others = [], set()
    for part in written.split(b"|"):
        code = part[:2].decode("latin-1")
        if code in keep:
            pairs.append((code, part[2:].decode(encoding, "replace")))
        elif _CODE.fullmatch(code):
            others.add(code)
    return Fields(pairs, others)


class Lines:
    """Bytes as they arrive, to lines without their ends: CR, LF or CRLF. Empty ones are none."""

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self._limit = limit
        self._rest = b""

    @property
    def begun(self) -> bool:
        """A line began that has not ended."""
        return bool(self._rest)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Raises TooLong as soon as a line is longer than the limit; this is then of no more use."""
        *lines, self._rest = _LINE_END.split(self._rest + data)
        for line in lines:
            self._check(line)
            if line:
                yield line
        self._check(self._rest)

    def _check(self, line: bytes) -> None:
        if len(line) > self._limit:
            raise TooLong(f"it is longer than {self._limit} bytes")
