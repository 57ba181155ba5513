"""The page of a month's statistics and its CSV: what they tell, and what they never do."""

from __future__ import annotations

import csv
import re
from contextlib import closing
from datetime import datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.core.restriction import Ground, Restriction
from controller.settings.staff import Role
from controller.store.registers import Registers

UNTOLD = "not told"
LONDON = ZoneInfo("Europe/London")
MINUTE_US = 60_000_000
GRANTED, REFUSED = EventType.ACCESS_GRANTED, EventType.ACCESS_REFUSED


def us(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=LONDON).timestamp()) * 1_000_000  # type: ignore[arg-type,misc]


MONDAY_9, MONDAY_15, TUESDAY_9 = us(2026, 8, 3, 9), us(2026, 8, 3, 15), us(2026, 8, 4, 9)
"""Of August 2026; the tests' clock stands in September."""


def events(start_us: int, count: int, type: EventType = GRANTED, **data: JsonValue) -> list[NewEvent]:
    """So many, a second apart."""
    stamps = (Stamp(start_us + second * 1_000_000, 1, "boot", True) for second in range(count))
    return [NewEvent(type, "front", stamp, {"reader": "in", **data}) for stamp in stamps]


@pytest.fixture
def august(console: Any) -> Any:
    """12 visits on Mondays at nine, 9 at three, 31 on Tuesdays; 11 refusals for one reason, 4 for another."""
    console.write(
        "door",
        [
            NewEvent(EventType.SERVICE_STARTED, "controller", Stamp(us(2026, 7, 20), 1, "boot", True), {}),
            *events(MONDAY_9, 12),
            *events(MONDAY_15, 9),
            *events(TUESDAY_9, 31),
            *events(TUESDAY_9 + 60 * MINUTE_US, 11, REFUSED, reason="expired"),
            *events(TUESDAY_9 + 90 * MINUTE_US, 4, REFUSED, reason="suspended"),
            *events(us(2026, 9, 1), 40),
        ],
    )
    return console


def words(page: bytes) -> str:
    spoken = re.sub(r"<span aria-hidden.*?</span>", " ", page.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", spoken).split())


def cells(page: bytes, row: str) -> list[str]:
    """Of the row of a table that begins so, as they are read out."""
    found = re.search(rf'<th scope="row"[^>]*>{row}</th>(.*?)</tr>', page.decode(), re.DOTALL)
    assert found is not None
    return [words(cell.encode()) for cell in re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.DOTALL)]


@pytest.mark.parametrize("role", Role)
def test_the_last_month_for_every_role(august: Any, role: Role) -> None:
    answer = august.client(role).get("/statistics/")
    assert answer.status_code == 200
    assert "Statistics of August 2026" in words(answer.content)


def test_figures_are_rounded_and_small_ones_are_not_there(august: Any) -> None:
    page = august.client("desk").get("/statistics/2026-08/").content

    assert cells(page, "09:00 to 10:00") == ["10", "30", *[UNTOLD] * 5, "at least 40"]
    assert cells(page, "All hours") == ["at least 10", "at least 30", *[UNTOLD] * 5, "at least 40"]
    assert "15:00 to 16:00" not in words(page)


def test_refusals_by_reason(august: Any) -> None:
    page = august.client("auditor").get("/statistics/2026-08/").content
    assert cells(page, "Expired") == ["The membership has expired; renew it.", "10"]
    assert cells(page, "All reasons") == ["", "at least 10"]
    assert re.search(r"Fewer than 10 refusals, or none: [^.]*suspended", words(page))


def test_how_many_small_counts_there_were_makes_no_difference(console: Any) -> None:
    def page(*more: list[NewEvent]) -> bytes:
        console.write("door", [event for each in more for event in each])
        return re.sub(rb'value="[^"]+"', b"", console.client("desk").get("/statistics/2026-08/").content)

    before = page(events(us(2026, 7, 1), 1), events(MONDAY_9, 12))
    assert (
        page(events(us(2026, 7, 2), 1), events(MONDAY_15, 9), events(TUESDAY_9, 3, REFUSED, reason="full"))
        == before
    )


