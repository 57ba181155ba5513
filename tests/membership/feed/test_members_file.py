from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from controller.core.card import CardRules
from controller.core.membership import Membership, Status
from controller.core.pin import Pin, PinRules
from controller.membership.feed.columns import PERSONAL
from controller.membership.feed.members_file import Format, MembersFile
from controller.membership.feed.refusal import BadFile
from controller.membership.feed.rows import OF_AGE, Row

RULES = CardRules(14, 14, "digits", "off")
AS_OF_US = 1_795_219_200_000_000
HEADER = "card_number,status,induction,granted_from,expires\n"
GOOD = "25891000331441,active,2026-01-12,2026-02-01,2027-03-31\n"
MEMBERSHIP = Membership(
    Status.ACTIVE, date(2026, 1, 12), date(2026, 2, 1), None, date(2027, 3, 31), "", None, False, AS_OF_US
)


def opened(
    text: str, rules: CardRules = RULES, format: Format = Format.CSV, *, delta: bool = False
) -> MembersFile:
    return MembersFile(io.BytesIO(text.encode()), format, rules, AS_OF_US, delta=delta)


def lines(*records: object) -> str:
    return "".join(f"{json.dumps(record)}\n" for record in records)


def in_json(text: str, rules: CardRules = RULES, *, delta: bool = False) -> MembersFile:
    return opened(text, rules, Format.JSON_LINES, delta=delta)


def test_rows_become_memberships() -> None:
    (row,) = opened(HEADER + GOOD).rows()
    assert (row.line, row.card.reveal(), row.membership) == (2, "25891000331441", MEMBERSHIP)


def test_every_column_has_its_place() -> None:
    text = (
        "card_number,status,induction,granted_from,granted_until,expires,category,adult_on,guardian\n"
        "25891000331441,suspended,2026-01-12,2026-02-01,2026-12-24,2027-03-31,young adult,2031-07-08,yes\n"
    )
    (row,) = opened(text).rows()
    assert row.membership == Membership(
        status=Status.SUSPENDED,
        inducted_on=date(2026, 1, 12),
        granted_from=date(2026, 2, 1),
        granted_until=date(2026, 12, 24),
        expires=date(2027, 3, 31),
        category="young adult",
        adult_on=date(2031, 7, 8),
        guardian=True,
        as_of_us=AS_OF_US,
    )


def test_whoever_is_not_entitled_has_empty_days() -> None:
    (row,) = opened(HEADER + "25891000331441,active,,,2027-03-31\n").rows()
    assert row.membership == replace(MEMBERSHIP, inducted_on=None, granted_from=None)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_columns_come_in_any_order_and_with_any_line_end(ending: str) -> None:
    lines = [
        "Expires,INDUCTION,Granted from,card number,Status",
        "2027-03-31,2026-01-12,2026-02-01,25891000331441,active",
        "",
    ]
    (row,) = opened(ending.join(lines)).rows()
    assert row.membership == MEMBERSHIP


@pytest.mark.parametrize(
    ("adult_on", "kept"),
    [
        # AS_OF_US is the beginning of 21 November 2026, in UTC.
        ("2004-07-08", OF_AGE),
        ("2026-11-20", OF_AGE),
        ("2026-11-21", date(2026, 11, 21)),
        ("2031-07-08", date(2031, 7, 8)),
        ("", None),
    ],
)
def test_a_birthday_that_has_passed_is_not_kept(adult_on: str, kept: date | None) -> None:
    (row,) = opened(HEADER[:-1] + ",adult_on\n" + GOOD[:-1] + f",{adult_on}\n").rows()
    assert row.membership == replace(MEMBERSHIP, adult_on=kept)
    assert row.membership.is_of_age(date(2026, 11, 21)) is (
        adult_on in ("2004-07-08", "2026-11-20", "2026-11-21")
    )


def test_personal_columns_are_dropped_and_named() -> None:
    text = (
        "Surname,card_number,Date of Birth,status,induction,granted_from,expires,E-Mail\n"
        '"Nobody, of\nNowhere",25891000331441,2001-01-01,active,,,2027-03-31,x@example.org\n'
    )
    file = opened(text)
    (row,) = file.rows()
    assert file.dropped == {"surname": 1, "date_of_birth": 1, "e_mail": 1}
    assert "Nobody" not in repr(row)
    assert "25891000331441" not in repr(row)


