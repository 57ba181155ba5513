from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.proposal import Kind, Outcome, Proposal
from controller.core.restriction import Ground, Means, Restriction
from controller.store.engine import DatabaseDamaged, DatabaseUnusable
from controller.store.owner import MIGRATIONS
from controller.store.registers import NotInForce, Registers, RegistersReader

NOW_US = 1_795_219_200_000_000
EVENT = "01a1fb67-1800-7e0d-9882-42c96d20b8fa"
HOLD = Hold(
    "01a1fb67-1800-7e0d-9882-42c96d20b8fb",
    "Police",
    "22/12345/26",
    Scope(Category.FOOTAGE, "droitwich", "entrance", NOW_US - 10, NOW_US - 5, frozenset({EVENT})),
    NOW_US,
    NOW_US + 1,
    placed_by="jo",
)
RESTRICTION = Restriction(EVENT, "DP/7", Ground.ACCURACY, frozenset({EVENT, HOLD.id}), NOW_US, "dpo")
PROPOSAL = Proposal(EVENT, Kind.HOLD_END, HOLD.id, "case closed", NOW_US, "jo")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "console" / "registers.db"


@pytest.fixture
def registers(path: Path) -> Iterator[Registers]:
    opened = Registers.open(path)
    yield opened
    opened.close()


def test_a_hold_is_read_as_it_was_placed(registers: Registers, path: Path) -> None:
    everywhere = replace(
        HOLD,
        id=EVENT,
        placed_us=NOW_US - 1,
        scope=replace(HOLD.scope, device=None, event_ids=frozenset()),
    )
    reader = RegistersReader(path)
    assert reader.holds() == []
    registers.add_hold(HOLD)
    assert reader.holds() == [HOLD]
    registers.add_hold(everywhere)
    assert reader.holds() == registers.holds() == [everywhere, HOLD]
    reader.close()


def test_before_the_first_hold_there_is_none(path: Path) -> None:
    assert RegistersReader(path).holds() == []


def test_a_hold_ends_once_and_with_a_reason(registers: Registers) -> None:
    registers.add_hold(HOLD)
    registers.end_hold(HOLD.id, NOW_US + 7, "case closed")
    assert registers.holds() == [replace(HOLD, ended_us=NOW_US + 7, end_reason="case closed")]
    for hold_id in (HOLD.id, EVENT):
        with pytest.raises(NotInForce):
            registers.end_hold(hold_id, NOW_US + 8, "again")


def test_a_hold_ends_with_who_ended_it_and_for_how_long_it_cools_off(registers: Registers) -> None:
    registers.add_hold(HOLD)
    registers.end_hold(HOLD.id, NOW_US - 7, "case closed", by="sam", cooling_off_days=14)
    (ended,) = registers.holds()
    assert (ended.ended_us, ended.ended_by, ended.cooling_off_days) == (NOW_US, "sam", 14)


def test_a_reviewed_hold_goes_on_until_the_next_review(registers: Registers) -> None:
    registers.add_hold(HOLD)
    later_us = NOW_US + 200 * DAY_US
    registers.review_hold(HOLD.id, later_us, later_us + 90 * DAY_US, by="sam")
    (reviewed,) = registers.holds()
    assert (reviewed.reviewed_us, reviewed.reviewed_by) == (later_us, "sam")
    assert reviewed.review_us == later_us + 90 * DAY_US
    with pytest.raises(DatabaseUnusable):
        registers.review_hold(HOLD.id, later_us, later_us + 91 * DAY_US, by="sam")
    registers.end_hold(HOLD.id, later_us, "over")
    with pytest.raises(NotInForce):
        registers.review_hold(HOLD.id, later_us, later_us, by="sam")


def test_a_restriction_is_lifted_only_after_the_subject_was_told(registers: Registers, path: Path) -> None:
    registers.add_restriction(RESTRICTION)
    assert registers.restrictions() == [RESTRICTION]
    with pytest.raises(NotInForce, match="been told"):
        registers.lift_restriction(EVENT, NOW_US + 1, "settled", by="dpo")
    registers.subject_informed(EVENT, NOW_US + 1, Means.LETTER, by="dpo")
    with pytest.raises(NotInForce):
        registers.subject_informed(EVENT, NOW_US + 2, Means.EMAIL, by="dpo")
    registers.lift_restriction(EVENT, NOW_US + 3, "settled", by="sam")
    with pytest.raises(NotInForce):
        registers.lift_restriction(EVENT, NOW_US + 4, "settled", by="sam")
    lifted = replace(
        RESTRICTION,
        informed_us=NOW_US + 1,
        informed_by="dpo",
        informed_how=Means.LETTER,
        lifted_us=NOW_US + 3,
        lifted_by="sam",
        lift_reason="settled",
    )
    assert RegistersReader(path).restrictions() == registers.restrictions() == [lifted]


def test_holds_and_restrictions_are_read_together(registers: Registers, path: Path) -> None:
    reader = RegistersReader(path)
    assert reader.protections() == []
    registers.add_restriction(RESTRICTION)
    registers.add_hold(HOLD)
    assert reader.protections() == [HOLD, RESTRICTION]
    reader.close()


def test_an_end_that_a_second_person_confirms(registers: Registers, path: Path) -> None:
    registers.add_hold(HOLD)
    registers.propose(PROPOSAL)
    assert RegistersReader(path).proposals() == [PROPOSAL]
    with pytest.raises(DatabaseUnusable):
        registers.propose(replace(PROPOSAL, id=HOLD.id))  # one about a thing at a time
    registers.end_hold(HOLD.id, NOW_US + 5, PROPOSAL.reason, by="sam", proposal=PROPOSAL)
    (decided,) = registers.proposals()
    assert (decided.outcome, decided.decided_by, decided.decided_us) == (
        Outcome.CONFIRMED,
        "sam",
        NOW_US + 5,
    )
    registers.propose(replace(PROPOSAL, id=HOLD.id))


def test_nobody_confirms_a_proposal_of_their_own(registers: Registers) -> None:
    registers.add_hold(HOLD)
    registers.propose(PROPOSAL)
    with pytest.raises(DatabaseUnusable):
        registers.end_hold(HOLD.id, NOW_US + 5, "over", by="jo", proposal=PROPOSAL)
    assert registers.holds() == [HOLD]
    registers.decide(PROPOSAL.id, NOW_US + 6, "jo", Outcome.WITHDRAWN)
    with pytest.raises(NotInForce):
        registers.decide(PROPOSAL.id, NOW_US + 7, "sam", Outcome.CONFIRMED)


def test_holds_of_an_older_register_stay(path: Path) -> None:
    path.parent.mkdir()
    old = sqlite3.connect(path)
    old.executescript((MIGRATIONS / "registers" / "0001_begin.sql").read_text())
    what = ("Police", "22/12345/26", "footage", "droitwich", "entrance")
    values = (HOLD.id, *what, NOW_US - 10, NOW_US - 5, NOW_US, NOW_US + 1, None, None)
    old.execute("INSERT INTO hold VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    old.execute("INSERT INTO hold_event VALUES (?, ?)", (HOLD.id, EVENT))
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    migrated = Registers.open(path)
    assert migrated.holds() == [replace(HOLD, placed_by=None)]
    migrated.close()


def test_a_damaged_register_is_not_replaced_by_an_empty_one(registers: Registers, path: Path) -> None:
    registers.add_hold(HOLD)
    registers.close()
    path.write_bytes(b"damage" * 2000)
    with pytest.raises(DatabaseDamaged):
        Registers.open(path)
    with pytest.raises(DatabaseDamaged):
        RegistersReader(path).holds()
