"""What stands in the way of a decommissioning, and what gets past it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.decommission import FOOTAGE, Blocker, Cause, Situation, blockers, unknown
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.restriction import Ground, Restriction
from controller.core.retention.footage import FootageRule

NOW_US = 1_790_000_000_000_000
CLEAR = Situation(True, (), frozenset(), FootageRule(14), NOW_US - 14 * DAY_US, 0, 0)
SCOPE = Scope(Category.FOOTAGE, "high-street", None, NOW_US - DAY_US, NOW_US)
HOLD = Hold("h-1", "Police", "C-1", SCOPE, NOW_US - DAY_US, NOW_US)
ENDED = replace(HOLD, ended_us=NOW_US - DAY_US, end_reason="over")
RESTRICTION = Restriction("r-1", "R-1", next(iter(Ground)), frozenset({"e-1"}), NOW_US - DAY_US, "somebody")


def test_nothing_stands_in_the_way_of_a_branch_with_old_footage_only() -> None:
    assert blockers(CLEAR, NOW_US, ()) == []
    assert blockers(replace(CLEAR, youngest_end_us=None), NOW_US, ()) == []


@pytest.mark.parametrize(
    ("situation", "blocker"),
    [
        (replace(CLEAR, protections=[HOLD]), Blocker(Cause.HELD, "h-1")),
        (replace(CLEAR, protections=[ENDED]), Blocker(Cause.HELD, "h-1", due_us=NOW_US + 6 * DAY_US)),
        (replace(CLEAR, protections=[RESTRICTION]), Blocker(Cause.RESTRICTED, "r-1")),
        (replace(CLEAR, lost={"h-9"}), Blocker(Cause.PROTECTION_LOST, "h-9")),
        (
            replace(CLEAR, youngest_end_us=NOW_US - 14 * DAY_US + 1),
            Blocker(Cause.FOOTAGE_NOT_DUE, FOOTAGE, due_us=NOW_US + 1),
        ),
        (replace(CLEAR, undated=3), Blocker(Cause.FOOTAGE_UNDATED, FOOTAGE, 3)),
        (replace(CLEAR, missing=2), Blocker(Cause.FOOTAGE_MISSING, FOOTAGE, 2)),
    ],
)
def test_what_stands_in_the_way_does_so_until_it_is_handed_over(
    situation: Situation, blocker: Blocker
) -> None:
    assert blockers(situation, NOW_US, ()) == [blocker]
    assert blockers(situation, NOW_US, {blocker.id}) == []
    assert blockers(situation, NOW_US, {"something-else"}) == [blocker]


def test_nothing_gets_past_a_clock_that_cannot_be_believed() -> None:
    situation = replace(CLEAR, clock_trusted=False, protections=[HOLD])
    assert blockers(situation, NOW_US, {"h-1", FOOTAGE, ""}) == [Blocker(Cause.CLOCK_UNTRUSTED)]


def test_what_is_handed_over_has_to_be_there() -> None:
    situation = replace(CLEAR, protections=[HOLD, RESTRICTION], lost={"h-9"})
    assert unknown(situation, {"h-1", "r-1", "h-9", FOOTAGE}) == []
    assert unknown(situation, {"h-2", "h-1"}) == ["h-2"]
