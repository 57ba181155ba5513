"""Restricted events are not sent again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import EventType, NewEvent
from controller.core.restriction import Ground, Means, Restriction
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.position import Positions
from controller.store.registers import Registers, RegistersReader
from controller.uplink.feed import PAGE, Feed
from controller.uplink.outbox import Pace
from controller.uplink.restricted import Restricted

ID = "01a1fb67-1800-7e0d-9882-42c96d20b8fa"


@pytest.fixture
def door(tmp_path: Path, now: Any) -> Iterator[Journal]:
    with closing(Journal.open(tmp_path / "journal.db", service="door", stamp=now())) as journal:
        yield journal


def sent_again(folder: Path, restricted: Restricted) -> list[int]:
    """The numbers of all that a replay from the beginning sends."""
    positions = Positions.open(folder / "positions.db")
    reader = JournalReader(folder / "journal.db")
    feed = Feed("door", reader, positions, needs_receiver=False, pace=Pace(), restricted=restricted.event_ids)
    feed.poll(1)
    sent: list[int] = []
    while (event := feed.next_event(1)) is not None:
        sent.append(event.seq)
        feed.outbox.published(event.seq)
        feed.outbox.answered(feed.outbox.turn, event.seq, 0, 1)
    reader.close()
    positions.close()
    return sent


def restrict(folder: Path, event_ids: set[str]) -> None:
    with closing(Registers.open(folder / "registers.db")) as registers:
        registers.add_restriction(Restriction(ID, "DP/7", Ground.OBJECTION, frozenset(event_ids), 10, "dpo"))


def test_a_replay_passes_over_them_and_over_what_tells_of_them(
    tmp_path: Path, door: Journal, now: Any
) -> None:
    grants = door.append([NewEvent(EventType.ACCESS_GRANTED, "front", now()) for _ in range(3)])
    door.append([NewEvent(EventType.ACCESS_OUTCOME, "front", now(), {"access": grants[1].id})])
    with closing(Restricted(RegistersReader(tmp_path / "registers.db"))) as restricted:
        assert sent_again(tmp_path, restricted) == [1, 2, 3, 4]
        restrict(tmp_path, {grants[1].id})
        (tmp_path / "positions.db").unlink()
        assert sent_again(tmp_path, restricted) == [1, 3]
        with closing(Registers.open(tmp_path / "registers.db")) as registers:
            registers.subject_informed(ID, 20, Means.LETTER, by="dpo")
            registers.lift_restriction(ID, 30, "settled", by="dpo")
        (tmp_path / "positions.db").unlink()
        assert sent_again(tmp_path, restricted) == [1, 2, 3, 4]


def test_pages_of_nothing_else_are_passed_over(tmp_path: Path, door: Journal, now: Any) -> None:
    grants = door.append([NewEvent(EventType.ACCESS_GRANTED, "front", now()) for _ in range(3 * PAGE)])
    restrict(tmp_path, {event.id for event in grants[1:-1]})
    with closing(Restricted(RegistersReader(tmp_path / "registers.db"))) as restricted:
        assert sent_again(tmp_path, restricted) == [1, 3 * PAGE]


def test_a_register_that_cannot_be_read_changes_nothing(tmp_path: Path, door: Journal, now: Any) -> None:
    grants = door.append([NewEvent(EventType.ACCESS_GRANTED, "front", now()) for _ in range(2)])
    restrict(tmp_path, {grants[0].id})
    with closing(Restricted(RegistersReader(tmp_path / "registers.db"))) as restricted:
        assert restricted.event_ids() == {grants[0].id}
        (tmp_path / "registers.db").write_bytes(b"damage" * 2000)
        assert sent_again(tmp_path, restricted) == [2]
