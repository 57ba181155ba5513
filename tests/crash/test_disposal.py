"""A disposal that is killed, or whose power is cut, before any of its steps: no row goes uncertified."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import EventType
from controller.store.journal_reader import JournalReader
from controller.store.verify import verify

pytestmark = pytest.mark.crash
PROGRAM = Path(__file__).parent / "programs" / "dispose.py"
SOAK = os.environ.get("UNLOCKED_SOAK") == "1"
ENOUGH = {"kill": 60, "power_cut": 12}
"""More steps than there are."""
STEPS = [(how, step) for how in ENOUGH for step in range(1, ENOUGH[how] + 1)] if SOAK else [
    ("kill", 9), ("power_cut", 4),
]  # fmt: skip
HELD, NOT_DUE = range(11, 16), range(61, 66)
"""Numbers of the events."""
Disk = Any  # the fixtures' classes live in conftest.py, which tests cannot import


@pytest.fixture(params=["kill", "power_cut"])
def disk(request: pytest.FixtureRequest) -> Disk:
    disk = request.getfixturevalue(request.param)
    assert run(disk, "plant") == 0
    return disk


def run(disk: Disk, mode: str, **environment: str) -> int:
    command = [sys.executable, str(PROGRAM), mode, str(disk.root)]
    return subprocess.run(command, timeout=60, env=disk.environment | environment).returncode


@pytest.mark.parametrize(("disk", "step"), STEPS, indirect=["disk"])
def test_before_any_step_what_is_gone_is_certified_and_the_rest_goes_later(disk: Disk, step: int) -> None:
    ended = run(disk, "sweep", **{disk.at: str(step)})
    assert ended or SOAK  # so that the steps above are steps
    disk.left()
    path = disk.root / "door" / "journal.db"
    cut_off = verify(path)
    assert cut_off.ok, cut_off.fault
    assert run(disk, "sweep") == 0
    whole = verify(path)
    assert whole.ok, whole.fault
    reader = JournalReader(path)
    events = reader.read(0)
    reader.close()
    left = [event.seq for event in events if event.type is EventType.ACCESS_GRANTED]
    assert left == [*HELD, *NOT_DUE]
    begun = {event.id for event in events if event.type is EventType.DISPOSAL_STARTED}
    certificates = [event for event in events if event.type is EventType.DISPOSAL_CERTIFICATE]
    assert begun == {event.data["started"] for event in certificates}
    assert sum(int(str(event.data["count"])) for event in certificates) == 55
