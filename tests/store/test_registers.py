from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.hold import Category, Hold, Scope
from controller.store.engine import DatabaseDamaged
from controller.store.registers import NoSuchHold, Registers, RegistersReader

NOW_US = 1_795_219_200_000_000
EVENT = "01a1fb67-1800-7e0d-9882-42c96d20b8fa"
HOLD = Hold(
    "01a1fb67-1800-7e0d-9882-42c96d20b8fb",
    "Police",
    "22/12345/26",
    Scope(Category.FOOTAGE, "droitwich", "entrance", NOW_US - 10, NOW_US - 5, frozenset({EVENT})),
    NOW_US,
    NOW_US + 1,
)


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
        with pytest.raises(NoSuchHold):
            registers.end_hold(hold_id, NOW_US + 8, "again")


def test_a_damaged_register_is_not_replaced_by_an_empty_one(registers: Registers, path: Path) -> None:
    registers.add_hold(HOLD)
    registers.close()
    path.write_bytes(b"damage" * 2000)
    with pytest.raises(DatabaseDamaged):
        Registers.open(path)
    with pytest.raises(DatabaseDamaged):
        RegistersReader(path).holds()
