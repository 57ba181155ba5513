"""Card numbers, and files of members, that nobody would export so."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from controller.core.card import CardRules, NotACard, check_digit_ok, parse_card
from controller.core.pin import PinRules
from controller.membership.feed.columns import OPTIONAL, REQUIRED
from controller.membership.feed.members_file import Format, MembersFile
from controller.membership.feed.refusal import BadFile
from controller.membership.feed.rows import Row

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

AS_OF_US = 1_795_219_200_000_000
ANY = CardRules(4, 64, "alphanumeric", "off")
STRANGE = ["\u00df".encode(), "\u0131".encode(), "\u0663".encode(), b"|", b"\0", b"\r"]
"""Sharp s and dotless i have capitals within ASCII; the third is a digit of another script."""
HEADER = ",".join((*REQUIRED, *OPTIONAL, "pin"))
MEMBERS = [
    f"{HEADER}\n25891000331441,active,2026-01-12,2026-02-01,2027-03-31,2026-12-24,adult,,yes,1234\n".encode(),
    f"{HEADER}\r\n25891000331441,suspended,,,2027-03-31,,,,,\r\nAB12,active,,,2028-02-29,,x,,no,00000000\r\n".encode(),
    b'Status,card number,expires,granted-from,induction,Name\nactive,"2589100033",2027-03-31,,,"A, ""B"""\n',
]
MARKS = [*STRANGE, b",", b'"', b"\n", b"\xff", b"card_number", b"9999-99-99", b"0000-00-00"]


@pytest.mark.parametrize(
    "rules",
    [CardRules(14, 14, "digits", "off"), CardRules(14, 14, "digits", "enforce"), ANY],
    ids=["digits", "check digit", "alphanumeric"],
)
def test_a_card_number_is_the_text_and_within_the_rules(rules: CardRules, hostile: Hostile) -> None:
    allowed = "[0-9A-Z]" if rules.alphabet == "alphanumeric" else "[0-9]"
    shape = re.compile(f"{allowed}{{{rules.min_length},{rules.max_length}}}")

    def holds(card: Any, document: bytes) -> None:
        assert card.reveal() == text_of(document).upper()
        assert shape.fullmatch(card.reveal())
        assert rules.check_digit != "enforce" or check_digit_ok(card)

    seeds = [b"25891000331441", b"a1" * (rules.max_length // 2)]
    hostile.try_documents(
        lambda document: parse_card(text_of(document), rules), NotACard, seeds, STRANGE, holds
    )


def text_of(document: bytes) -> str:
    return document.decode("utf-8", errors="surrogateescape")


RECORD = (
    b'{"card_number":"25891000331441","status":"active","induction":"2026-01-12","granted_from":"2026-02-01",'
    b'"expires":"2027-03-31","guardian":true,"pin":"1234"}\n'
)
OBJECTS = [
    RECORD,
    RECORD * 3,
    b'{"card number":"AB12","Status":"suspended","induction":null,"granted_from":"","expires":"2028-02-29",'
    b'"surname":"x","age":12.5e3}\n',
]
CHANGES = [
    b'{"change":"put",' + RECORD[1:] + b'{"change":"remove","card_number":"AB12"}\n',
    b'{"change":"remove","card_number":"25891000331441","status":"x"}\n' * 2,
]
JSON_MARKS = [
    *MARKS,
    b"{",
    b"[",
    b"}",
    b":",
    b"null",
    b"NaN",
    b"-Infinity",
    b"\\ud800",
    b"[" * 3000,
    b'{"a":' * 2000,
]


def test_members_are_those_of_the_file(hostile: Hostile) -> None:
    hostile.try_documents(members(Format.CSV), BadFile, MEMBERS, MARKS, members_hold)


def test_members_are_those_of_the_json_lines(hostile: Hostile) -> None:
    hostile.try_documents(members(Format.JSON_LINES), BadFile, OBJECTS, JSON_MARKS, json_members_hold)


def test_changes_are_those_of_the_json_lines(hostile: Hostile) -> None:
    read = members(Format.JSON_LINES, delta=True)
    hostile.try_documents(read, BadFile, CHANGES, JSON_MARKS, json_members_hold)


def members(format: Format, *, delta: bool = False) -> Callable[[bytes], list[Row]]:
    def read(document: bytes) -> list[Row]:
        pins = PinRules(4, 8, 20)
        return list(MembersFile(io.BytesIO(document), format, ANY, AS_OF_US, pins, delta=delta).rows())

    return read


def members_hold(rows: list[Row], document: bytes) -> None:
    text = document.decode()
    assert rows
    for row in rows:
        assert row.membership is not None
        assert row.card.reveal() in text.upper()
        assert row.pin is None or row.pin.reveal() in text
        assert row.membership.expires.isoformat() in text


def json_members_hold(rows: list[Row], document: bytes) -> None:
    """Escapes can spell anything, so what was read is looked for in what the standard library reads."""
    assert rows
    values = {
        str(value).strip() for line in document.decode("utf-8-sig").split("\n") for value in values_of(line)
    }
    for row in rows:
        assert row.card.reveal() in {value.upper() for value in values}
        assert row.pin is None or row.pin.reveal() in values
        assert row.membership is None or row.membership.expires.isoformat() in values


def values_of(line: str) -> Iterator[object]:
    for part in re.split(r"[\r\n]", line):
        if part:
            yield from json.loads(part, parse_int=str).values()
