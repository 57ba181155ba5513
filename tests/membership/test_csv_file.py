from __future__ import annotations

import io
from datetime import date

import pytest

from controller.core.card import CardRules
from controller.core.membership import Membership, Status
from controller.membership.csv_file import PERSONAL, BadFile, MembersFile

RULES = CardRules(14, 14, "digits", "off")
AS_OF_US = 1_795_219_200_000_000
HEADER = "card_number,status,unstaffed,expires\n"
GOOD = "25891000331441,active,yes,2027-03-31\n"


def opened(text: str, rules: CardRules = RULES) -> MembersFile:
    return MembersFile(io.StringIO(text, newline=""), rules, AS_OF_US)


def test_rows_become_memberships() -> None:
    rows = list(opened(HEADER[:-1] + ",category\n" + GOOD[:-1] + ",young adult\n").rows())
    assert [(row.line, row.card.reveal(), row.membership) for row in rows] == [
        (
            2,
            "25891000331441",
            Membership(Status.ACTIVE, True, date(2027, 3, 31), "young adult", AS_OF_US),
        )
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_columns_come_in_any_order_and_with_any_line_end(ending: str) -> None:
    text = ending.join(["Expires,UNSTAFFED,card number,Status", "2026-01-01,no,25891000331441,suspended", ""])
    (row,) = opened(text).rows()
    assert row.membership == Membership(Status.SUSPENDED, False, date(2026, 1, 1), "", AS_OF_US)


def test_personal_columns_are_dropped_and_named() -> None:
    text = (
        "Surname,card_number,Date of Birth,status,unstaffed,expires,E-Mail\n"
        '"Nobody, of\nNowhere",25891000331441,2001-01-01,active,yes,2027-03-31,x@example.org\n'
    )
    file = opened(text)
    (row,) = file.rows()
    assert file.dropped == ("surname", "date_of_birth", "e_mail")
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
        ("card_number;status;unstaffed;expires\n", 'no column "card_number;status'),
        ("card_number,status,unstaffed,expires,favourite_colour\n", 'no column "favourite_colour"'),
        ("card_number,status,expires\n", "missing: unstaffed"),
        ("card_number,status,unstaffed,expires,status\n", "twice"),
    ],
)
def test_a_header_that_is_not_understood_refuses_the_file(header: str, fault: str) -> None:
    with pytest.raises(BadFile, match=f"line 1: .*{fault}"):
        opened(header)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("2589100033144,active,yes,2027-03-31", "card_number"),
        ("2589100033144|,active,yes,2027-03-31", "card_number"),
        ("25891000331441,Active,yes,2027-03-31", "status"),
        ("25891000331441,,yes,2027-03-31", "status"),
        ("25891000331441,active,maybe,2027-03-31", "unstaffed"),
        ("25891000331441,active,yes,31/03/2027", "expires"),
        ("25891000331441,active,yes,2027-02-30", "expires"),
        ("25891000331441,active,yes,2027-W10-1", "expires"),
        ("25891000331441,active,yes", "3 fields"),
        ("25891000331441,active,yes,2027-03-31,more", "5 fields"),
        ("", "0 fields"),
        ('25891000331441,active,yes,"2027-03-31" x', "not CSV"),
    ],
)
def test_a_bad_row_names_its_line_and_shows_nothing_of_it(row: str, fault: str) -> None:
    file = opened(HEADER + GOOD + row + "\n" + GOOD)
    with pytest.raises(BadFile) as caught:
        list(file.rows())
    assert str(caught.value).startswith("line 3: ")
    assert fault in str(caught.value)
    assert "2589100033144" not in str(caught.value)


def test_lines_are_counted_in_the_file_and_not_in_rows() -> None:
    text = "address," + HEADER + '"a\nb\nc",' + GOOD + "x," + GOOD + "x,bad\n"
    with pytest.raises(BadFile, match="line 6: "):
        list(opened(text).rows())


def test_a_category_is_a_word_and_not_a_story() -> None:
    with pytest.raises(BadFile, match="category"):
        list(opened(HEADER[:-1] + ",category\n" + GOOD[:-1] + "," + "x" * 41).rows())


def test_a_file_without_memberships_is_refused() -> None:
    with pytest.raises(BadFile, match="no memberships"):
        list(opened(HEADER).rows())


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    raw = io.BytesIO(HEADER.encode() + GOOD.encode() + b"\xff\xfe,active\n")
    with pytest.raises(BadFile, match="UTF-8"):
        list(MembersFile(io.TextIOWrapper(raw, encoding="utf-8", newline=""), RULES, AS_OF_US).rows())


def test_wrong_check_digits_are_counted_or_refused_as_set() -> None:
    text = HEADER + "00000000000000,active,yes,2027-03-31\n00000000000001,active,yes,2027-03-31\n"
    warned = opened(text, CardRules(14, 14, "digits", "warn"))
    assert len(list(warned.rows())) == 2
    assert warned.weak_check_digits == 1
    with pytest.raises(BadFile, match="line 3: card_number: its check digit"):
        list(opened(text, CardRules(14, 14, "digits", "enforce")).rows())
