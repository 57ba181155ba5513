"""What staff asked for reaches the camera's watch once, also over a restart of the recorder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import EventType, NewEvent
from controller.recorder.watching.asked import Asked
from controller.recorder.watching.health import HealthWatch
from controller.store.footage import Footage
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.known_cameras import KnownCamera

KNOWN = KnownCamera("entrance", "", bytes(1800), None, (900,))


@pytest.fixture
def footage(tmp_path: Path) -> Iterator[Footage]:
    opened = Footage.open(tmp_path / "footage.db")
    opened.known_cameras.keep(KNOWN)
    yield opened
    opened.close()


@pytest.fixture
def console(tmp_path: Path) -> Iterator[JournalReader]:
    reader = JournalReader(tmp_path / "console.db")
    yield reader
    reader.close()


class Forgetful(HealthWatch):
    """Only notes what it was to forget."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def forget(self, asked: str) -> None:
        self.asked.append(asked)


def test_it_is_forgotten_once(footage: Footage, console: JournalReader, tmp_path: Path, now: Any) -> None:
    health, yard = Forgetful(), Forgetful()
    asked = Asked(console, footage.known_cameras, {"entrance": health, "yard": yard})
    asked.look()  # staff have not done anything yet
    journal = Journal.open(tmp_path / "console.db", service="console", stamp=now())
    asked.look()
    assert footage.known_cameras.find("entrance") == KNOWN
    (event,) = journal.append([NewEvent(EventType.CAMERA_REFERENCE_ASKED, "entrance", now())])
    asked.look()
    asked.look()
    assert (health.asked, yard.asked) == ([event.id], [])
    assert footage.known_cameras.find("entrance") == KnownCamera("entrance", event.id)
    again = Forgetful()
    Asked(console, footage.known_cameras, {"entrance": again}).look()
    assert again.asked == []
    journal.append([NewEvent(EventType.HOLD_ENDED, "entrance", now())])
    asked.look()
    assert health.asked == [event.id]
    journal.close()
