"""Restricting events: who may, what is hidden, and that the subject is told before the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from controller.core.event import Event, EventType, NewEvent
from controller.core.restriction import Ground, Restriction
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.footage import Clip, Footage
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.registers import RegistersReader

Unlocked = Callable[..., Result]
LogIn = Callable[[int], None]
REQUEST = ("--reference", "DP/7", "--ground", "objection")
NONE = "01a1fb67-1800-7e0d-9882-42c96d20b8fa"


@pytest.fixture
def grants(settings: Settings, now: Any) -> list[Event]:
    """Two people come in; of the first it could not be journalled in time what was done."""
    path = Paths.of(settings).journal("door")
    with closing(Journal.open(path, service="door", stamp=now())) as journal:
        grants = journal.append([NewEvent(EventType.ACCESS_GRANTED, "front", now()) for _ in range(2)])
        journal.append([NewEvent(EventType.ACCESS_OUTCOME, "front", now(), {"access": grants[0].id})])
    return grants


@pytest.fixture
def restriction(unlocked: Unlocked, settings: Settings, grants: list[Event]) -> Restriction:
    assert unlocked("restrict", "add", *REQUEST, "--event", grants[0].id).exit_code == 0
    return register(settings)[0]


def register(settings: Settings) -> list[Restriction]:
    with closing(RegistersReader(Paths.of(settings).registers)) as reader:
        return reader.restrictions()


def shown(result: Result) -> list[str]:
    return [json.loads(line)["type"] for line in result.stdout.splitlines()]


def test_a_restriction_is_listed_with_its_request(
    unlocked: Unlocked, restriction: Restriction, grants: list[Event]
) -> None:
    assert (restriction.reference, restriction.ground) == ("DP/7", Ground.OBJECTION)
    assert "events: 1  objection  since" in unlocked("restrict", "list").stdout
    told = json.loads(unlocked("restrict", "list", "--json").stdout)
    assert (told["id"], told["events"]) == (restriction.id, [grants[0].id])


def test_many_events_come_from_a_file(
    unlocked: Unlocked, settings: Settings, grants: list[Event], tmp_path: Path
) -> None:
    ids = tmp_path / "ids"
    ids.write_text(f"{grants[0].id}\n\n{grants[1].id}\n")
    added = unlocked("restrict", "add", *REQUEST, "--events", ids, "--json")
    assert json.loads(added.stdout)["gone"] == []
    assert register(settings)[0].event_ids == {grant.id for grant in grants}


@pytest.mark.parametrize("given", [(), ("--event", "7")])
def test_what_would_restrict_nothing_is_refused(
    unlocked: Unlocked, settings: Settings, given: tuple[str, ...]
) -> None:
    assert unlocked("restrict", "add", *REQUEST, *given).exit_code == 2
    assert register(settings) == []


def test_an_event_that_is_not_there_is_refused(
    unlocked: Unlocked, settings: Settings, grants: list[Event]
) -> None:
    refused = unlocked("restrict", "add", *REQUEST, "--event", grants[0].id, "--event", NONE)
    assert (refused.exit_code, f"no journal has the event {NONE}" in refused.stderr) == (1, True)
    assert register(settings) == []


def test_the_log_shows_neither_the_event_nor_what_tells_of_it(
    unlocked: Unlocked, restriction: Restriction
) -> None:
    log = unlocked("log", "--since", "2026-01-01", "--json")
    assert shown(log) == ["access.granted", "restriction.added"]
    assert "2 events are not shown: they are restricted" in log.stderr
    assert "nothing happened" not in unlocked("log", "--since", "2026-01-01", "--refused").stdout


def test_the_journal_tells_of_the_restriction_and_not_of_what(
    unlocked: Unlocked, settings: Settings, restriction: Restriction, grants: list[Event]
) -> None:
    unlocked("restrict", "inform", restriction.id, "--how", "letter")
    unlocked("restrict", "lift", restriction.id, "--reason", "settled")
    with closing(JournalReader(Paths.of(settings).journal("console"))) as reader:
        events = reader.read(0)
    assert [event.type for event in events] == [
        EventType.RESTRICTION_ADDED,
        EventType.RESTRICTION_SUBJECT_INFORMED,
        EventType.RESTRICTION_LIFTED,
    ]
    for event in events:
        assert event.data["restriction"] == restriction.id
        assert grants[0].id not in str(event.data)
        assert "DP/7" not in str(event.data)


def test_it_is_lifted_only_after_the_subject_was_told(
    unlocked: Unlocked, settings: Settings, restriction: Restriction
) -> None:
    early = unlocked("restrict", "lift", restriction.id, "--reason", "settled")
    assert (early.exit_code, "has been told" in early.stderr) == (1, True)
    assert unlocked("restrict", "inform", restriction.id, "--how", "letter").exit_code == 0
    assert "may be lifted" in unlocked("restrict", "list").stdout
    assert unlocked("restrict", "inform", restriction.id, "--how", "email").exit_code == 1
    assert unlocked("restrict", "lift", restriction.id, "--reason", "settled", "--json").exit_code == 0
    assert not register(settings)[0].in_force
    assert "there are no restrictions" in unlocked("restrict", "list").stderr
    assert "settled" in unlocked("restrict", "list", "--all").stdout
    log = unlocked("log", "--since", "2026-01-01", "--json")
    assert shown(log).count("access.granted") == 2
    assert "not shown" not in log.stderr


def test_only_those_who_may_restrict_and_lift(
    unlocked: Unlocked, settings: Settings, restriction: Restriction, grants: list[Event], log_in: LogIn
) -> None:
    log_in(6001)
    for command in (
        ("add", *REQUEST, "--event", grants[1].id),
        ("inform", restriction.id, "--how", "letter"),
        ("lift", restriction.id, "--reason", "settled"),
    ):
        refused = unlocked("restrict", *command)
        assert (refused.exit_code, "6001 is in no [[staff]] table" in refused.stderr) == (1, True)
    assert register(settings) == [restriction]


def test_a_lost_register_hides_whatever_may_be_restricted(
    unlocked: Unlocked, settings: Settings, restriction: Restriction
) -> None:
    Paths.of(settings).registers.unlink()
    log = unlocked("log", "--since", "2026-01-01", "--json")
    assert shown(log) == ["restriction.added"]
    assert "nobody knows what is restricted: holds or restrictions are missing" in log.stderr
    for command in (("clip", "list"), ("uplink", "replay", "--from", "1")):
        refused = unlocked(*command)
        assert (refused.exit_code, restriction.id in refused.stderr) == (1, True)
    assert unlocked("restrict", "lift", restriction.id, "--reason", "lost, placed anew").exit_code == 0
    assert unlocked("clip", "list").exit_code == 0


def test_clips_of_restricted_events_are_counted_and_no_more(
    unlocked: Unlocked, settings: Settings, restriction: Restriction, grants: list[Event]
) -> None:
    with closing(Footage.open(Paths.of(settings).footage)) as footage:
        for grant in grants:
            start_us = grant.stamp.wall_us
            footage.add_clip(Clip(grant.id, "entrance", "door", grant.seq, grant.id, start_us, start_us + 1))
    listed = unlocked("clip", "list", "--json")
    assert [json.loads(line)["event"] for line in listed.stdout.splitlines()] == [grants[1].id]
    assert "1 clips are not shown" in listed.stderr
