"""What the form of the audit makes of what was typed."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from controller.console.audit.asked import MOST_SEQ, Asked, asked
from controller.console.audit.kinds import ALL, DOINGS
from controller.core.event import EventType

LONDON = ZoneInfo("Europe/London")


def test_nothing_asked_is_everything() -> None:
    assert asked({}) == Asked()
    assert Asked().types == ALL
    assert Asked().said == {}


def test_what_was_typed_comes_back_in_the_address_of_the_next_page() -> None:
    wanted = asked(
        {"account": " desk ", "kind": "footage", "need": "INC-1", "from": "2026-10-25", "to": "2026-10-25"}
    )
    assert wanted.said == {"user": "desk", "need": "INC-1"}
    assert wanted.types == DOINGS["footage"].types
    assert wanted.query(7) == "account=desk&kind=footage&need=INC-1&from=2026-10-25&to=2026-10-25&before=7"


def test_days_are_local_and_both_inclusive() -> None:
    wanted = Asked(from_day=date(2026, 10, 25), to_day=date(2026, 10, 25))
    begins_us, ends_us = wanted.from_us(LONDON), wanted.end_us(LONDON)
    assert begins_us is not None
    assert ends_us is not None
    assert ends_us - begins_us == 25 * 3_600_000_000


@pytest.mark.parametrize(
    ("form", "box"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-13-01"}, "to"),
        ({"to": "0001-01-01"}, "to"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "to"),
        ({"account": "a" * 81}, "account"),
        ({"need": "a" * 81}, "need"),
    ],
)
def test_a_mistake_is_told_at_its_box(form: dict[str, str], box: str) -> None:
    assert list(asked(form).faults) == [box]


@pytest.mark.parametrize("before", ["", "-1", "1.5", "x", "٣", "9" * 40])
def test_a_number_that_is_none_begins_at_the_newest(before: str) -> None:
    assert asked({"before": before, "kind": "nothing"}) == Asked()


def test_a_number_beyond_all_is_the_highest() -> None:
    assert asked({"before": "9" * 19}).before == MOST_SEQ


def test_each_kind_is_of_what_staff_do() -> None:
    assert all(doing.types <= ALL for doing in DOINGS.values())
    assert EventType.ACCESS_REFUSED not in ALL
    nouns = {"console", "staff", "footage", "identity", "hold", "restriction", "audit"}
    assert {type for type in EventType if type.partition(".")[0] in nouns} <= ALL
