"""What staff are told of one card, and that nobody learns from it whose it is."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.card import CardNumber
from controller.core.event import Event
from controller.core.membership import Listed, Listing, Membership
from controller.secrets import credentials, site_key
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader
from controller.store.live_answers import LiveAnswers
from controller.store.members_owner import MembersOwner
from simulator.members import valid_membership

Unlocked = Callable[..., Result]
Lines = Callable[..., list[str]]
CARD = "00000000000009"
HOUR_US = 3_600_000_000
TODAY = datetime.now(UTC).date()
ADULT = valid_membership(TODAY)


@pytest.fixture(autouse=True)
def keys(unlocked: Unlocked) -> None:
    assert unlocked("init", "--throw-away").exit_code == 0


@pytest.fixture
def member_ref(settings: Settings) -> bytes:
    key = credentials.read("site-key", Paths.of(settings).secrets)
    return site_key.member_ref(key, CardNumber(CARD))


@pytest.fixture
def owner(settings: Settings) -> Iterator[MembersOwner]:
    with closing(MembersOwner.open(Paths.of(settings).members)) as opened:
        yield opened


@pytest.fixture
def live(settings: Settings) -> Iterator[LiveAnswers]:
    with closing(LiveAnswers.open(Paths.of(settings).members)) as opened:
        yield opened


@pytest.fixture
def lines(unlocked: Unlocked) -> Lines:
    def run(*arguments: str) -> list[str]:
        result = unlocked("members", "find", *arguments, input=f"{CARD}\n")
        assert result.exit_code == 0
        assert CARD not in result.output
        return result.stdout.splitlines()

    return run


def ago(hours: float) -> int:
    return time.time_ns() // 1000 - round(hours * HOUR_US)


def import_one(owner: MembersOwner, member_ref: bytes, membership: Membership, hours: float) -> None:
    owner.import_set([(2, member_ref, membership)], as_of_us=ago(hours), key_id="0123abcd")


def journalled(settings: Settings) -> tuple[Event, list[tuple[int, str]]]:
    path = Paths.of(settings).journal("console")
    with closing(JournalReader(path)) as reader, closing(sqlite3.connect(path)) as journal:
        (event,) = reader.read(0)
        return event, journal.execute("SELECT seq, field FROM sealed").fetchall()


def test_an_imported_membership_is_shown_with_its_source_and_age(
    lines: Lines, owner: MembersOwner, member_ref: bytes
) -> None:
    import_one(owner, member_ref, ADULT, 3)
    shown = lines()
    assert shown[:7] == [
        f"membership:    active, until the end of {ADULT.expires}",
        "category:      adult",
        f"induction:     {ADULT.inducted_on}",
        f"entitlement:   from {ADULT.granted_from} on",
        "minimum age:   reached",
        "guardian:      no",
        "told by:       the import",
    ]
    assert shown[7].startswith("as of:         ")
    assert shown[7].endswith(", 3 h ago")
    assert shown[8:] == [
        "In unstaffed hours: let in. The membership is in order, and the door opens to it.",
        "Left aside: hours, lockdown, PIN and whatever else `unlocked explain` considers.",
    ]


def test_a_newer_live_answer_is_shown_instead(
    lines: Lines, owner: MembersOwner, live: LiveAnswers, member_ref: bytes
) -> None:
    import_one(owner, member_ref, ADULT, 3)
    expired = replace(ADULT, expires=date(2020, 1, 31), category="pupil", as_of_us=ago(0.3))
    live.keep(member_ref, expired, "0123abcd")
    shown = lines()
    assert "category:      pupil" in shown
    assert "told by:       a live answer" in shown
    assert any(line.endswith(", 18 min ago") for line in shown)
    assert "In unstaffed hours: refused, expired. The membership expired with 2020-01-31." in shown


def test_an_old_copy_is_said_not_to_be_believed(lines: Lines, owner: MembersOwner, member_ref: bytes) -> None:
    import_one(owner, member_ref, ADULT, 24 * 8)
    shown = lines()
    assert shown[7].endswith(", 8 days ago")
    assert shown[8].startswith("In unstaffed hours: refused, membership_stale. ")


def test_a_card_on_a_list_is_shown_with_it(lines: Lines, owner: MembersOwner, member_ref: bytes) -> None:
    owner.put_on_list(member_ref, Listed(Listing.ALLOWED, TODAY), TODAY)
    shown = lines()
    assert shown[0] == f"list:          allowed until the end of {TODAY}"
    assert shown[1].startswith("In unstaffed hours: let in. ")


def test_looking_is_journalled_with_the_card_sealed(
    lines: Lines, settings: Settings, owner: MembersOwner, member_ref: bytes, tmp_path: Path
) -> None:
    import_one(owner, member_ref, ADULT, 3)
    lines()
    event, sealed = journalled(settings)
    assert (event.type, event.subject, event.data) == ("membership.shown", "members", {"known": True})
    assert sealed == [(event.seq, "card")]
    for file in (tmp_path / "state").rglob("*.db*"):
        assert CARD.encode() not in file.read_bytes()


def test_of_a_stranger_s_card_nothing_is_kept(lines: Lines, settings: Settings) -> None:
    assert lines()[0].startswith("In unstaffed hours: refused, unknown_card. ")
    event, sealed = journalled(settings)
    assert event.data == {"known": False}
    assert sealed == []


def test_a_card_that_is_gone_is_a_stranger_s(
    lines: Lines, settings: Settings, owner: MembersOwner, live: LiveAnswers, member_ref: bytes
) -> None:
    import_one(owner, member_ref, ADULT, 3)
    live.evict(member_ref, ago(1))
    assert "said at" in lines()[0]
    assert lines()[0].endswith(" that it has no such card any more.")
    with closing(sqlite3.connect(Paths.of(settings).journal("console"))) as journal:
        assert journal.execute("SELECT count(*) FROM sealed").fetchone() == (0,)


def test_the_same_as_one_line_of_json(
    lines: Lines, owner: MembersOwner, live: LiveAnswers, member_ref: bytes
) -> None:
    as_of_us = ago(1)
    live.keep(member_ref, replace(ADULT, as_of_us=as_of_us), "0123abcd")
    (line,) = lines("--json")
    told = json.loads(line)
    assert (told["as_of_us"], told["live"], told["gone_us"]) == (as_of_us, True, None)
    assert (told["known"]["category"], told["verdict"]) == ("adult", "let in")
    live.evict(member_ref, as_of_us + 1)
    (line,) = lines("--json")
    told = json.loads(line)
    assert (told["known"], told["as_of_us"], told["gone_us"]) == ({}, None, as_of_us + 1)


@pytest.mark.parametrize("typed", ["12345\n", "\n", "0000000000000|\n"])
def test_what_is_no_card_is_refused_and_not_shown(unlocked: Unlocked, typed: str) -> None:
    result = unlocked("members", "find", input=typed)
    assert result.exit_code == 1
    assert "no card number of this branch" in result.stderr
    assert typed.strip() == "" or typed.strip() not in result.output


def test_the_number_is_no_argument(unlocked: Unlocked) -> None:
    assert unlocked("members", "find", CARD).exit_code == 2
