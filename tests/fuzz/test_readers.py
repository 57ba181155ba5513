"""Every framer, fed with hostile bytes: nothing escapes, and a card or key that appears was in the bytes.

What was in the bytes is decided here by decoders that see all of them at once and share nothing with the
framers: the card formats of the simulator, and searches for whole lines, tracks and tags.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from controller.core.card import CardRules, NotACard, parse_card
from controller.core.framing.framer import Framer, Garbage, Key
from controller.door.swipes import framer_for
from controller.settings.reader import Reader
from simulator.card_formats import BURSTS, RDM, TYPES, WIEGAND, ReaderType, lrc, with_parity

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

Found = list[str | Key | Garbage]
RULES = (CardRules(4, 64, "alphanumeric", "off"), CardRules(14, 14, "digits", "enforce"))
CARRIED = 600
"""Bytes of what came before that a card may still begin in: more than any framer keeps."""
MARKS = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\x02",
    b"\x03",
    b";",
    b"=",
    b"?",
    b"+",
    b"%",
    b"C",
    b"#",
    b"7",
    b"A",
    b"\0",
    b"\xff",
]
LINE = re.compile(rb"[\r\n]")
TRACK = re.compile(rb"(?=(;([0-9=]*)\?)(.))", re.DOTALL)
TAG = re.compile(rb"(?=\x02([0-9A-Fa-f]{10})([0-9A-Fa-f]{2})(?:\r\n)?\x03)")


def lines(wire: bytes, reader: Reader) -> Iterator[str]:
    """Whole printable lines, without prefix and suffix."""
    prefix, suffix = reader.prefix, reader.suffix
    for line in LINE.split(wire)[:-1]:
        text = line.decode("latin-1")
        if text.isascii() and text.isprintable() and text.startswith(prefix) and text.endswith(suffix):
            content = text[len(prefix) : len(text) - len(suffix)]
            if content and len(text) >= len(prefix) + len(suffix):
                yield content


def tracks(wire: bytes, reader: Reader) -> Iterator[str]:
    for found in TRACK.finditer(wire):
        track, content, after = (part.decode("latin-1") for part in found.groups())
        if after in (lrc(track), "\r", "\n", "\x03", "+"):
            yield dict(enumerate(content.split("="), start=1)).get(reader.track_field, "")


def tags(wire: bytes, reader: Reader) -> Iterator[str]:
    bits = RDM[reader.number_as]
    for found in TAG.finditer(wire):
        tag = bytes.fromhex(found[1].decode())
        checksum = tag[0] ^ tag[1] ^ tag[2] ^ tag[3] ^ tag[4]
        if checksum == int(found[2], 16):
            yield bits.write(int.from_bytes(tag, "big") % (1 << bits.count), reader.number_as)


def converted(wire: bytes, reader: Reader) -> Iterator[str]:
    """What a Wiegand converter has written, and the parity bits agree."""
    bits = WIEGAND[int(reader.format[-2:])]
    for line in lines(wire, reader):
        if (value := bits_of(line, reader)) is not None and 0 <= value < 1 << bits.count:
            yield bits.write(value, reader.number_as)


def bits_of(line: str, reader: Reader) -> int | None:
    bits = WIEGAND[int(reader.format[-2:])]
    match reader.wiegand_text:
        case "hex" | "hex-parity":
            if not re.fullmatch("[0-9A-Fa-f]{1,256}", line):
                return None
            sent = int(line, 16)
        case "decimal" | "decimal-parity":
            if not re.fullmatch("[0-9]{1,256}", line):
                return None
            sent = int(line)
        case "facility":
            apart = re.fullmatch(
                f"([0-9]{{{bits.facility_digits}}})[ ,:;/-]?([0-9]{{{bits.number_digits}}})", line
            )
            if not apart or int(apart[1]) >> bits.facility or int(apart[2]) >> bits.number:
                return None
            return int(apart[1]) << bits.number | int(apart[2])
    if not reader.wiegand_text.endswith("parity"):
        return sent
    inner = sent >> 1 & (1 << bits.count) - 1
    return inner if with_parity(inner, bits.count) == sent else None


DECODERS: dict[str, Callable[[bytes, Reader], Iterator[str]]] = {
    "line": lines,
    "aba": tracks,
    "rdm6300": tags,
    "wiegand-26": converted,
    "wiegand-34": converted,
    "wiegand-37": converted,
}


def pressed(wire: bytes, reader: Reader) -> list[str]:
    """The keys whose bursts stand alone on a line."""
    bursts = BURSTS.get(reader.keypad, {})
    keys = {burst: key for key, burst in bursts.items()}
    return [keys[line.upper()] for line in lines(wire, reader) if line.upper() in keys]


@pytest.mark.parametrize("type_", [type_ for type_ in TYPES.values() if type_.bits is None], ids=str)
def test_hostile_bytes_crash_no_framer_and_make_up_no_card(type_: ReaderType, hostile: Hostile) -> None:
    reader = Reader.model_validate({"port": "/dev/null", **type_.settings})
    seeds = [type_.sent(type_.number(serial)) for serial in range(1, 9)]
    seeds += [f"{burst}\r\n".encode() for burst in BURSTS.get(reader.keypad, {}).values()]
    whole, by_byte, in_pieces = (framer_for(reader) for _ in range(3))
    carried, cards = b"", 0
    for block in hostile.stream(seeds, MARKS):
        found = list(whole.feed(block))
        assert list(chain.from_iterable(by_byte.feed(bytes([byte])) for byte in block)) == found
        assert list(chain.from_iterable(in_pieces.feed(piece) for piece in hostile.split(block))) == found
        wire = carried + block
        cards += check(found, wire, reader)
        carried = wire[-CARRIED:]
    still_reads(whole, seeds[0], type_.number(1))
    assert cards or hostile.kind == "random", "no card in all that: nothing was tested"


def check(found: Found, wire: bytes, reader: Reader) -> int:
    """How many cards there were; each was in the bytes, and so was each key."""
    texts = [text for text in found if isinstance(text, str)]
    there = set(DECODERS[reader.format](wire, reader)) if texts else set()
    assert set(texts) <= there
    numbers = {text.upper() for text in there}
    for text in texts:
        for rules in RULES:
            try:
                card = parse_card(text, rules)
            except NotACard:
                continue
            assert card.reveal() in numbers
    keys = [key.symbol for key in found if isinstance(key, Key)]
    assert len(keys) <= len(pressed(wire, reader))
    assert set(keys) <= set(pressed(wire, reader))
    return len(texts)


def still_reads(framer: Framer, sent: bytes, card: str) -> None:
    """After anything at all, and a line end, the next card is read."""
    assert list(framer.feed(b"\r" + sent))[-1] == card
