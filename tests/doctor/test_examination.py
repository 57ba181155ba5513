from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from controller.core.event import EventType
from controller.doctor import context
from controller.doctor.context import Context
from controller.doctor.finding import Finding, State
from controller.doctor.parts import PARTS, Part
from controller.settings.paths import JOURNALS, Paths

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Rig


def test_with_settings_that_cannot_be_used_every_part_is_named(rig: Rig) -> None:
    rig.config.write_text("doors = 3")
    found = rig.examine()

    assert {one.part for one in found} == {part.name for part in PARTS}
    assert "doors" in found.faults


def test_on_a_machine_without_a_branch_nothing_is_in_order_and_set_up_is_the_remedy(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    monkeypatch.setattr(
        context, "USUAL", Paths(nowhere, nowhere / "run", nowhere / "footage", nowhere / "secrets")
    )
    rig.config.unlink()
    found = rig.examine()

    assert "there is no such file → make it with `unlocked setup`" in found.faults
    assert "systemctl" not in found.faults
    fine = {one.part for one in found if one.state is State.OK}
    assert not fine & {"settings", "secrets", "services", "permissions", "journals", "memberships"}


def test_every_fault_and_hint_has_a_remedy_and_each_is_a_line(rig: Rig) -> None:
    for found in rig.examine():
        assert found.remedy or found.state in (State.OK, State.UNKNOWN)
        assert "\n" not in found.what


def test_a_check_that_fails_hides_no_other(rig: Rig) -> None:
    def breaks(_context: Context) -> Iterator[Finding]:
        raise ValueError("a card number")

    found = rig.examine([Part("clock", breaks), PARTS[0]])

    assert found[0].state is State.UNKNOWN
    assert "ValueError" in found[0].what
    assert "card" not in str(found[0])
    assert found[1].part == PARTS[0].name


def test_the_example_has_no_fault_in_its_settings(rig: Rig) -> None:
    assert not rig.look("settings").faults


def test_it_leaves_no_trace(rig: Rig) -> None:
    for service in JOURNALS:
        rig.happened(service, EventType.SERVICE_STARTED, "controller", doors={})
    with closing(sqlite3.connect(rig.paths.console)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE account (name)")

    def there() -> dict[Path, tuple[int, int]]:
        found = rig.config.parent.rglob("*")
        return {file: (file.stat().st_size, file.stat().st_mtime_ns) for file in found if file.is_file()}

    before = there()
    rig.examine()
    assert there() == before
