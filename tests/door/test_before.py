"""What the journal tells of the time before a restart."""

from pathlib import Path

import pytest

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.door.before import Before, read_before
from controller.door.evacuation import Source
from controller.store.journal import Journal
from controller.store.owner import move_aside

STAMP = Stamp(1_795_000_000_000_000, 5, "boot", clock_trusted=True)
NOTHING = Before(last_trusted_wall_us=STAMP.wall_us)
LOCKDOWN = Before(frozenset({"front"}), last_trusted_wall_us=STAMP.wall_us)

FRONT = frozenset({"front"})


def journalled(path: Path, *types: EventType, **data: JsonValue) -> None:
    journal = Journal.open(path, service="door", stamp=STAMP)
    journal.append([NewEvent(type, "front", STAMP, data) for type in types])
    journal.close()


def damaged_and_begun_anew(path: Path) -> Path:
    aside = move_aside(path)
    journal = Journal.open(path, service="door", stamp=STAMP)
    journal.append([NewEvent(EventType.JOURNAL_RECOVERED, "door", STAMP, {"moved_to": aside.name})])
    journal.close()
    return aside


def test_when_closing_was_last_announced_is_known(path: Path) -> None:
    journalled(path, EventType.ANNOUNCEMENT_MADE, EventType.DOOR_OPENED)
    assert read_before(path, FRONT) == Before(
        last_trusted_wall_us=STAMP.wall_us, announced_wall_us=STAMP.wall_us
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "door" / "journal.db"


def test_before_the_first_event_there_is_no_lockdown(path: Path) -> None:
    assert read_before(path, FRONT) == Before()


def test_a_lockdown_lasts_until_it_is_ended(path: Path) -> None:
    journalled(path, EventType.LOCKDOWN_STARTED, EventType.DOOR_OPENED)
    assert read_before(path, FRONT) == LOCKDOWN
    journalled(path, EventType.LOCKDOWN_ENDED)
    assert read_before(path, FRONT) == NOTHING


def test_a_lockdown_outlives_a_damaged_journal(path: Path) -> None:
    journalled(path, EventType.LOCKDOWN_STARTED)
    damaged_and_begun_anew(path)
    damaged_and_begun_anew(path)
    assert read_before(path, FRONT) == LOCKDOWN
    journalled(path, EventType.LOCKDOWN_ENDED)
    assert read_before(path, FRONT) == NOTHING


def test_a_damaged_journal_that_nobody_can_read_tells_of_no_lockdown(path: Path) -> None:
    journalled(path, EventType.LOCKDOWN_STARTED)
    damaged_and_begun_anew(path).write_bytes(b"nothing that can be read")
    assert read_before(path, FRONT) == NOTHING


def test_each_door_has_a_lockdown_of_its_own(path: Path) -> None:
    journalled(path, EventType.LOCKDOWN_STARTED)
    assert read_before(path, frozenset({"front", "back"})) == LOCKDOWN
    assert read_before(path, frozenset({"back"})) == NOTHING


@pytest.mark.parametrize("source", Source)
def test_an_evacuation_lasts_until_it_is_ended_and_whoever_began_it_is_known(
    path: Path, source: Source
) -> None:
    journalled(path, EventType.EVACUATION_STARTED, **{"for": source.value})
    damaged_and_begun_anew(path)
    assert read_before(path, FRONT).evacuation is source
    assert read_before(path, frozenset({"front", "new"})).evacuation is source
    journalled(path, EventType.EVACUATION_ENDED)
    assert read_before(path, FRONT) == NOTHING


def test_a_lockdown_and_an_evacuation_are_remembered_together(path: Path) -> None:
    journalled(path, EventType.LOCKDOWN_STARTED, EventType.EVACUATION_STARTED)
    before = read_before(path, FRONT)
    assert (before.lockdown, before.evacuation) == (FRONT, Source.COMMAND)


def test_an_evacuation_that_was_commanded_after_an_input_began_it_is_the_commands(path: Path) -> None:
    journalled(path, EventType.EVACUATION_STARTED, **{"for": "input"})
    journalled(path, EventType.EVACUATION_STARTED, **{"for": "command"})
    assert read_before(path, FRONT).evacuation is Source.COMMAND
