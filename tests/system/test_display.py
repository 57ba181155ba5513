"""What a member reads at the door, from a real service over a serial line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from controller.core.outcome import IDLE, TEXTS, Outcome
from simulator.branch import Branch, Plan
from simulator.members import STRANGER

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def branch() -> Iterator[Branch]:
    with (
        tempfile.TemporaryDirectory(prefix="unlocked-test-") as folder,
        Branch(Path(folder), Plan(broker=None)) as branch,
    ):
        branch.start()
        yield branch


def reads(branch: Branch, name: str) -> None:
    branch.display.wait_for(*TEXTS[name])
    branch.display.forget()


def test_a_lost_display_is_journalled_once_and_delays_no_swipe(branch: Branch) -> None:
    reads(branch, IDLE)
    branch.display.unplug()
    branch.swipe("member 1")
    branch.wait_for("door.fault", device="display", reader="in")
    for card in ("member 2", "member 3", "member 4"):
        branch.swipe(card)
    swipes = [event for event in branch.events() if event.type in ("access.granted", "door.unlocked")]
    for granted, unlocked in pairwise(swipes):
        if unlocked.type == "door.unlocked":
            assert unlocked.stamp.mono_us - granted.stamp.mono_us < 500_000
    branch.display.plug()
    reads(branch, IDLE)
    branch.swipe("member 1")
    reads(branch, Outcome.GRANTED)
    assert [e.data.get("device") for e in branch.events() if e.type == "door.fault"] == ["display"]


# This one last: it stops the branch.
def test_every_outcome_of_a_swipe_has_its_text(branch: Branch) -> None:
    reads(branch, IDLE)
    branch.swipe("member 1")
    reads(branch, Outcome.GRANTED)
    for card in ("expired", STRANGER):
        branch.swipe(card)
        reads(branch, Outcome.REFUSED)
        reads(branch, IDLE)
    branch.reader.wire.send(b"HTTPS://EXAMPLE.INVALID/POSTER\r")
    reads(branch, Outcome.NOT_READ)
    branch.unlocked("door", "lockdown")
    branch.swipe("member 1")
    reads(branch, Outcome.CLOSED)
    branch.unlocked("door", "end-lockdown")
    branch.open_door()
    reads(branch, Outcome.DOOR_ALARM)
    branch.close_door()
    branch.reader.wire.unplug()
    reads(branch, Outcome.NO_READER)
    branch.fire(True)
    reads(branch, Outcome.EVACUATION)
    branch.reader.wire.plug()
    branch.wait_for("reader.found")
    branch.swipe("member 2")
    branch.fire(False)
    reads(branch, IDLE)
    assert branch.stop() == 0
    reads(branch, Outcome.OUT_OF_ORDER)
