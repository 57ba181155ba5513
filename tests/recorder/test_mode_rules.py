"""The settings of modes in the recorder's terms."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from controller.recorder.capture.mode import Mode, ModeRules
from controller.recorder.mode_rules import mode_rules
from controller.settings.model import Settings

BY_HOURS = {"staffed": "off", "unstaffed": "activity"}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def rules(camera: dict[str, Any], nation: str | None = None) -> ModeRules:
    door = {"readers": [{"id": "in", "port": "/dev/null"}], "lock": {"pin": 17}}
    opening: dict[str, Any] = {
        "staffed": {key: ["10:00-12:00"] for key in DAYS},
        "unstaffed": {key: ["12:00-18:00"] for key in DAYS},
        "clear_out_min": 30,
    }
    if nation is not None:
        opening["bank_holidays"] = {"nation": nation}
    settings = Settings.model_validate(
        {
            "branch": {"authority": "testshire", "branch": "market-street", "name": "Market Street"},
            "hours": opening,
            "doors": [door],
            "cameras": [{"id": "hall", "url": "rtsp://camera.example/1", **camera}],
        }
    )
    return mode_rules(settings)["hall"]


def at(now: Any, day: int, hour: int, minute: int = 0) -> Any:
    wall = datetime(2026, 12, day, hour, minute, tzinfo=UTC)
    return replace(now(), wall_us=int(wall.timestamp()) * 1_000_000)


def test_what_is_set_is_what_holds(now: Any) -> None:
    found = rules({"pre_roll_s": 5, "post_roll_s": 60, "motion": False})
    assert (found.usual, found.pre_roll_us, found.post_roll_us) == (Mode.CONTINUOUS, 5_000_000, 60_000_000)
    assert not found.watched
    assert rules({"mode": "activity"}).at(now()) is Mode.ACTIVITY


@pytest.mark.parametrize(
    ("hour", "minute", "mode"),
    [
        (9, 59, Mode.CONTINUOUS),
        (10, 0, Mode.OFF),
        (12, 0, Mode.ACTIVITY),  # clearing out, which staff no longer see
        (12, 30, Mode.ACTIVITY),
        (18, 0, Mode.CONTINUOUS),
    ],
)
def test_the_mode_follows_the_hours_of_the_branch(hour: int, minute: int, mode: Mode, now: Any) -> None:
    assert rules({"by_hours": BY_HOURS}).at(at(now, 22, hour, minute)) is mode


def test_a_bank_holiday_is_closed(now: Any) -> None:
    assert rules({"by_hours": BY_HOURS}, "scotland").at(at(now, 25, 11)) is Mode.CONTINUOUS


def test_bank_holidays_that_cannot_be_known_are_recorded_as_the_fullest(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, now: Any
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    found = rules({"mode": "activity", "by_hours": {"staffed": "off"}}, "scotland")
    assert {found.at(at(now, 22, hour)) for hour in range(24)} == {Mode.ACTIVITY}
    assert "fullest of their modes" in caplog.text


def test_nobody_is_asked_for_bank_holidays_that_no_camera_goes_by(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    rules({"mode": "activity"}, "scotland")
    assert caplog.text == ""
