"""Hostile answers of a library management system: nothing escapes, and what is believed was in the bytes.

What was in the bytes is decided here by searches that share nothing with the codec.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from controller.core.card import CardNumber
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import LmsUnusable, Said
from controller.membership.sip2.codec import (
    FIXED,
    BadSip2,
    Lines,
    Message,
    Received,
    TooLong,
    Unsendable,
    Wire,
    decode,
    encode,
    patron_answer,
)
from controller.membership.sip2.dialect import NAMES, Dialect, dialect_of
from controller.membership.sip2.questions import status_answer
from controller.membership.sip2.reading import kept, read

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

CARD = CardNumber("20000000000017")
TODAY = date(2026, 11, 22)
RULES = ReadingRules(16, "field", frozenset(), "ZO", frozenset({"Y"}))
WIRES = [
    Wire(encoding, checksum=checksum)
    for encoding in ("utf-8", "cp850", "latin-1")
    for checksum in (True, False)
]
PATRON = b" " * 14 + b"00120261122    093000"
SEEDS = [
    b"24" + PATRON + b"AOexample|AA20000000000017|AEAn Example|BLY|CQY|PA20270101|PB19900229|PCadult|ZOY|",
    b"64" + PATRON + b"0" * 24 + b"AA20000000000017|BLY|PA2027-01-01|PX20270101|PCJ\xc3\xbcnger|ZOY",
    b"64" + b"YYYY" + PATRON[4:] + b" " * 24 + b"AA20000000000017|BLN|AFGr\x81\xe1e|AFbarred|AEAn Example",
    b"98YYYYNN10000320261122    0930002.0EAOexample|AMLibrary|BXYYYYYYYYYYYYYYYY|",
    b"941",
    b"36Y20261122    093000AOexample|AA20000000000017|",
    b"96",
]
PIECES = [
    b"|",
    b"||",
    b"BLY|",
    b"BLN|",
    b"CQY|",
    b"CQ|",
    b"AA|",
    b"PA|",
    b"AY1AZ",
    b"AZFEF6",
    b"\0",
    b"\xff",
    b"Y",
    b"24",
]
LIMIT = 300


def sealed(line: bytes, sequence: int) -> bytes:
    line += b"AY%dAZ" % sequence
    return line + b"%04X" % (-sum(line) % 65536)


def test_an_answer_is_refused_or_was_in_the_bytes(hostile: Hostile) -> None:
    accepted, said = dict.fromkeys(WIRES, 0), 0
    for document in hostile.documents(SEEDS, PIECES):
        wire, dialect = hostile.source.choice(WIRES), dialect_of(hostile.source.choice(NAMES))
        keep = kept(dialect, RULES)
        # Behind a wrong checksum nothing would be looked at.
        line = sealed(document, 3) if wire.checksum and hostile.source.randrange(4) else document
        try:
            received = decode(line, wire, keep)
            accepted[wire] += 1
            holds(received, line, wire, keep)
            said += means(received.message, line, dialect)
        except (BadSip2, LmsUnusable) as error:
            told = str(error)
        else:
            continue
        assert len(told) < 200
        assert "2000" not in told
    assert hostile.kind == "random" or (all(accepted.values()) and said)


def means(message: Message, line: bytes, dialect: Dialect) -> bool:
    """Whether it says something of a valid card. Raises BadSip2, LmsUnusable."""
    if message.code == "98":
        assert status_answer(message).online == (line[2:3] == b"Y")
    if message.code not in ("24", "64"):
        return False
    answer = patron_answer(message)
    assert len(answer.flags) == 14
    result = read(dialect, answer, CARD, False, RULES, TODAY)
    if not isinstance(result, Said):
        return False
    assert CARD.reveal().encode() in line
    assert b"BLY" in line
    assert not result.entitled or re.search(rb"ZO *Y", line)
    return True


def holds(received: Received, line: bytes, wire: Wire, keep: frozenset[str]) -> None:
    message = received.message
    assert (message.code + message.fixed).encode() == line[: 2 + FIXED[message.code]]
    assert set(message.fields.codes) <= keep
    assert message.fields.others.isdisjoint(keep)
    assert re.fullmatch(r"Message\(\d\d: [A-Z0-9 ]*\)", repr(message))
    for code, value in message.fields:
        if "\ufffd" not in value:
            assert code.encode() + value.encode(wire.encoding) in line
    if wire.checksum and line != b"96":
        *_, given = re.finditer(rb"AZ([0-9A-Fa-f]{4})", line)
        assert (sum(line[: given.end() - 4]) + int(given[1], 16)) % 65536 == 0
    else:
        assert received.sequence is None
    try:
        again = encode(message, wire, received.sequence)
    except Unsendable:
        return  # what is read kindly is not all written
    twice = decode(again.removesuffix(b"\r"), wire, keep)
    assert (twice.message.code, twice.message.fixed) == (message.code, message.fixed)
    assert list(twice.message.fields) == list(message.fields)
    assert twice.sequence == received.sequence


def test_lines_are_the_same_however_they_arrive(hostile: Hostile) -> None:
    ended = [sealed(seed, 1) + end for seed in SEEDS for end in (b"\r", b"\n", b"\r\n")]
    whole, by_byte, in_pieces = (Lines(LIMIT) for _ in range(3))
    found = endless = 0
    carried = b""
    for block in hostile.stream(ended, [*PIECES, b"\r", b"\n", b"x" * LIMIT]):
        lines, ended_well = collect(whole, [block])
        assert collect(by_byte, [bytes([byte]) for byte in block]) == (lines, ended_well)
        assert collect(in_pieces, list(hostile.split(block))) == (lines, ended_well)
        assert all(0 < len(line) <= LIMIT for line in lines)
        assert set(lines) <= set(re.split(rb"[\r\n]", carried + block))
        carried = (carried + block)[-LIMIT - 1 :]
        found += len(lines)
        if not ended_well:
            endless += 1
            whole, by_byte, in_pieces = (Lines(LIMIT) for _ in range(3))
            carried = b""
    assert found
    assert endless


def collect(lines: Lines, pieces: list[bytes]) -> tuple[list[bytes], bool]:
    """The lines that came of it, and whether none was too long."""
    found: list[bytes] = []
    try:
        for line in chain.from_iterable(lines.feed(piece) for piece in pieces):
            found.append(line)
    except TooLong:
        return found, False
    return found, True