def test_months_that_go_on_or_lose_days_are_not_there(august: Any) -> None:
    desk = august.client("desk")
    assert [
        desk.get(f"/statistics/{month}/").status_code for month in ("2026-09", "2026-07", "2026-06", "x")
    ] == [
        404,
        200,
        404,
        404,
    ]
    august.clock.wall_us = us(2026, 10, 20)  # 90 days after 22 July
    assert desk.get("/statistics/2026-07/").status_code == 404
    assert "September 2026" in words(desk.get("/statistics/2026-08/").content)


def test_a_month_in_which_the_journal_begins_says_so(august: Any) -> None:
    assert "begins on Monday 20 July 2026" in words(august.client("desk").get("/statistics/2026-07/").content)


def test_restricted_events_are_left_out(august: Any) -> None:
    door = august.branch.journal("door")
    visits = list(door.between(MONDAY_9, MONDAY_9 + 60 * MINUTE_US, {GRANTED}))
    assert cells(august.client("desk").get("/statistics/").content, "09:00 to 10:00")[0] == "10"
    restrict(august, frozenset(one.id for one in visits[:3]))
    assert cells(august.client("desk").get("/statistics/").content, "09:00 to 10:00")[0] == UNTOLD


def restrict(console: Any, ids: frozenset[str]) -> None:
    with closing(Registers.open(console.branch.paths.registers)) as registers:
        registers.add_restriction(
            Restriction("0198" * 9, "DP/7", Ground.OBJECTION, ids, console.clock.wall_us, "dpo")
        )


def test_while_nobody_knows_what_is_restricted_nothing_is_counted(august: Any) -> None:
    august.branch.paths.registers.parent.mkdir(exist_ok=True)
    august.branch.paths.registers.write_bytes(b"no database" * 100)
    for page in ("/statistics/", "/statistics/2026-08/statistics.csv"):
        answer = august.client("desk").get(page)
        assert answer.status_code == 503
        assert "nobody knows now what that is" in words(answer.content)


def test_before_there_is_anything_the_page_says_when_there_will_be(console: Any) -> None:
    assert "has not begun its journal yet" in words(console.client("desk").get("/statistics/").content)
    console.write("door", events(us(2026, 9, 3), 1))
    page = words(console.client("desk").get("/statistics/").content)
    assert "September 2026 is shown from the first day of October 2026 on." in page


def test_the_same_as_csv(august: Any) -> None:
    answer = august.client("auditor").get("/statistics/2026-08/statistics.csv")
    assert (
        answer.headers["Content-Disposition"] == 'attachment; filename="statistics-market-street-2026-08.csv"'
    )
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert len(rows) == 7 * 24 + len([row for row in rows if row["what"] == "refusals"])
    told = {
        (row["what"], row["weekday"], row["hour"], row["reason"]): row["figure"]
        for row in rows
        if row["figure"] != "[c]"
    }
    assert told == {
        ("visits", "Monday", "09:00", ""): "10",
        ("visits", "Tuesday", "09:00", ""): "30",
        ("refusals", "", "", "expired"): "10",
    }


def test_how_many_are_inside_is_there_only_where_it_is_set(august: Any) -> None:
    assert "It is not journalled how many people are inside" in words(
        august.client("desk").get("/statistics/").content
    )


class TestOccupancy:
    @pytest.fixture
    def console_settings(self) -> str:
        return "\n[occupancy]\nestimate = true\npublish = true\n"

    def test_the_most_at_once(self, console: Any) -> None:
        changes = events(MONDAY_9, 1, EventType.OCCUPANCY_CHANGED, people=10)
        changes += events(MONDAY_9 + 70 * MINUTE_US, 1, EventType.OCCUPANCY_CHANGED, people=25)
        changes += events(MONDAY_9 + 80 * MINUTE_US, 1, EventType.OCCUPANCY_CHANGED, people=None)
        console.write("door", [*events(us(2026, 7, 1), 1), *changes])
        page = console.client("desk").get("/statistics/2026-08/").content
        assert cells(page, "09:00 to 10:00")[0] == "10"
        assert cells(page, "10:00 to 11:00")[0] == "25"
        assert "At least" not in words(page).split("How many were inside")[1].split("How to read")[0]
