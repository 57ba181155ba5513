"""Blocking and allowing a handful of cards, and that no card number is left anywhere but sealed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.card import CardNumber
from controller.core.event import Event
from controller.core.membership import Listed, Listing
from controller.secrets import credentials, site_key
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader
from controller.store.members import Members

Unlocked = Callable[..., Result]
CARD = "00000000000009"
# Of the example's branch, which is in the United Kingdom; two days off, no midnight matters.
LATER = datetime.now(UTC).date() + timedelta(days=2)


@pytest.fixture(autouse=True)
def keys(unlocked: Unlocked) -> None:
    assert unlocked("init", "--throw-away").exit_code == 0


def listed(settings: Settings, card: str = CARD) -> Listed | None:
    key = credentials.read("site-key", Paths.of(settings).secrets)
    members = Members(Paths.of(settings).members)
    try:
        return members.find(site_key.member_ref(key, CardNumber(card))).listed
    finally:
        members.close()


def journalled(settings: Settings) -> list[Event]:
    reader = JournalReader(Paths.of(settings).journal("console"))
    try:
        return reader.read(0)
    finally:
        reader.close()


@pytest.mark.parametrize(
    ("arguments", "place", "said"),
    [
        (("block",), Listed(Listing.BLOCKED, None), "the card is blocked, until unblocked"),
        (
            ("block", "--until", LATER),
            Listed(Listing.BLOCKED, LATER),
            f"blocked, until the end of {LATER}",
        ),
        (
            ("allow", "--until", LATER),
            Listed(Listing.ALLOWED, LATER),
            f"allowed, until the end of {LATER}",
        ),
    ],
)
def test_a_card_is_put_on_a_list_and_that_is_journalled(
    unlocked: Unlocked, settings: Settings, tmp_path: Path, arguments, place: Listed, said: str
) -> None:
    result = unlocked("members", *arguments, input=f"{CARD}\n")
    assert result.exit_code == 0
    assert said in result.stdout
    assert listed(settings) == place
    (event,) = journalled(settings)
    assert event.type == "membership.listed"
    until = place.until.isoformat() if place.until else None
    assert event.data == {"list": place.listing.value, "until": until}
    assert CARD not in result.output
    for file in (tmp_path / "state").rglob("*.db*"):
        assert CARD.encode() not in file.read_bytes()


def test_the_card_is_sealed_in_the_journal_for_the_authority(unlocked: Unlocked, settings: Settings) -> None:
    unlocked("members", "block", input=f"{CARD}\n")
    with closing(sqlite3.connect(Paths.of(settings).journal("console"))) as journal:
        assert journal.execute("SELECT seq, field FROM sealed").fetchall() == [(1, "card")]


@pytest.mark.parametrize(
    ("put", "take", "name"),
    [(("block",), "unblock", "blocked"), (("allow", "--until", LATER), "disallow", "allowed")],
)
def test_a_card_is_taken_off_its_list_once(
    unlocked: Unlocked, settings: Settings, put, take: str, name: str
) -> None:
    unlocked("members", *put, input=f"{CARD}\n")
    result = unlocked("members", take, input=f"{CARD}\n")
    assert f"the card is {name} no more" in result.stdout
    assert listed(settings) is None
    assert [event.type for event in journalled(settings)] == ["membership.listed", "membership.unlisted"]
    again = unlocked("members", take, input=f"{CARD}\n")
    assert again.exit_code == 1
    assert f"the card was not {name}" in again.stderr
    assert len(journalled(settings)) == 2


def test_nobody_is_allowed_without_an_end(unlocked: Unlocked) -> None:
    result = unlocked("members", "allow", input=f"{CARD}\n")
    assert result.exit_code == 2
    assert "--until" in result.stderr


def test_a_day_that_is_over_is_refused(unlocked: Unlocked, settings: Settings) -> None:
    result = unlocked("members", "allow", "--until", date(2020, 1, 1), input=f"{CARD}\n")
    assert result.exit_code == 1
    assert "2020-01-01 is over" in result.stderr
    assert listed(settings) is None


def test_what_is_no_card_is_refused_and_not_shown(unlocked: Unlocked) -> None:
    result = unlocked("members", "block", input="12345\n")
    assert result.exit_code == 1
    assert "no card number of this branch" in result.stderr
    assert "12345" not in result.output


def test_the_status_counts_the_lists(unlocked: Unlocked) -> None:
    unlocked("members", "block", input=f"{CARD}\n")
    assert "1 cards blocked, 0 cards allowed" in unlocked("members", "status").stdout
    assert '"blocked": 1' in unlocked("members", "status", "--json").stdout
