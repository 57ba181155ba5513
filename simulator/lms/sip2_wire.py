"""SIP2 on the wire, as a library management system reads and writes it.

Written for the simulator alone and from the standard's tables, without a look at the controller's own: each
is the other's test. Here: messages as bytes. Never here: what an answer says, sockets.

A question is two digits, then what has a fixed place, then fields of two characters each with a value up to
the next ``|``; at its end, where errors are to be found, ``AY``, a digit that its answer repeats, ``AZ`` and
four hexadecimal digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

FIXED = {"23": 21, "35": 18, "63": 31, "93": 2, "97": 0, "99": 8}
"""How many characters of each question have a fixed place, after its two digits."""
TRAILER = re.compile(rb"(?:AY([0-9]))?AZ([0-9A-Fa-f]{4})$")
RESEND = "96"


class Garbled(Exception):
    """The bytes are no question, or not as they were sent."""


@dataclass(frozen=True, slots=True)
class Question:
    """code: its two digits. sequence: of its ``AY``. checked: it came with a checksum, which was right."""

    code: str
    fixed: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)
    sequence: str | None
    checked: bool

    @property
    def card(self) -> str:
        return self.fields.get("AA", "")

    @property
    def pin(self) -> str | None:
        """None: no PIN was asked about. Empty: an empty one was."""
        return self.fields.get("AD")


def checksum(until_az: bytes) -> str:
    """Of a message up to and with its ``AZ``: what makes the sum of all its bytes zero, modulo 65,536."""
    return f"{-sum(until_az) & 0xFFFF:04X}"


def read(line: bytes, encoding: str) -> Question:
    """A question without the end of its line. Raises Garbled."""
    sequence, checked = None, False
    trailer = TRAILER.search(line)
    if trailer is not None:
        if checksum(line[: -len("FFFF")]) != trailer[2].decode().upper():
            raise Garbled("wrong checksum")
        sequence, checked = trailer[1].decode() if trailer[1] else None, True
        line = line[: trailer.start()]
    text = line.decode(encoding, errors="replace")
    code, rest = text[:2], text[2:]
    if code not in FIXED or len(rest) < FIXED[code]:
        raise Garbled("no question that is known here")
    fields: dict[str, str] = {}
    for part in rest[FIXED[code] :].split("|"):
        if part:
            # What comes twice counts once, as in the servers that many systems share.
            fields.setdefault(part[:2], part[2:])
    return Question(code, rest[: FIXED[code]], fields, sequence, checked)


def joined(fields: Iterable[tuple[str, str]]) -> str:
    """Fields as they follow each other. A ``|`` in a value would end it, and becomes a blank."""
    return "".join(f"{code}{value.replace('|', ' ')}|" for code, value in fields)


def written(text: str, encoding: str, sequence: str | None = None, *, checked: bool = True) -> bytes:
    """A message without the end of its line. sequence: None for one that has none, such as 96."""
    line = text.encode(encoding, errors="replace")
    if not checked:
        return line
    line += f"AY{sequence}AZ".encode() if sequence is not None else b"AZ"
    return line + checksum(line).encode()
