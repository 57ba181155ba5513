"""What a door's leaf and counters say about a passage, and when they say nothing."""

from typing import Any

import pytest

from controller.core.event import EventType
from controller.core.passage import GRACE_US, Evidence, Limits, Opening, Passages

S = 1_000_000
LIMITS = Limits(long_us=12 * S, reopened_us=5 * S)


class Rig:
    """One door and the time. What it says is kept as short tuples."""

    def __init__(self) -> None:
        self.passages = Passages(LIMITS)
        self.now_us = 7_000 * S
        self.said: list[tuple[Any, ...]] = []

    def _hear(self, evidence: tuple[Evidence, ...]) -> "Rig":
        self.said += [(each.type, dict(each.data), each.granted) for each in evidence]
        return self

    def wait(self, duration_s: float) -> "Rig":
        self.now_us += round(duration_s * S)
        return self._hear(self.passages.due(self.now_us))

    def grant(self, times: int = 1) -> "Rig":
        for _ in range(times):
            self.passages.granted()
        return self

    def open(self, opening: Opening = Opening.GRANTED) -> "Rig":
        return self._hear(self.passages.opened(opening, self.now_us))

    def shut(self) -> "Rig":
        self.passages.closed(self.now_us)
        return self

    def count(self, inward: int = 0, outward: int = 0) -> "Rig":
        for direction, people in ((True, inward), (False, outward)):
            for _ in range(people):
                self._hear(self.passages.counted(inward=direction, now_us=self.now_us))
        return self


def counted(granted: int, inward: int, outward: int) -> dict[str, int]:
    return {"granted": granted, "counted_in": inward, "counted_out": outward}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_one_person_for_one_grant_says_nothing(rig: Rig) -> None:
    rig.grant().open().wait(2).count(1).wait(2).shut().wait(60)
    assert rig.said == []


def test_each_person_beyond_the_grants_is_said_at_that_moment(rig: Rig) -> None:
    rig.grant().open().count(1)
    assert rig.said == []
    rig.wait(1).count(2)
    more = EventType.PASSAGE_MORE_THAN_GRANTED
    assert rig.said == [(more, counted(1, 2, 0), True), (more, counted(1, 3, 0), True)]


def test_two_grants_before_the_opening_let_two_in(rig: Rig) -> None:
    assert rig.grant(2).open().count(2).said == []
    assert rig.count(1).said == [(EventType.PASSAGE_MORE_THAN_GRANTED, counted(2, 3, 0), True)]


def test_whoever_comes_in_as_another_leaves_was_not_granted(rig: Rig) -> None:
    rig.open(Opening.LEAVING).count(outward=2).count(inward=1)
    assert rig.said == [(EventType.PASSAGE_MORE_THAN_GRANTED, counted(0, 1, 2), False)]


def test_a_counter_that_lags_behind_the_leaf_counts_for_the_passage_before(rig: Rig) -> None:
    rig.grant().open().count(1).wait(3).shut().wait(GRACE_US / S).count(1)
    assert [said[0] for said in rig.said] == [EventType.PASSAGE_MORE_THAN_GRANTED]


def test_what_is_counted_while_the_door_is_shut_says_nothing(rig: Rig) -> None:
    rig.count(1)
    rig.grant().open().wait(3).shut().wait(GRACE_US / S + 0.1).count(5)
    assert rig.said == []


def test_an_unused_grant_is_not_anybody_elses(rig: Rig) -> None:
    rig.grant()
    rig.passages.unused()
    rig.open(Opening.LEAVING).count(1)
    assert rig.said == [(EventType.PASSAGE_MORE_THAN_GRANTED, counted(0, 1, 0), False)]


@pytest.mark.parametrize(("opening", "asked"), [(Opening.UNEXPECTED, False), (Opening.LEAVING, True)])
def test_a_leaf_that_opens_again_soon_after_a_grant(rig: Rig, opening: Opening, asked: bool) -> None:
    rig.grant().open().wait(3).shut().wait(LIMITS.reopened_us / S).open(opening)
    assert rig.said == [(EventType.PASSAGE_REOPENED, {"after_ms": 5000, "asked_to_leave": asked}, True)]


def test_times_are_whole_milliseconds(rig: Rig) -> None:
    rig.grant().open().wait(12.0004567).shut().wait(1.2345678).open(Opening.LEAVING)
    assert [said[1].get("open_ms", said[1].get("after_ms")) for said in rig.said] == [12_000, 1234]
    assert all(isinstance(value, int) for said in rig.said for value in said[1].values())


@pytest.mark.parametrize("opening", [Opening.UNEXPECTED, Opening.LEAVING])
def test_later_it_is_another_passage(rig: Rig, opening: Opening) -> None:
    rig.grant().open().wait(3).shut().wait(LIMITS.reopened_us / S + 0.1).open(opening)
    assert rig.said == []


def test_another_grant_is_another_passage(rig: Rig) -> None:
    rig.grant().open().wait(3).shut().wait(1).grant().open()
    assert rig.said == []


def test_after_somebody_left_nothing_is_reopened(rig: Rig) -> None:
    rig.open(Opening.LEAVING).wait(3).shut().wait(1).open(Opening.UNEXPECTED)
    assert rig.said == []


def test_a_passage_that_takes_long_is_said_once(rig: Rig) -> None:
    rig.grant().open().wait(11.9)
    assert rig.said == []
    rig.wait(0.1).wait(10).shut().wait(10)
    assert rig.said == [(EventType.PASSAGE_LONG, {"open_ms": 12_000, "granted": 1}, True)]


def test_somebody_who_leaves_can_take_long_too(rig: Rig) -> None:
    rig.open(Opening.LEAVING).wait(13)
    assert rig.said == [(EventType.PASSAGE_LONG, {"open_ms": 13_000, "granted": 0}, False)]


def test_a_grant_is_used_up_by_one_opening(rig: Rig) -> None:
    rig.grant().open().wait(3).shut().wait(60).open(Opening.LEAVING).count(1)
    assert rig.said == [(EventType.PASSAGE_MORE_THAN_GRANTED, counted(0, 1, 0), False)]


def test_one_that_was_shut_in_time_is_not_said_later(rig: Rig) -> None:
    rig.grant().open().wait(11)
    rig.shut().wait(60)
    assert rig.said == []


def test_while_the_door_may_stand_open_nothing_is_judged(rig: Rig) -> None:
    rig.open(Opening.FREE).count(9).wait(60).shut().wait(1).open(Opening.UNEXPECTED)
    assert rig.said == []


def test_from_when_it_may_stand_open_nothing_is_judged(rig: Rig) -> None:
    rig.grant().open()
    rig.passages.may_stand_open()
    rig.count(9).wait(60)
    assert rig.said == []


def test_a_door_that_never_moved_has_nothing_to_say(rig: Rig) -> None:
    rig.passages.may_stand_open()
    assert rig.shut().wait(60).said == []
