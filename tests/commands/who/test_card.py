"""Finding a card's events, and the second person where the policy wants one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from controller.core.event import Event, EventType
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.staff.naming import people
from controller.staff.naming import search as searching
from controller.store.journal_reader import JournalReader

Unlocked = Callable[..., Result]
POLICY = Path(__file__).parents[3] / "config" / "policies" / "worcestershire.toml"
CARD, OTHER = "20000000000018", "20000000000026"
WHY = ("--reason", "crime", "--need", "CR/77")
RANGE = ("--from", "2026-09-21 00:00", "--to", "2026-09-23 00:00")


def recorded(config: Path) -> list[Event]:
    reader = JournalReader(Paths.of(load(config)).journal("console"))
    try:
        return [event for event in reader.since(0) if event.type.value.startswith("identity.")]
    finally:
        reader.close()


def test_the_events_of_a_card_in_a_time(
    config: Path, authority: list[str], door: Callable[..., list[Event]], unlocked: Unlocked
) -> None:
    events = door(CARD, OTHER, "", CARD, CARD)
    found = unlocked("who", "card", *RANGE, *authority, *WHY, "--json", input=f"{CARD}\n")
    assert found.exit_code == 0, found.stderr
    assert [json.loads(line)["event"] for line in found.stdout.splitlines()] == [
        events[0].id,
        events[3].id,
        events[4].id,
    ]
    assert "4 of 4 sealed cards opened, 3 of them this one" in found.stderr
    assert CARD not in found.output
    (opened,) = recorded(config)
    assert (opened.data["boxes"], opened.data["found"], opened.data["unreadable"]) == (4, 3, 0)
    # To before: the last is at the very end of the shorter time.
    end_us = events[4].stamp.wall_us
    shorter = unlocked("who", "card", *RANGE[:2], "--to", at(end_us), *authority, *WHY, input=f"{CARD}\n")
    assert len(shorter.stdout.splitlines()) == 2


def test_the_card_that_was_searched_for_is_kept_sealed(
    config: Path, authority: list[str], door: Callable[..., list[Event]], unlocked: Unlocked
) -> None:
    door(OTHER)
    unlocked("who", "card", *RANGE, *authority, *WHY, input=f"{CARD}\n")
    (opened,) = recorded(config)
    named = unlocked("who", "event", opened.id, *authority, *WHY)
    assert named.stdout == f"{CARD}\n"


def test_a_search_that_is_interrupted_shows_nothing_and_is_recorded(
    config: Path,
    authority: list[str],
    door: Callable[..., list[Event]],
    unlocked: Unlocked,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door(CARD, CARD, CARD)
    trying = searching._try

    def interrupted(found: searching.Found, *given: Any) -> None:
        if found.boxes == 2:
            raise KeyboardInterrupt
        trying(found, *given)

    monkeypatch.setattr(searching, "_try", interrupted)
    found = unlocked("who", "card", *RANGE, *authority, *WHY, "--json", input=f"{CARD}\n")
    assert (found.exit_code, found.stdout) == (1, "")
    (opened,) = recorded(config)
    assert (opened.data["boxes"], opened.data["found"], opened.data["cancelled"]) == (2, 2, True)


def test_nothing_is_found_while_nobody_knows_what_is_restricted(
    config: Path,
    authority: list[str],
    door: Callable[..., list[Event]],
    unlocked: Unlocked,
    restrict: Callable[[Event], None],
) -> None:
    restrict(*door(CARD))
    Paths.of(load(config)).registers.write_bytes(b"no database at all" * 100)
    found = unlocked("who", "card", *RANGE, *authority, *WHY, input=f"{CARD}\n")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "nobody knows what is restricted" in found.stderr
    assert [event.data["cause"] for event in recorded(config)] == ["restrictions_unknown"]


def at(us: int) -> str:
    return datetime.fromtimestamp(us / 1_000_000, UTC).isoformat()


def test_what_is_restricted_is_counted_and_not_shown(
    authority: list[str],
    door: Callable[..., list[Event]],
    unlocked: Unlocked,
    restrict: Callable[[Event], None],
) -> None:
    first, second = door(CARD, CARD)
    restrict(first)
    found = unlocked("who", "card", *RANGE, *authority, *WHY, "--json", input=f"{CARD}\n")
    assert [json.loads(line)["event"] for line in found.stdout.splitlines()] == [second.id]
    assert "1 more are restricted" in found.stderr


def test_boxes_of_another_key_are_said_not_to_have_been_opened(
    authority: list[str], door: Callable[..., list[Event]], unlocked: Unlocked, tmp_path: Path
) -> None:
    door(CARD)
    new = ("--private-key-to", tmp_path / "new.pem", "--passphrase-file", tmp_path / "passphrase")
    assert unlocked("key", "rotate", *new).exit_code == 0
    door(CARD, start_us=1_790_000_100_000_000)
    found = unlocked("who", "card", *RANGE, *authority, *WHY, input=f"{CARD}\n")
    assert found.exit_code == 1
    assert len(found.stdout.splitlines()) == 1
    assert "1 of 2 sealed cards opened, 1 of them this one" in found.stderr
    assert "1 are sealed to the key" in found.stderr


@pytest.fixture
def two_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "needed", lambda _settings: people.Needed(2))


@pytest.mark.usefixtures("two_people")
def test_the_second_person_is_somebody_else_and_approves_that_card_once(
    config: Path,
    authority: list[str],
    door: Callable[..., list[Event]],
    unlocked: Unlocked,
    act_as: Callable[..., None],
) -> None:
    door(CARD, OTHER)
    act_as("first")
    waiting = unlocked("who", "card", *RANGE, *WHY, input=f"{CARD}\n")
    assert (waiting.exit_code, waiting.stdout) == (3, "")
    (ask,) = recorded(config)

    def search(card: str = CARD, ask_id: str = ask.id, need: str = "CR/77") -> Result:
        why = ("--reason", "crime", "--need", need)
        return unlocked("who", "card", "--approved", ask_id, *authority, *why, input=f"{card}\n")

    assert "nobody has approved it yet" in search().stderr
    assert "it takes two people" in unlocked("who", "approve", ask.id).stderr
    act_as("second")
    approved = unlocked("who", "approve", ask.id)
    assert approved.exit_code == 0
    assert "asks to find where a card was used from 2026-09-21 00:00:00 to 2026-09-23" in approved.stderr
    assert "reason: crime, need: CR/77" in approved.stderr
    assert "it takes two people" in search().stderr
    act_as("first")
    assert "something else was asked for" in search(need="CR/78").stderr
    assert "something else was asked for" in search(card=OTHER).stderr
    assert "nothing was asked for" in search(ask_id="nothing").stderr
    found = search()
    assert found.exit_code == 0, found.stderr
    assert len(found.stdout.splitlines()) == 1
    assert "it was done already" in search().stderr
    assert [event.type for event in recorded(config)].count(EventType.IDENTITY_OPENED) == 1


@pytest.mark.usefixtures("two_people")
def test_an_approval_counts_once_also_for_two_who_type_the_passphrase_at_the_same_time(
    config: Path,
    authority: list[str],
    door: Callable[..., list[Event]],
    unlocked: Unlocked,
    act_as: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door(CARD)
    act_as("first")
    unlocked("who", "card", *RANGE, *WHY, input=f"{CARD}\n")
    (ask,) = recorded(config)
    act_as("second")
    unlocked("who", "approve", ask.id)
    act_as("first")
    opening = searching._search

    def search() -> Result:
        return unlocked("who", "card", "--approved", ask.id, *authority, *WHY, input=f"{CARD}\n")

    def meanwhile(*given: Any) -> None:
        monkeypatch.setattr(searching, "_search", opening)
        assert search().exit_code == 0
        opening(*given)

    monkeypatch.setattr(searching, "_search", meanwhile)
    late = search()
    assert (late.exit_code, late.stdout) == (1, "")
    assert "it was done already" in late.stderr
    assert [event.type for event in recorded(config)].count(EventType.IDENTITY_OPENED) == 1


def test_two_people_are_needed_where_the_policy_cannot_be_read(
    config: Path, authority: list[str], door: Callable[..., list[Event]], unlocked: Unlocked, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("id = 7\n")
    config.write_text(config.read_text().replace(str(POLICY), str(policy)))
    (event,) = door(CARD)
    waiting = unlocked("who", "event", event.id, *authority, *WHY)
    assert waiting.exit_code == 3
    assert "two people are needed" in waiting.stderr
