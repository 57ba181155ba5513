"""What counts as a visit, as a refusal, and as having been inside."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.core.statistics.counting import WAITING, Counts, Hour, count

LONDON = ZoneInfo("Europe/London")
SUNDAY_9, SUNDAY_10 = Hour(6, 9), Hour(6, 10)


def us(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=LONDON).timestamp()) * 1_000_000  # type: ignore[arg-type,misc]


AT_9 = us(2026, 11, 22, 9, 0)
MINUTE = 60_000_000
END = us(2026, 12, 1)


def counted(happened: Iterable[tuple[int, EventType, dict[str, JsonValue]]], end_us: int = END) -> Counts:
    """Each at its minute after nine on a Sunday, with its id."""
    events = (
        Event(seq, str(data.pop("id", seq)), type, Stamp(AT_9 + minute * MINUTE, 1, "b", True), door, data)
        for seq, (minute, type, data) in enumerate(happened, 1)
        for door in [str(data.pop("door", "front"))]
    )
    return count(events, LONDON, end_us, leaving=frozenset({("front", "out")}))


def grant(
    minute: int, grant_id: str, reader: str = "in", door: str = "front"
) -> tuple[int, EventType, dict[str, JsonValue]]:
    return minute, EventType.ACCESS_GRANTED, {"id": grant_id, "reader": reader, "door": door}


def test_a_grant_is_a_visit_in_its_hour() -> None:
    counts = counted([grant(0, "a"), grant(59, "b"), grant(60, "c")])
    assert counts.visits == {SUNDAY_9: 2, SUNDAY_10: 1}


def test_whoever_leaves_by_card_is_not_counted_again() -> None:
    assert not counted([grant(0, "a", reader="out")]).visits


def test_a_grant_after_which_nobody_opened_the_door_is_no_visit() -> None:
    counts = counted([grant(0, "a"), grant(1, "b"), (2, EventType.DOOR_UNUSED, {})])
    assert counts.visits.total() == 0


def test_what_was_used_before_stays_counted() -> None:
    used = [grant(0, "a"), (1, EventType.DOOR_OPENED, {})]
    unused = [grant(2, "b"), grant(2, "c", door="garden"), (3, EventType.DOOR_UNUSED, {})]
    assert counted([*used, *unused]).visits.total() == 2


def test_a_grant_that_was_not_carried_out_is_a_refusal() -> None:
    outcome: dict[str, JsonValue] = {"done": "refused", "reason": "lockdown", "grant": "a"}
    counts = counted([grant(0, "a"), (0, EventType.ACCESS_OUTCOME, outcome)])
    assert counts.visits.total() == 0
    assert counts.refusals == {"lockdown": 1}


@pytest.mark.parametrize(
    "outcome",
    [
        {"done": "admitted", "reason": "journal_unavailable", "grant": "a"},
        {"done": "refused", "reason": "journal_unavailable", "command": "x"},
    ],
)
def test_other_outcomes_take_nothing_back(outcome: dict[str, JsonValue]) -> None:
    counts = counted([grant(0, "a"), (0, EventType.ACCESS_OUTCOME, outcome)])
    assert (counts.visits.total(), counts.refusals.total()) == (1, 0)


def test_where_nobody_sees_the_door_little_is_kept_in_mind() -> None:
    many = [grant(0, f"g{number}") for number in range(3 * WAITING)]
    assert counted([*many, (1, EventType.DOOR_UNUSED, {})]).visits.total() == 2 * WAITING


def test_refusals_are_counted_by_reason() -> None:
    refused = [(0, EventType.ACCESS_REFUSED, {"reason": reason}) for reason in ("expired", "expired", "full")]
    assert counted(refused).refusals == {"expired": 2, "full": 1}  # type: ignore[arg-type]


def occupied(minute: int, people: int | None) -> tuple[int, EventType, dict[str, JsonValue]]:
    return minute, EventType.OCCUPANCY_CHANGED, {"people": people}


def test_the_most_people_of_each_hour_count_for_as_long_as_it_was_so() -> None:
    counts = counted([occupied(10, 10), occupied(50, 25), occupied(55, 15), occupied(130, None)])
    assert counts.inside == {SUNDAY_9: 25, SUNDAY_10: 15, Hour(6, 11): 15}


def test_what_is_so_at_the_end_is_so_until_then() -> None:
    assert counted([occupied(10, 10)], AT_9 + 30 * MINUTE).inside == {SUNDAY_9: 10}


def test_while_the_door_did_not_run_nobody_knows() -> None:
    stopped = [occupied(10, 10), (30, EventType.SERVICE_STOPPED, {}), (200, EventType.SERVICE_STARTED, {})]
    killed = [occupied(10, 10), grant(61, "a"), (400, EventType.SERVICE_STARTED, {})]
    assert counted(stopped).inside == {SUNDAY_9: 10}
    assert counted(killed).inside == {SUNDAY_9: 10, SUNDAY_10: 10}


def test_the_hour_that_comes_twice_is_one() -> None:
    autumn = us(2026, 10, 25, 0, 30)
    events = [
        Event(
            seq,
            str(seq),
            EventType.ACCESS_GRANTED,
            Stamp(autumn + hours * 60 * MINUTE, 1, "b", True),
            "front",
            {},
        )
        for seq, hours in enumerate((0, 1, 2, 3), 1)
    ]
    counts = count(events, LONDON, END, leaving=frozenset())
    assert counts.visits == {Hour(6, 0): 1, Hour(6, 1): 2, Hour(6, 2): 1}
