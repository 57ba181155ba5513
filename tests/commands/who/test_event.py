"""Naming the member of an event: with the role, the key, a reason and a need, and never without a record."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.event import Event, EventType
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader

Unlocked = Callable[..., Result]
CARD, OTHER = "20000000000018", "20000000000026"
WHY = ("--reason", "security_incident", "--need", "INC-2026-014")


def recorded(config: Path) -> list[Event]:
    reader = JournalReader(Paths.of(load(config)).journal("console"))
    try:
        return [event for event in reader.since(0) if event.type.value.startswith("identity.")]
    finally:
        reader.close()


def test_whose_card_it_was(
    config: Path, authority: list[str], door: Callable[..., list[Event]], unlocked: Unlocked
) -> None:
    _, event = door(OTHER, CARD)
    named = unlocked("who", "event", event.id, *authority, *WHY)
    assert (named.exit_code, named.stdout) == (0, f"{CARD}\n")
    (opened,) = recorded(config)
    assert opened.type is EventType.IDENTITY_OPENED
    assert (opened.data["event"], opened.data["reason"], opened.data["need"], opened.data["found"]) == (
        event.id,
        "security_incident",
        "INC-2026-014",
        1,
    )
    assert CARD not in json.dumps(dict(opened.data))
    told = unlocked("who", "event", event.id, *authority, *WHY, "--json")
    assert json.loads(told.stdout) == {"event": event.id, "card": CARD}


@pytest.mark.parametrize(
    ("table", "cause"),
    [
        ('roles = ["cctv"]\ntrained_until = 2999-01-01', "no_role"),
        ('roles = ["supervisor"]\ntrained_until = 2026-01-01', "training_lapsed"),
        ('roles = ["supervisor"]', "training_lapsed"),
    ],
)
def test_without_the_role_or_its_training_nobody_is_named(
    config: Path,
    authority: list[str],
    door: Callable[..., list[Event]],
    unlocked: Unlocked,
    act_as: Callable[..., None],
    table: str,
    cause: str,
) -> None:
    (event,) = door(CARD)
    act_as("assistant", table)
    named = unlocked("who", "event", event.id, *authority, *WHY)
    assert named.exit_code == 1
    assert "assistant" in named.stderr
    (refused,) = recorded(config)
    assert (refused.type, refused.data["cause"]) == (EventType.IDENTITY_REFUSED, cause)
    assert refused.data["user"] == "assistant"


def test_a_wrong_passphrase_is_recorded(
    config: Path,
    authority: list[str],
    door: Callable[..., list[Event]],
    unlocked: Unlocked,
    tmp_path: Path,
) -> None:
    (event,) = door(CARD)
    (tmp_path / "passphrase").write_text("something else entirely")
    named = unlocked("who", "event", event.id, *authority, *WHY)
    assert named.exit_code == 1
    assert "the passphrase is wrong" in named.stderr
    assert CARD not in named.output
    assert [event.type for event in recorded(config)] == [EventType.IDENTITY_REFUSED]


def test_what_cannot_be_named(
    config: Path, authority: list[str], door: Callable[..., list[Event]], unlocked: Unlocked
) -> None:
    (stranger,) = door("")
    assert "no card is sealed" in unlocked("who", "event", stranger.id, *authority, *WHY).stderr
    assert "no such event" in unlocked("who", "event", "nothing", *authority, *WHY).stderr
    assert unlocked("who", "event", stranger.id, *authority, "--reason", "curiosity").exit_code == 2
    assert not Paths.of(load(config)).journal("console").exists()


def test_a_box_in_another_place_does_not_open(
    config: Path, authority: list[str], door: Callable[..., list[Event]], unlocked: Unlocked
) -> None:
    first, second = door(CARD, OTHER)
    journal = sqlite3.connect(Paths.of(load(config)).journal("door"))
    with journal:
        (box,) = journal.execute("SELECT box FROM sealed WHERE seq = ?", (second.seq,)).fetchone()
        journal.execute("UPDATE sealed SET box = ? WHERE seq = ?", (box, first.seq))
    journal.close()
    named = unlocked("who", "event", first.id, *authority, *WHY)
    assert named.exit_code == 1
    assert "verify the journal" in named.stderr
    assert OTHER not in named.output
    assert recorded(config)[-1].data["unreadable"] == 1


def test_a_restricted_event_is_named_for_the_member_alone(
    authority: list[str],
    door: Callable[..., list[Event]],
    unlocked: Unlocked,
    restrict: Callable[[Event], None],
) -> None:
    (event,) = door(CARD)
    restrict(event)
    named = unlocked("who", "event", event.id, *authority, *WHY)
    assert named.exit_code == 1
    assert "restricted" in named.stderr
    assert CARD not in named.output
    own = unlocked("who", "event", event.id, *authority, "--reason", "subject_request", "--need", "SAR-1")
    assert own.stdout == f"{CARD}\n"


def test_after_a_change_of_keys_each_opens_its_own(
    config: Path,
    authority: list[str],
    door: Callable[..., list[Event]],
    unlocked: Unlocked,
    tmp_path: Path,
) -> None:
    (before,) = door(CARD)
    passphrase, new = tmp_path / "passphrase", tmp_path / "new.pem"
    rotated = unlocked("key", "rotate", "--private-key-to", new, "--passphrase-file", passphrase)
    assert rotated.exit_code == 0, rotated.output
    (after,) = door(OTHER, start_us=1_790_000_100_000_000)
    assert unlocked("who", "event", before.id, *authority, *WHY).stdout == f"{CARD}\n"
    missing = unlocked("who", "event", after.id, *authority, *WHY)
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "bring that one's file" in missing.stderr
    both = unlocked("who", "event", after.id, *authority, "--key", new, *WHY)
    assert both.stdout == f"{OTHER}\n"
    listed = [json.loads(line) for line in unlocked("key", "list", "--json").stdout.splitlines()]
    assert [(one["current"], one["boxes"]) for one in listed] == [(True, 1), (False, 1)]


def test_a_lost_key_file_is_made_anew_from_its_sheet(
    authority: list[str], door: Callable[..., list[Event]], unlocked: Unlocked, tmp_path: Path
) -> None:
    (event,) = door(CARD)
    sheet, new = tmp_path / "authority.recovery.txt", tmp_path / "again.pem"
    (tmp_path / "passphrase").write_text("another long passphrase")
    options = ("--private-key-to", new, "--passphrase-file", tmp_path / "passphrase")
    assert unlocked("key", "restore", sheet, *options).exit_code == 0
    again = ("--key", new, "--passphrase-file", tmp_path / "passphrase")
    assert unlocked("who", "event", event.id, *again, *WHY).stdout == f"{CARD}\n"
    sheet.write_text(sheet.read_text().replace("1  ", "1  00", 1))
    wrong = unlocked("key", "restore", sheet, "--private-key-to", tmp_path / "third.pem", *options[2:])
    assert (wrong.exit_code, "line 1" in wrong.stderr) == (1, True)