@pytest.mark.parametrize(
    "name",
    [
        "name",
        "address",
        "birth_date",
        "date_of_birth",
        "phone",
        "email",
        "gender",
        "borrowing_history",
        "passport_number",
    ],
)
def test_what_the_privacy_notice_names_is_refused_by_name(name: str) -> None:
    assert name in PERSONAL


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("", "empty"),
        (HEADER.replace(",", ";"), "does not name the columns"),
        (GOOD, "does not name the columns"),
        (HEADER[:-1] + ",favourite_colour\n", 'no column "favourite_colour"'),
        ("card_number,status,expires\n", "missing: induction, granted_from"),
        (HEADER[:-1] + ",status\n", "twice"),
        ("card_number,status,unstaffed,expires\n", '"unstaffed" is no longer read; give induction and gran'),
    ],
)
def test_a_header_that_is_not_understood_refuses_the_file(header: str, fault: str) -> None:
    with pytest.raises(BadFile, match=f"line 1: .*{fault}"):
        opened(header)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("2589100033144,active,,,2027-03-31", "card_number"),
        ("2589100033144|,active,,,2027-03-31", "card_number"),
        ("25891000331441,Active,,,2027-03-31", "status"),
        ("25891000331441,,,,2027-03-31", "status"),
        ("25891000331441,active,yes,,2027-03-31", "induction"),
        ("25891000331441,active,,01/02/2026,2027-03-31", "granted_from"),
        ("25891000331441,active,,,31/03/2027", "expires"),
        ("25891000331441,active,,,2027-02-30", "expires"),
        ("25891000331441,active,,,2027-W10-1", "expires"),
        ("25891000331441,active,,,", "expires"),
        ("25891000331441,active,,", "4 fields"),
        ("25891000331441,active,,,2027-03-31,more", "6 fields"),
        ("", "0 fields"),
        ('25891000331441,active,,,"2027-03-31" x', "not CSV"),
    ],
)
def test_a_bad_row_names_its_line_and_shows_nothing_of_it(row: str, fault: str) -> None:
    file = opened(HEADER + GOOD + row + "\n" + GOOD)
    with pytest.raises(BadFile) as caught:
        list(file.rows())
    assert str(caught.value).startswith("line 3: ")
    assert fault in str(caught.value)
    assert "2589100033144" not in str(caught.value)


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("granted_until", "2026-01-31", "granted_until: it must not be before granted_from"),
        ("granted_until", "never", "granted_until: it must be a day"),
        ("adult_on", "18", "adult_on: it must be a day"),
        ("guardian", "1", "guardian: it must be yes or no"),
        ("category", "x" * 41, "category"),
        ("category", "lives; alone", "category"),
    ],
)
def test_so_does_what_need_not_be_there(column: str, value: str, fault: str) -> None:
    with pytest.raises(BadFile, match=f"line 2: {fault}"):
        list(opened(f"{HEADER[:-1]},{column}\n{GOOD[:-1]},{value}\n").rows())


def test_an_end_without_a_beginning_is_no_grant() -> None:
    text = HEADER[:-1] + ",granted_until\n25891000331441,active,,,2027-03-31,2027-01-31\n"
    with pytest.raises(BadFile, match="granted_until"):
        list(opened(text).rows())


def test_lines_are_counted_in_the_file_and_not_in_rows() -> None:
    text = "address," + HEADER + '"a\nb\nc",' + GOOD + "x," + GOOD + "x,bad\n"
    with pytest.raises(BadFile, match="line 6: "):
        list(opened(text).rows())


def test_a_file_without_memberships_is_refused() -> None:
    with pytest.raises(BadFile, match="no memberships"):
        list(opened(HEADER).rows())


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    raw = io.BytesIO(HEADER.encode() + GOOD.encode() + b"\xff\xfe,active\n")
    with pytest.raises(BadFile, match="UTF-8"):
        list(MembersFile(raw, Format.CSV, RULES, AS_OF_US).rows())


def test_wrong_check_digits_are_counted_or_refused_as_set() -> None:
    text = HEADER + "00000000000000,active,,,2027-03-31\n00000000000001,active,,,2027-03-31\n"
    warned = opened(text, CardRules(14, 14, "digits", "warn"))
    assert len(list(warned.rows())) == 2
    assert warned.counts.weak_check_digits == 1
    with pytest.raises(BadFile, match="line 3: card_number: its check digit"):
        list(opened(text, CardRules(14, 14, "digits", "enforce")).rows())


PINS = PinRules(4, 8, 20.0)


def with_pins(*pins: str, rules: PinRules | None = PINS) -> MembersFile:
    text = HEADER[:-1] + ",PIN\n" + "".join(GOOD[:-1] + f",{pin}\n" for pin in pins)
    return MembersFile(io.BytesIO(text.encode()), Format.CSV, RULES, AS_OF_US, rules)


def test_pins_are_read_where_the_branch_verifies_them_itself() -> None:
    file = with_pins("0739", "", "12345678")
    assert [row.pin for row in file.rows()] == [Pin("0739"), None, Pin("12345678")]
    assert file.counts.with_pin == 2
    assert not file.dropped
    assert file.tells_pins
    assert [row.pin for row in file.again().rows()] == [Pin("0739"), None, Pin("12345678")]


def test_elsewhere_they_are_dropped_unread() -> None:
    file = with_pins("0739", "no PIN at all", rules=None)
    assert [row.pin for row in file.rows()] == [None, None]
    assert file.dropped == {"pin": 2}
    assert file.counts.with_pin == 0


@pytest.mark.parametrize("pin", ["739", "123456789", "12a4", "\uff11\uff12\uff13\uff14"])
def test_a_pin_that_nobody_could_type_refuses_the_file_and_is_not_shown(pin: str) -> None:
    with pytest.raises(BadFile) as caught:
        list(with_pins("0739", pin).rows())
    assert str(caught.value).startswith("line 3: pin: ")
    assert pin not in str(caught.value)


def test_a_row_does_not_show_its_pin() -> None:
    (row,) = with_pins("0739").rows()
    assert "0739" not in repr(row)


def test_memory_does_not_grow_with_the_file() -> None:
    def endless() -> Iterator[bytes]:
        yield HEADER.encode()
        for _ in range(40_000):
            yield GOOD.encode()

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self._left = endless()

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            line = next(self._left, b"")
            buffer[: len(line)] = line
            return len(line)

    file = MembersFile(io.BufferedReader(Stream(), 4096), Format.CSV, RULES, AS_OF_US)
    rows = file.rows()
    next(rows)
    tracemalloc.start()
    last: Row | None = None
    for row in rows:
        last = row
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert last is not None
    assert last.line == 40_001
    assert peak < 200_000
