"""Who may approve, and when what was asked for may be done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.core.naming import APPROVED_FOR_US, Reason, Refusal, Wanted, may_approve, may_open

NOW = Stamp(1_790_000_000_000_000, 1, "boot", True)
FIRST: dict[str, JsonValue] = {"uid": 1001, "user": "first"}
SECOND: dict[str, JsonValue] = {"uid": 1002, "user": "second"}
WANTED = Wanted(Reason.CRIME, "CR/77", "event-1")
ASK = Event(7, "ask", EventType.IDENTITY_ASKED, NOW, "identities", {**WANTED.data, **FIRST})
APPROVED = Event(8, "approval", EventType.IDENTITY_APPROVED, NOW, "identities", {"ask": "ask", **SECOND})
OPENED = replace(APPROVED, seq=9, type=EventType.IDENTITY_OPENED)


def later(us: int, *, trusted: bool = True) -> Stamp:
    return replace(NOW, wall_us=NOW.wall_us + us, clock_trusted=trusted)


@pytest.mark.parametrize(
    ("ask", "account", "now", "refusal"),
    [
        (ASK, SECOND, later(1), None),
        (ASK, SECOND, later(APPROVED_FOR_US), None),
        (ASK, SECOND, later(APPROVED_FOR_US + 1), Refusal.TOO_LATE),
        (ASK, SECOND, later(-1), Refusal.TOO_LATE),
        (ASK, SECOND, later(1, trusted=False), Refusal.TOO_LATE),
        (ASK, FIRST, later(1), Refusal.SOMEBODY_ELSE),
        (ASK, {"uid": 1002, "user": "first"}, later(1), Refusal.SOMEBODY_ELSE),
        (ASK, {"uid": 1001, "user": "second"}, later(1), Refusal.SOMEBODY_ELSE),
        (None, SECOND, later(1), Refusal.NOT_ASKED),
        (OPENED, SECOND, later(1), Refusal.NOT_ASKED),
    ],
)
def test_who_may_approve(
    ask: Event | None, account: dict[str, JsonValue], now: Stamp, refusal: Refusal | None
) -> None:
    assert may_approve(ask, account, now) is refusal


@pytest.mark.parametrize(
    ("since", "wanted", "account", "now", "refusal"),
    [
        ([APPROVED], WANTED, FIRST, later(1), None),
        ([], WANTED, FIRST, later(1), Refusal.NOT_APPROVED),
        ([replace(APPROVED, data={"ask": "another"})], WANTED, FIRST, later(1), Refusal.NOT_APPROVED),
        ([APPROVED, OPENED], WANTED, FIRST, later(1), Refusal.DONE_ALREADY),
        ([APPROVED], WANTED, SECOND, later(1), Refusal.SOMEBODY_ELSE),
        ([APPROVED], replace(WANTED, event="event-2"), FIRST, later(1), Refusal.SOMETHING_ELSE),
        ([APPROVED], replace(WANTED, need="CR/78"), FIRST, later(1), Refusal.SOMETHING_ELSE),
        ([APPROVED], replace(WANTED, reason=Reason.FAULT), FIRST, later(1), Refusal.SOMETHING_ELSE),
        ([APPROVED], replace(WANTED, event=None), FIRST, later(1), Refusal.SOMETHING_ELSE),
        ([APPROVED], WANTED, FIRST, later(APPROVED_FOR_US + 1), Refusal.TOO_LATE),
    ],
)
def test_what_may_be_done(
    since: list[Event], wanted: Wanted, account: dict[str, JsonValue], now: Stamp, refusal: Refusal | None
) -> None:
    assert may_open(ASK, since, wanted, account, now) is refusal
