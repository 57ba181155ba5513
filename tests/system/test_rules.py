"""The rules about who is let in, with real parts: the file of members, the lists, settings, door, journal."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.event import Event, EventType
from simulator.branch import Branch, Plan
from simulator.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

DECISIONS = (EventType.ACCESS_GRANTED, EventType.ACCESS_REFUSED)
RULES = """
[access]
minimum_age = true
companions = true
companion_s = 30

# Cleaners never come.
[categories.cleaner.hours]

[lockout]
reader_failures = 4
reader_s = 10
"""


@pytest.fixture(scope="module")
def branch() -> Iterator[Branch]:
    plan = Plan(broker=None, pulse_s=0.5, rules=RULES)
    with tempfile.TemporaryDirectory(prefix="unlocked-test-") as folder, Branch(Path(folder), plan) as branch:
        branch.start()
        yield branch


def answer(branch: Branch, who: str) -> str:
    """What the door decides on the card: "granted", or why it was refused."""
    before = branch.last_seq("door")
    branch.swipe(who)
    decided: list[Event] = []

    def is_decided() -> bool:
        decided[:] = [event for event in branch.events(after=before) if event.type in DECISIONS]
        return bool(decided)

    wait_until(is_decided, 10, "a decision")
    return str(decided[0].data.get("reason", "granted"))


def test_every_sort_of_member_has_the_answer_that_the_rules_say(branch: Branch) -> None:
    assert answer(branch, "member 1") == "granted"
    assert answer(branch, "not inducted") == "not_enrolled"
    assert answer(branch, "grant not begun") == "entitlement_not_begun"
    assert answer(branch, "grant ended") == "entitlement_ended"
    assert answer(branch, "cleaner") == "closed_hours"
    assert answer(branch, "under age") == "under_age"
    before = branch.last_seq("door")
    assert answer(branch, "guardian") == "granted"
    branch.wait_for("door.locked", after=before)  # so long that the child's card is no repetition
    assert answer(branch, "under age") == "granted"
    # The lists are read at every swipe: no restart, no import.
    card = branch.reader.card("blocked")
    branch.unlocked("members", "block", input=card)
    assert answer(branch, "blocked") == "blocked"
    branch.unlocked("members", "unblock", input=card)
    assert answer(branch, "blocked") == "granted"
    branch.unlocked("members", "allow", "--until", "2099-12-31", input=branch.reader.card("stranger"))
    assert answer(branch, "stranger") == "granted"
    branch.unlocked("members", "disallow", input=branch.reader.card("stranger"))
    # The blocked card counts too, if it was not too long ago.
    answers = [answer(branch, branch.reader.type.number(90_000_000 + serial)) for serial in range(5)]
    assert (answers[0], answers[-1]) == ("unknown_card", "locked_out")
    branch.wait_for("lockout.started")
    assert answer(branch, "member 1") == "locked_out"
    branch.wait_for("lockout.ended", limit_s=15)
    assert answer(branch, "member 1") == "granted"
    lockouts = [event for event in branch.events() if event.type.startswith("lockout")]
    assert [dict(event.data) for event in lockouts] == [{"of": "reader", "reader": "in"}] * 2


def explained(branch: Branch, who: str) -> str:
    said = branch.unlocked("explain", input=branch.reader.card(who))
    assert "does not answer" not in said
    return said


def test_what_is_explained_is_what_the_door_then_does(branch: Branch) -> None:
    assert f"refused, {answer(branch, 'grant ended')}" in explained(branch, "grant ended")
    branch.unlocked("door", "lockdown")
    assert f"refused, {answer(branch, 'member 1')}" in explained(branch, "member 1")
    branch.unlocked("door", "end-lockdown")


def test_no_card_number_is_in_any_file_but_the_imported_one(branch: Branch) -> None:
    cards = [branch.reader.card(who).encode() for who in ("member 1", "blocked", "grant ended", "stranger")]
    for file in branch.layout.state.rglob("*"):
        if file.is_file():
            assert not any(card in file.read_bytes() for card in cards), file
