"""Holds of whatever falls due, and what they came too late for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from click.testing import Result

from controller.commands.hold import words
from controller.commands.hold.words import CATEGORIES
from controller.core.event import EventType, JsonValue, NewEvent
from controller.core.hold import DAY_US, Category, Hold
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.staff.holds.placing import LONGEST_REASON, LONGEST_REFERENCE
from controller.store.journal import Journal
from controller.store.registers import RegistersReader

Unlocked = Callable[..., Result]
CASE = ("--authority", "Police", "--reference", "22/1/26")
DAY = ("--from", "2026-03-01", "--to", "2026-03-02")
NOON_US = 1_772_366_400_000_000  # 2026-03-01T12:00Z
HOUR_US = 3_600_000_000


def register(settings: Settings) -> list[Hold]:
    with closing(RegistersReader(Paths.of(settings).registers)) as reader:
        return reader.holds()


@pytest.fixture
def door(settings: Settings, now: Any) -> Iterator[Journal]:
    with closing(Journal.open(Paths.of(settings).journal("door"), service="door", stamp=now())) as journal:
        yield journal


def started(journal: Journal, now: Any) -> str:
    data: dict[str, JsonValue] = {"category": "access_events", "event_seqs": [[1, 40]], "count": 40}
    (event,) = journal.append([NewEvent(EventType.DISPOSAL_STARTED, "droitwich", now(), data)])
    return event.id


def certificate(journal: Journal, now: Any, begun: str, *spans: tuple[int, int, int]) -> str:
    """spans: of each, how many events and from when to when."""
    seqs: list[JsonValue] = []
    for count, _, _ in spans:
        after = seqs[-1][1] if seqs and isinstance(seqs[-1], list) else 0
        assert isinstance(after, int)
        seqs.append([after + 1, after + count])
    data: dict[str, JsonValue] = {
        "started": begun,
        "category": "access_events",
        "count": sum(span[0] for span in spans),
        "event_seqs": seqs,
        "times_us": [[begins, ends] for _, begins, ends in spans],
    }
    (event,) = journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, "droitwich", now(), data)])
    return event.id


def test_the_words_of_the_options_are_those_of_what_they_are_for() -> None:
    assert tuple(category.value for category in Category) == CATEGORIES
    assert (words.LONGEST_REFERENCE, words.LONGEST_REASON) == (LONGEST_REFERENCE, LONGEST_REASON)


def test_a_hold_of_each_category_that_is_named(unlocked: Unlocked, settings: Settings) -> None:
    named = ("--category", "footage", "--category", "access_events", "--category", "footage")
    placed = unlocked("hold", "add", *CASE, *DAY, *named)
    assert placed.exit_code == 0
    held = sorted(hold.scope.category for hold in register(settings))
    assert held == [Category.ACCESS_EVENTS, Category.FOOTAGE]
    assert "access_events of all, 2026-03-01" in unlocked("hold", "list").stdout


def test_a_hold_of_a_door_names_one_that_there_is(
    unlocked: Unlocked, settings: Settings, door: Journal, now: Any
) -> None:
    door.append([NewEvent(EventType.DOOR_OPENED, "yard", now())])
    of = (*CASE, *DAY, "--category", "access_events", "--device")
    for there in (settings.doors[0].id, "yard"):
        assert unlocked("hold", "add", *of, there).exit_code == 0
    assert unlocked("hold", "add", *of, "frnt").exit_code == 2
    assert unlocked("hold", "add", *CASE, *DAY, "--category", "registers", "--device", "yard").exit_code == 2
    assert len(register(settings)) == 2


def test_what_was_disposed_of_before_is_named_by_its_certificate(
    unlocked: Unlocked, door: Journal, now: Any
) -> None:
    spans = (30, NOON_US - 20 * HOUR_US, NOON_US - 13 * HOUR_US), (10, NOON_US, NOON_US + 1)
    certified = certificate(door, now, started(door, now), *spans)
    placed = unlocked("hold", "add", *CASE, *DAY, "--category", "access_events")
    assert (
        "ALREADY DISPOSED: up to 10 of access_events of 2026-03-01 12:00:00 to 2026-03-01 12:00:00, "
        f"by certificate {certified} of the door"
    ) in placed.stdout
    as_json = unlocked("hold", "add", *CASE, *DAY, "--category", "access_events", "--json")
    (gone,) = json.loads(as_json.stdout)["already_disposed"]
    assert (gone["certificate"], gone["count_at_most"]) == (certified, 10)
    assert "DISPOSED" not in unlocked("hold", "add", *CASE, *DAY).stdout  # of footage, nothing was
    later = unlocked("hold", "add", *CASE, "--from", "2026-03-02", "--category", "access_events")
    assert "DISPOSED" not in later.stdout


def test_an_event_that_is_gone_is_named_and_one_that_is_there_is_not(
    unlocked: Unlocked, door: Journal, now: Any
) -> None:
    (there,) = door.append([NewEvent(EventType.DOOR_OPENED, "front", now())])
    at_us = there.stamp.wall_us
    certified = certificate(door, now, started(door, now), (40, at_us - HOUR_US, at_us + HOUR_US))
    of = (*CASE, "--category", "access_events", "--event")
    assert "DISPOSED" not in unlocked("hold", "add", *of, there.id).stdout
    gone = there.id[:-1] + ("0" if there.id[-1] != "0" else "1")
    assert f"by certificate {certified}" in unlocked("hold", "add", *of, gone).stdout


def test_a_disposal_that_is_under_way_is_waited_for(
    unlocked: Unlocked, settings: Settings, door: Journal, now: Any
) -> None:
    """It read the holds before this one was written, and ends after."""
    begun = started(door, now)
    certified: list[str] = []

    def finish() -> None:
        while not register(settings):
            time.sleep(0.01)
        certified.append(certificate(door, now, begun, (40, NOON_US, NOON_US + HOUR_US)))

    owner = threading.Thread(target=finish)
    owner.start()
    placed = unlocked("hold", "add", *CASE, *DAY, "--category", "access_events")
    owner.join()
    assert "ALREADY DISPOSED: up to 40 of access_events" in placed.stdout
    assert certified[0] in placed.stdout


def test_a_disposal_that_nobody_goes_on_with_is_told_of(
    unlocked: Unlocked, door: Journal, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.staff.holds.fate.WAIT_S", 0.0)
    started(door, now)
    placed = unlocked("hold", "add", *CASE, *DAY, "--category", "access_events")
    assert "whoever goes on with it spares what is held" in placed.stdout


def test_footage_is_told_by_when_it_ended(unlocked: Unlocked, settings: Settings, now: Any) -> None:
    path = Paths.of(settings).journal("recorder")
    with closing(Journal.open(path, service="recorder", stamp=now())) as journal:
        for at_us, count in ((NOON_US, 3), (NOON_US + DAY_US, 2), (NOON_US, 0)):
            data: dict[str, JsonValue] = {
                "category": "footage",
                "retention_days": 14,
                "due_from_us": at_us + 14 * DAY_US,
                "due_to_us": at_us + 14 * DAY_US + HOUR_US,
                "count": count,
            }
            journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, "droitwich", now(), data)])
    placed = unlocked("hold", "add", *CASE, *DAY)
    assert placed.stdout.count("ALREADY DISPOSED: up to 3 of footage of 2026-03-01 11:50:00") == 1
    assert placed.stdout.count("ALREADY DISPOSED") == 1


def test_memberships_and_registers_are_told_as_well(unlocked: Unlocked, settings: Settings, now: Any) -> None:
    paths, at_us = Paths.of(settings), now().wall_us
    certified = {}
    for service, category, data in (
        ("membership", "memberships", {}),
        ("console", "registers", {"placed_from_us": NOON_US, "ended_to_us": NOON_US + HOUR_US}),
    ):
        with closing(Journal.open(paths.journal(service), service=service, stamp=now())) as journal:
            said: dict[str, JsonValue] = {"category": category, "count": 7, **data}
            (event,) = journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, "droitwich", now(), said)])
        certified[category] = event.id
    assert at_us > NOON_US + DAY_US
    both = ("--category", "memberships", "--category", "registers")
    placed = unlocked("hold", "add", *CASE, *DAY, *both)
    # Memberships were kept on that day, and until they were dropped.
    assert "ALREADY DISPOSED: up to 7 of memberships" in placed.stdout
    assert f"by certificate {certified['memberships']} of the membership" in placed.stdout
    assert "ALREADY DISPOSED: up to 7 of registers of 2026-03-01 12:00:00" in placed.stdout
    assert f"by certificate {certified['registers']} of the console" in placed.stdout
    before = unlocked("hold", "add", *CASE, "--from", "2026-02-01", "--to", "2026-02-02", *both)
    assert before.stdout.count("ALREADY DISPOSED") == 1
