"""An OSDP reader at a real door: what a serial reader has not got."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.secrets import credentials
from simulator.branch import Branch, Plan
from simulator.card_formats import LINE, TYPES
from simulator.osdp_cable import OsdpCable
from simulator.patience import Patience
from simulator.play import play
from simulator.scenario import Action, Step, parse
from simulator.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.prompt]

MakeBranch = Callable[[Plan], Branch]
READER = "osdp-text"
OSDP = Plan(readers=((LINE, TYPES[READER]),), broker=None, pulse_s=0.5)
"""The first reader has lamps and a display of its own beside it."""
LIMIT_S = 30.0


def test_cards_go_encrypted_a_cut_cable_mends_and_an_opened_housing_is_journalled(
    make_branch: MakeBranch,
) -> None:
    branch = make_branch(OSDP)
    branch.start()
    at = branch.front.readers[1]
    cable, reader = at.wire, at.osdp
    assert isinstance(cable, OsdpCable)
    assert reader is not None

    somebody = Patience(branch, branch.front, at)
    somebody.expect(lambda: at.swipe("member 1"), "access.granted", reader=READER)
    assert reader.in_secure_channel
    assert at.card("member 1").encode() not in cable.listened
    wait_until(lambda: bool(reader.lamps and reader.buzzes and reader.texts), LIMIT_S)

    somebody.expect(lambda: reader.tamper(True), "tamper.started", device="reader", reader=READER)
    somebody.expect(lambda: reader.tamper(False), "tamper.ended", device="reader", reader=READER)

    somebody.until_back()
    after = branch.last_seq("door")
    cable.cut()
    branch.wait_for("reader.lost", after=after, reader=READER)
    lost_seq = branch.last_seq("door")
    at.swipe("member 2")
    cable.mend()
    branch.wait_for("reader.found", after=lost_seq, reader=READER)
    somebody.expect(lambda: at.swipe("stranger"), "access.refused", reader=READER, reason="unknown_card")
    # What was held to it while nobody could hear it opens no door now.
    assert not [event for event in branch.events(after=after) if event.type == "access.granted"]


HELD_UP_S = 0.4
"""Twice as long as libosdp waits for an answer."""
QUEUE = parse("""
name: Whoever presents a card meets a reader that is out of order for a moment
steps:
  - {at: 0, swipe: member 1, expect: {access.granted: {}, door.unlocked: {for: grant}}}
  - {at: 0, door: open, expect: {door.opened: {}, door.locked: {}}}
  - {at: 0, door: closed, expect: {door.closed: {}}}
  - {at: 0, swipe: suspended}
  - {at: 0, swipe: member 2, expect: {access.granted: {}, door.unlocked: {for: grant}}}
totals: {swipes: 3, grants: 2, refusals: {suspended: 1}, pulses: 2}
""")


def test_whoever_got_no_answer_from_a_reader_that_was_held_up_presents_the_card_again(
    make_branch: MakeBranch,
) -> None:
    branch = make_branch(replace(OSDP, pulse_s=10.0, repeat_s=10.0))
    at = branch.front.readers[1]
    cable = at.wire
    assert isinstance(cable, OsdpCable)

    def held_up(answer: bytes) -> bytes:
        cable.middle = None
        time.sleep(HELD_UP_S)
        return answer

    def before(step: Step) -> None:
        if step.action is Action.SWIPE:
            cable.middle = held_up

    branch.start()
    assert play(branch, QUEUE, before, at=(branch.front, at)) == []
    types = Counter(event.type for event in branch.events() if event.data.get("reader") == READER)
    assert types["reader.lost"] == types["reader.found"] >= 2
    # Each card was answered once, however often it was presented.
    assert types["access.granted"] == QUEUE.totals.grants == len(branch.panel.pulses(branch.front.lock))
    assert types["access.refused"] == 1


def test_the_door_does_not_start_without_the_key_and_says_so_in_one_line(make_branch: MakeBranch) -> None:
    branch = make_branch(OSDP)
    key = branch.layout.secrets / credentials.reader_key("front", READER)
    key.unlink()
    said = branch.unlocked("check", str(branch.layout.config))
    [hint] = [line for line in said.splitlines() if "hint" in line]
    assert str(key) in hint
    with pytest.raises(Exception, match="did not get ready"):
        branch.start()
    [line] = [line for line in branch.log if key.name in line]
    assert "`unlocked reader pair` makes it" in line
