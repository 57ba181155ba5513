from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

from controller.commands.staff_journal import staff_journal
from controller.core.event import Event, EventType, NewEvent, Stamp
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.position import Position, Positions

Unlocked = Callable[..., Result]


def recorded(settings: Settings) -> list[Event]:
    reader = JournalReader(Paths.of(settings).journal("console"))
    try:
        return reader.read(0)
    finally:
        reader.close()


def test_what_staff_do_stands_in_the_consoles_journal(settings: Settings) -> None:
    with staff_journal(settings) as one, staff_journal(settings) as beside:
        first = one.record(EventType.HOLD_ENDED, "footage", {"hold": "x"})
        second = beside.record(EventType.HOLD_ENDED, "footage", {"hold": "y"})
    assert recorded(settings) == [first, second]
    assert first.stamp.clock_trusted, "the fixture's settings say so"


def test_a_replay_is_recorded_for_each_journal(unlocked: Unlocked, settings: Settings) -> None:
    now = Stamp(1_795_219_200_000_000, 1, "boot-1", True)
    paths = Paths.of(settings)
    journal = Journal.open(paths.journal("door"), service="door", stamp=now)
    journal.append([NewEvent(EventType.DOOR_OPENED, "front", now)] * 9)
    journal.close()
    positions = Positions.open(paths.positions)
    positions.advance(journal.journal_id, Position(9, 9))
    assert unlocked("uplink", "replay", "--from", 4).exit_code == 0
    assert positions.get(journal.journal_id) == Position(3, 3, rewinds=1)
    positions.close()
    (event,) = recorded(settings)
    assert (event.type, event.data) == (EventType.UPLINK_REPLAYED, {"journal": "door", "from": 4})
