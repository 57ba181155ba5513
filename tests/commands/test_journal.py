from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable

import pytest
from click.testing import Result

from controller.core.event import EventType, NewEvent, Stamp
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal import Journal

Unlocked = Callable[..., Result]
NOW = Stamp(1_795_219_200_000_000, 1, "boot-1", True)


@pytest.fixture(autouse=True)
def journals(settings: Settings) -> None:
    for service, count in (("door", 3), ("recorder", 1)):
        journal = Journal.open(Paths.of(settings).journal(service), service=service, stamp=NOW)
        journal.append([NewEvent(EventType.DOOR_OPENED, "front", NOW)] * count)
        journal.close()


def test_whole_journals(unlocked: Unlocked) -> None:
    result = unlocked("journal", "verify")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "door: 3 events, 0 disposed of: whole",
        "recorder: 1 events, 0 disposed of: whole",
        "membership: no journal yet",
        "uplink: no journal yet",
        "console: no journal yet",
    ]


def test_each_journal_as_json(unlocked: Unlocked, settings: Settings) -> None:
    Paths.of(settings).journal("recorder").write_bytes(b"damage" * 1000)
    result = unlocked("journal", "verify", "--json")
    assert result.exit_code == 1
    door, recorder, membership, *_ = (json.loads(line) for line in result.stdout.splitlines())
    assert (door["service"], door["ok"], door["events"]) == ("door", True, 3)
    assert (recorder["ok"], recorder["events"]) == (False, 0)
    assert membership == {"service": "membership", "ok": None}


def test_a_journal_that_was_changed_is_named(unlocked: Unlocked, settings: Settings) -> None:
    connection = sqlite3.connect(Paths.of(settings).journal("door"))
    connection.execute("DELETE FROM event WHERE seq = 2")
    connection.commit()
    connection.close()
    result = unlocked("journal", "verify")
    assert result.exit_code == 1
    assert "door: 1 events, 0 disposed of, then NOT WHOLE at 2: the event is missing" in result.stdout
    assert "recorder: 1 events, 0 disposed of: whole" in result.stdout


def test_a_journal_that_cannot_be_read_is_named(unlocked: Unlocked, settings: Settings) -> None:
    Paths.of(settings).journal("recorder").write_bytes(b"damage" * 1000)
    result = unlocked("journal", "verify")
    assert result.exit_code == 1
    assert "recorder: NOT READABLE" in result.stdout
