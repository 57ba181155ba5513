"""Alarms, faults and emergencies of a whole branch: real services, pins of a panel, and a broker."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.branch import Branch, Plan
from simulator.door_settings import LOCK
from simulator.play import play
from simulator.scenario import parse

pytestmark = pytest.mark.system

MakeBranch = Callable[[Plan], Branch]
PLAN = Plan(held_warning_s=2, held_open_s=5, lock_sensor=True)

SCENARIO = parse("""
name: Everything that can go wrong at a door
steps:
  # The bolt does not move when the lock is released, and then it does.
  - {at: 0, swipe: member 1, expect: {access.granted: {}, lock.fault_started: {fault: jammed}}}
  - {at: 0, bolt: free, expect: {lock.fault_ended: {fault: jammed}}}
  # The leaf is left open: a warning, then the alarm.
  - {at: 0, door: open, expect: {door.opened: {}, door.held_warning: {}, door.held: {}}, within: 15}
  # The bolt says locked while the leaf is open; then all is well.
  - {at: 0, bolt: holds, expect: {lock.fault_started: {fault: contact_or_lock}}}
  - {at: 0, door: closed, expect: {door.closed: {}, lock.fault_ended: {fault: contact_or_lock}}}
  # The other wires.
  - {at: 0, wire: tamper on, expect: {tamper.started: {device: building}}}
  - {at: 0, wire: tamper off, expect: {tamper.ended: {device: building}}}
  - {at: 0, wire: mains_lost on, expect: {power.mains_lost: {}}}
  - {at: 0, wire: battery_low on, expect: {power.battery_low: {}}}
  - {at: 0, wire: mains_lost off, expect: {power.mains_back: {}}}
  - {at: 0, wire: battery_low off, expect: {power.battery_ok: {}}}
  - {at: 0, wire: help on, expect: {help.requested: {}}}
  - {at: 0, wire: help off, expect: {help.ended: {}}}
  # Everybody out, by the switch; a member who wants to come in is refused.
  - {at: 0, wire: evacuation on, expect: {evacuation.started: {for: input}}}
  - {at: 0, swipe: member 2, expect: {access.refused: {reason: evacuation}}}
  - {at: 0, door: open, expect: {door.opened: {}}}
  - {at: 0, door: closed, expect: {door.closed: {}}}
  - {at: 0, wire: evacuation off, expect: {evacuation.ended: {}}}
totals: {swipes: 2, grants: 1, refusals: {evacuation: 1}, pulses: 1}
""")


@pytest.fixture(scope="module")
def branch() -> Iterator[Branch]:
    with (
        tempfile.TemporaryDirectory(prefix="unlocked-test-") as folder,
        Branch(Path(folder), PLAN) as branch,
    ):
        branch.start()
        yield branch


def test_what_goes_wrong_at_a_door_is_journalled_and_comes_out_over_mqtt(branch: Branch) -> None:
    assert play(branch, SCENARIO) == []
    assert len(branch.panel.pulses(LOCK)) == 1
    assert branch.receiver is not None
    for event in ("help.requested", "evacuation.started", "lock.fault_started", "door.held_warning"):
        branch.receiver.wait_for(event)


def test_an_evacuation_by_command_outlives_a_killed_door(branch: Branch) -> None:
    after = branch.last_seq("door")
    branch.unlocked("door", "evacuate")
    branch.kill("door")
    branch.swipe("member 1")
    branch.wait_for("access.refused", after=after, reason="evacuation")
    branch.unlocked("door", "end-evacuation")
    branch.swipe("member 2")  # another card: the same one within repeat_s would be one swipe
    branch.wait_for("access.granted", after=after)


def test_the_first_person_in_unlocks_the_door_and_a_restart_does_not(make_branch: MakeBranch) -> None:
    branch = make_branch(Plan(broker=None))
    settings = branch.layout.config.read_text(encoding="utf-8")
    settings = settings.replace("[hours.unstaffed]", "[hours.staffed]")
    settings = settings.replace('id = "front"\n', 'id = "front"\nunlocked_when_staffed = true\n', 1)
    branch.layout.config.write_text(settings, encoding="utf-8")
    branch.start()
    branch.swipe("member 1")
    branch.wait_for("access.refused", reason="closed_hours")
    assert "hold-open" in branch.unlocked("door", "open-up")
    branch.panel.wait(LOCK, True)
    branch.wait_for("door.hold_open_started", **{"for": "staffed_hours"})
    branch.swipe("member 2")  # another card: the same one within repeat_s would be one swipe
    branch.wait_for("access.not_needed")
    branch.kill("door")
    branch.panel.wait(LOCK, False)
    seq = branch.last_seq("door")
    branch.swipe("member 1")
    branch.wait_for("access.refused", after=seq, reason="closed_hours")
    assert not branch.panel.level(LOCK)
