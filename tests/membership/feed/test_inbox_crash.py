"""Crashes between the steps of an import, full disks, and places that let nothing be changed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from controller.core.event import EventType
from controller.membership.feed import snapshot
from controller.membership.feed.folder_place import FolderPlace
from controller.store import engine as database

if TYPE_CHECKING:
    from conftest import Rig

SIX, SEVEN, EIGHT = (datetime(2025, 11, 22, hour, tzinfo=UTC) for hour in (6, 7, 8))
IMPORTED, REFUSED = EventType.MEMBERSHIP_IMPORTED, EventType.MEMBERSHIP_FEED_REFUSED


def test_a_crash_while_filling_loses_nothing(rig: Rig) -> None:
    rig.full(SIX, 5)
    rig.look()
    rig.delta(SIX, SEVEN, 1)
    rig.progress.crash = True
    with pytest.raises(rig.Crash):
        rig.look()
    assert rig.known() == [0, 1, 2, 3, 4]
    rig.progress.crash = False
    rig.restart()
    rig.look()
    assert rig.known() == [0, 2, 3, 4]
    assert rig.left() == []
    assert rig.journal.types() == [IMPORTED, IMPORTED]


def test_a_crash_after_the_switch_imports_nothing_twice_and_journals_it_once(rig: Rig) -> None:
    rig.full(SIX, 5)
    rig.journal.fails = True
    rig.look()
    before = rig.owner.current_set()
    assert rig.known() == [0, 1, 2, 3, 4]
    assert len(rig.left()) == 1
    rig.journal.fails = False
    rig.restart()
    rig.look()
    rig.look()
    assert rig.owner.current_set() == before
    assert rig.left() == []
    ((type, data),) = rig.journal.events
    assert (type, data["already"]) == (IMPORTED, True)


def test_a_crash_before_the_file_is_deleted_does_not_import_it_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.full(SIX, 5)

    def crash(*_: object) -> bool:
        raise rig.Crash

    with monkeypatch.context() as meanwhile, suppress(rig.Crash):
        meanwhile.setattr(FolderPlace, "remove", crash)
        rig.look()
    before = rig.owner.current_set()
    rig.restart()
    rig.look()
    assert rig.owner.current_set() == before
    assert rig.left() == []
    assert rig.journal.types() == [IMPORTED]


def test_what_cannot_be_deleted_is_imported_once_and_refused_never(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for method in ("remove", "refuse"):
        monkeypatch.setattr(FolderPlace, method, lambda *_: False)
    rig.full(SIX, 5)
    rig.full(SEVEN, 5)
    rig.full(EIGHT, 1)
    for _ in range(3):
        rig.look()
    rig.restart()
    rig.look()
    assert rig.journal.types() == [IMPORTED, IMPORTED, REFUSED, REFUSED]
    assert rig.journal.reasons() == ["shrunk", "shrunk"]
    assert "holds card numbers and cannot be deleted" in caplog.text


def test_a_full_disk_is_told_once_and_the_file_stays(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rig.full(SIX, 5)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(snapshot, "LEFT", 1 << 60)
        rig.look()
        rig.look()
    assert caplog.text.count("the disk is too full to import this") == 1
    assert (rig.known(), len(rig.left()), rig.journal.events) == ([], 1, [])
    rig.look()
    assert len(rig.known()) == 5


def test_a_disk_that_fills_up_meanwhile_leaves_the_old_set(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.full(SIX, 5)
    rig.look()
    before = rig.owner.current_set()
    connection = database.driver(rig.engine.connect())
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    file = rig.full(SEVEN, 5_000)
    rig.look()
    assert "database or disk is full" in caplog.text
    assert (rig.owner.current_set(), rig.left()) == (before, [file.name])
    assert rig.known() == [0, 1, 2, 3, 4]
    connection.execute("PRAGMA max_page_count = 1000000")
    while rig.owner.drop_superseded():
        continue
    rig.look()
    assert rig.left() == []
    assert len(rig.known()) == 12
