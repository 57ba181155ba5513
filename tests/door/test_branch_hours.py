"""The door's hours when bank holidays are known, and when they are not."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import pytest

from controller.core.hours import Mode
from controller.door.branch_hours import BranchHours
from controller.settings.model import Settings

CHRISTMAS, TUESDAY, DATED = (
    int(datetime(2026, 12, day, 12, tzinfo=UTC).timestamp()) * 1_000_000 for day in (25, 22, 23)
)


def settings(nation: str | None) -> Settings:
    reader = {"id": "in", "port": "/dev/null"}
    every_day = {day: ["10:00-14:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    hours: dict[str, object] = {"unstaffed": every_day, "dates": {"2026-12-23": {"staffed": ["11:00-13:00"]}}}
    if nation is not None:
        hours["bank_holidays"] = {"nation": nation}
    return Settings.model_validate(
        {
            "branch": {"authority": "testshire", "branch": "market-street", "name": "Market Street"},
            "hours": hours,
            "doors": [{"readers": [reader], "lock": {"pin": 17}}],
        }
    )


def modes(hours: BranchHours) -> list[Mode]:
    schedule = hours.schedule()
    hours.close()
    return [schedule.at(wall_us).mode for wall_us in (CHRISTMAS, TUESDAY, DATED)]


def test_a_bank_holiday_is_a_day_like_any_other_unless_it_is_set() -> None:
    assert modes(BranchHours(settings(None))) == [Mode.UNSTAFFED, Mode.UNSTAFFED, Mode.STAFFED]


def test_bank_holidays_are_kept() -> None:
    hours = BranchHours(settings("england-and-wales"))
    assert modes(hours) == [Mode.CLOSED, Mode.UNSTAFFED, Mode.STAFFED]
    assert hours.bank_holidays_known


def test_unknown_bank_holidays_never_open_a_day_that_may_be_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    hours = BranchHours(settings("england-and-wales"))
    with caplog.at_level(logging.ERROR):
        assert modes(hours) == [Mode.CLOSED, Mode.CLOSED, Mode.STAFFED]
    assert not hours.bank_holidays_known
    assert "closed on every day that is not in hours.dates" in caplog.text
