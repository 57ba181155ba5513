from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest

from controller.core.card import CardRules
from controller.core.membership import Membership, Status
from controller.membership.feed.columns import OPTIONAL, REQUIRED
from controller.membership.feed.lines import LONGEST_LINE, LONGEST_RECORD
from controller.membership.feed.members_file import Format, MembersFile
from controller.membership.feed.refusal import BadFile, Cause

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


RECORD = {
    "card_number": "25891000331441",
    "status": "active",
    "induction": "2026-01-12",
    "granted_from": "2026-02-01",
    "expires": "2027-03-31",
}


def test_json_lines_say_the_same_as_csv() -> None:
    full = {
        **RECORD,
        "Granted until": "2026-12-24",
        "category": "young adult",
        "adult_on": None,
        "guardian": True,
    }
    text = lines(RECORD, full, {**full, "guardian": False, "Granted until": ""})
    of_json = list(in_json(text).rows())
    (name,) = (key for key in full if key not in REQUIRED + OPTIONAL)
    assert name == "Granted until"
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*RECORD, "granted_until", "category", "adult_on", "guardian"])
    writer.writerow([*RECORD.values(), "", "", "", ""])
    writer.writerow([*RECORD.values(), "2026-12-24", "young adult", "", "yes"])
    writer.writerow([*RECORD.values(), "", "young adult", "", "no"])
    of_csv = list(opened(out.getvalue()).rows())
    assert [(row.card, row.membership) for row in of_json] == [(row.card, row.membership) for row in of_csv]
    assert [row.line for row in of_json] == [1, 2, 3]


def test_personal_keys_are_dropped_and_their_values_counted() -> None:
    file = in_json(lines({**RECORD, "Surname": "Nobody", "age": 41, "email": ""}, {**RECORD, "age": None}))
    assert len(list(file.rows())) == 2
    assert file.dropped == {"surname": 1, "age": 1, "email": 0}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"card_number": 25891000331441}', "missing: status, induction"),
        (json.dumps({**RECORD, "card_number": 25891000331441}), "card_number: it must be a text"),
        (json.dumps({**RECORD, "expires": None}), "expires: it must be a day"),
        (json.dumps({**RECORD, "status": ["active"]}), "status: a value holds others"),
        (json.dumps({**RECORD, "surname": {"of": "nobody"}}), "a value holds others"),
        (json.dumps({**RECORD, "favourite_colour": "x"}), 'there is no column "favourite_colour"'),
        (json.dumps({**RECORD, "25891000331441": "x"}), "there is no column such as its 6th"),
        (json.dumps({"25891000331441": "x"}), "does not name the columns"),
        (json.dumps({**RECORD, "Status": "active"}), "a column is there twice"),
        (json.dumps(RECORD)[:-1] + ', "status": "active"}', "a column is there twice"),
        (json.dumps(RECORD)[:-1] + ', "age": NaN}', "not JSON"),
        (json.dumps(RECORD)[:-1], "not JSON: see character"),
        (json.dumps(RECORD)[:-1] + ', "category": ' + "9" * 9_000 + "}", "category: it must be a text"),
        ("[" * 15_000, "not JSON"),
        ('{"a":' * 3_000, "not JSON"),
        (json.dumps([RECORD]), "no object"),
        ('"25891000331441"', "no object"),
        ("", "not JSON"),
        ("{}", "missing"),
        (json.dumps({**RECORD, "surname": "x" * LONGEST_LINE}), "more than 16384 characters"),
        (json.dumps({**RECORD, **{f"x{n}": "" for n in range(300)}}), "more than 200 columns"),
    ],
)
def test_a_bad_line_of_json_is_named_and_shows_nothing(line: str, fault: str) -> None:
    file = in_json(lines(RECORD) + line + "\n" + lines(RECORD))
    with pytest.raises(BadFile) as caught:
        list(file.rows())
    assert str(caught.value).startswith("line 2: ")
    assert fault in str(caught.value)
    assert "258910003314" not in str(caught.value)
    assert caught.value.line == 2


CHANGES = "change," + HEADER


def changed(file: MembersFile) -> list[tuple[int, bool]]:
    return [(row.line, row.membership is not None) for row in file.rows()]


def test_changes_put_and_remove() -> None:
    file = opened(CHANGES + "put," + GOOD + "remove,25891000331458,,,,\n", delta=True)
    assert changed(file) == [(2, True), (3, False)]
    assert (file.counts.put, file.counts.removed) == (1, 1)
    text = lines({"change": "put", **RECORD}, {"change": "remove", "card_number": "25891000331458"})
    assert changed(in_json(text, delta=True)) == [(1, True), (2, False)]


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        ({"change": "delete", "card_number": "25891000331441"}, "change: it must be put or remove"),
        ({"change": "put", "card_number": "25891000331441"}, "missing: status, induction"),
        ({"change": "remove"}, "missing: card_number"),
        (RECORD, "missing: change"),
    ],
)
def test_a_change_that_is_none_refuses_the_file(record: dict[str, str], fault: str) -> None:
    with pytest.raises(BadFile, match=f"line 1: {fault}"):
        list(in_json(lines(record), delta=True).rows())


def test_nothing_may_have_changed_but_the_file_must_say_so() -> None:
    assert list(opened(CHANGES, delta=True).rows()) == []
    with pytest.raises(BadFile):
        list(in_json("", delta=True).rows())
    with pytest.raises(BadFile):
        opened("", delta=True)


def test_only_changes_have_the_column() -> None:
    with pytest.raises(BadFile, match='only a file of changes, with "delta" in its name'):
        opened(CHANGES + "put," + GOOD)


def test_a_line_without_an_end_is_not_read_into_memory() -> None:
    file = opened(HEADER + "x" * 10_000_000)
    with pytest.raises(BadFile, match="line 2: it has more than 16384") as caught:
        list(file.rows())
    assert caught.value.cause is Cause.TOO_LONG


def test_nor_is_a_record_without_an_end() -> None:
    file = opened(HEADER + '"' + "x\n" * LONGEST_RECORD)
    with pytest.raises(BadFile, match="it has more than 65536") as caught:
        list(file.rows())
    assert caught.value.cause is Cause.TOO_LONG
