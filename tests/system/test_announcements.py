"""Closing time is announced by the real door service: a sound, a relay, and no second time after a crash."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.branch import Branch, Plan
from simulator.waiting import wait_until

pytestmark = pytest.mark.system

RELAY = 9
ANNOUNCED = """
[announcements]
minutes_before_closing = [5, 4]
sound = "/closing.wav"
pin = {pin}
pulse_s = 0.5
"""


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a stand-in for aplay was given, a line each time."""
    program, heard = tmp_path / "bin" / "aplay", tmp_path / "heard"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> "{heard}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return heard


@pytest.fixture
def branch(make_branch: Callable[[Plan], Branch], heard: Path) -> Branch:
    """Closes in the fifth minute from now: one announcement is due, and the other within a minute.

    heard: its aplay is found by the services.
    """
    branch = make_branch(Plan(broker=None))
    # Far from midnight, wherever that is now.
    zone, ahead = ("UTC", 0) if 1 <= datetime.now(UTC).hour < 23 else ("Etc/GMT-6", 6)
    closes = datetime.now(UTC) + timedelta(hours=ahead, minutes=5)
    settings = branch.layout.config.read_text()
    settings = settings.replace("00:00-24:00", f"00:00-{closes:%H:%M}")
    settings = settings.replace("[branch]\n", f'[branch]\ntimezone = "{zone}"\n')
    branch.layout.config.write_text(settings + ANNOUNCED.format(pin=RELAY))
    branch.start()
    return branch


def test_closing_time_is_announced_once_by_sound_and_relay(branch: Branch, heard: Path) -> None:
    made = branch.wait_for("announcement.made")
    assert made.data["minutes_left"] in (5, 4)
    assert made.data["by"] == ["sound", "relay"]
    wait_until(heard.exists, 10, "the sound")
    assert heard.read_text().splitlines()[0] == "-q -- /closing.wav"
    branch.panel.wait(RELAY, False)
    assert branch.panel.pulses(RELAY)[0].end_us is not None
    branch.kill("door")
    again = [event.data["minutes_left"] for event in branch.events() if event.type == made.type]
    assert again.count(made.data["minutes_left"]) == 1
