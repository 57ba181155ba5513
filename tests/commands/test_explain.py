"""``unlocked explain``: the door's own answer in words, for any time, and no card number left anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.event import JsonValue
from controller.ipc import client
from controller.ipc.messages import Reply
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader
from simulator.members import STRANGER, cast, write_csv

Unlocked = Callable[..., Result]
# The example's branch: open to cards on Mondays from 8 to 20, staffed on Tuesdays from 10 to 17.
TODAY = date(2026, 11, 23)
MEMBERS = cast(TODAY)
MONDAY, SUNDAY, TUESDAY = "2026-11-23 09:00", "2026-11-22 12:00", "2026-11-24 12:00"


@pytest.fixture(autouse=True)
def members(unlocked: Unlocked, tmp_path: Path) -> None:
    assert unlocked("init", "--throw-away").exit_code == 0
    write_csv(tmp_path / "members.csv", MEMBERS.values())
    assert unlocked("members", "import", tmp_path / "members.csv").exit_code == 0


def explained(unlocked: Unlocked, label: str, *arguments: str) -> str:
    card = STRANGER if label == "stranger" else MEMBERS[label].card
    result = unlocked("explain", *arguments, input=f"{card}\n")
    assert result.exit_code == 0, result.stderr
    assert card not in result.output
    return result.stdout


SAID = [
    ("member 1", MONDAY, "let in"),
    ("member 1", MONDAY, "The membership is in order"),
    ("member 1", SUNDAY, "refused, closed_hours"),
    ("member 1", SUNDAY, "The branch is closed until Mon 23 November 2026, 08:00."),
    ("member 1", SUNDAY, "Next: Mon 23 November 2026, 08:00."),
    ("cleaner", SUNDAY, "Next: Mon 23 November 2026, 06:00."),
    ("member 1", TUESDAY, "no card is needed"),
    ("member 1", TUESDAY, "Staff are in"),
    ("stranger", MONDAY, "refused, unknown_card"),
    ("expired", MONDAY, f"expired with {TODAY - timedelta(days=365)}"),
    ("suspended", MONDAY, "refused, suspended"),
    ("not enrolled", MONDAY, "No induction to unstaffed hours is on record."),
    ("not inducted", MONDAY, "No induction to unstaffed hours is on record."),
    ("grant not begun", MONDAY, f"begins on {TODAY + timedelta(days=365)}"),
    ("grant ended", MONDAY, f"ended with {TODAY - timedelta(days=365)}"),
    ("cleaner", "2026-11-23 06:30", "let in"),
    ("cleaner", MONDAY, 'Cards of category "cleaner" have hours of their own'),
    ("member 1", "2026-11-23 06:30", "refused, closed_hours"),
]


def test_it_says_what_the_door_would_do_and_why(unlocked: Unlocked) -> None:
    # One branch for all of them: to make one takes longer than to ask it.
    for label, at, said in SAID:
        assert said in explained(unlocked, label, "--at", at), (label, at)


def test_dates_bank_holidays_clear_out_and_last_entry_count(unlocked: Unlocked, config: Path) -> None:
    text = config.read_text().replace("[hours.dates]\n", '[hours.dates]\n"2026-12-27 to 2026-12-30" = {}\n')
    text = text.replace("#clear_out_min = 0", "clear_out_min = 15")
    config.write_text(text.replace("#last_entry_min = 0", "last_entry_min = 30"))
    for at, *words in (
        ("2026-11-24 17:10", "refused, clear_out", "until Tue 24 November 2026, 17:15", "Next: Tue 24"),
        ("2026-11-24 17:15", "let in"),
        ("2026-11-24 19:30", "refused, last_entry", "at Tue 24 November 2026, 20:00", "Next: Wed 25"),
        # Christmas Day is a Friday, and 28 December stands in for Boxing Day: a Monday, and in hours.dates.
        ("2026-12-25 09:00", "refused, closed_hours", "Next: Thu 31 December 2026, 08:00."),
        ("2027-01-01 09:00", "refused, closed_hours", "closed until Sat 02 January 2027, 10:00."),
    ):
        said = explained(unlocked, "member 1", "--at", at)
        assert all(each in said for each in words), said


def test_it_says_what_is_known_of_the_membership(unlocked: Unlocked) -> None:
    said = explained(unlocked, "grant ended", "--at", MONDAY)
    for expected in ("membership:    active, until the end of 2027-11-23", "category:      adult", "reached"):
        assert expected in said


def test_a_card_can_be_an_argument_though_it_should_not(unlocked: Unlocked) -> None:
    result = unlocked("explain", "--card", MEMBERS["expired"].card, "--at", MONDAY)
    assert "refused, expired" in result.stdout


def test_the_lists_of_the_branch_count(unlocked: Unlocked) -> None:
    unlocked("members", "block", input=MEMBERS["blocked"].card)
    assert "Staff at this branch have blocked the card." in explained(unlocked, "blocked", "--at", MONDAY)
    unlocked("members", "allow", "--until", "2099-01-01", input=STRANGER)
    assert "list of allowed cards until the end of 2099-01-01" in explained(
        unlocked, "stranger", "--at", MONDAY
    )


def test_without_a_time_it_is_now_and_a_silent_door_is_said(unlocked: Unlocked) -> None:
    assert "the door does not answer" in explained(unlocked, "member 1")


@pytest.mark.parametrize(
    ("mode", "more", "said"),
    [
        ("lockdown", {}, "refused, lockdown"),
        ("fire in lockdown", {}, "refused, lockdown"),
        ("evacuation", {}, "refused, evacuation"),
        ("fire", {}, "refused, evacuation"),
        ("locked", {"clock_trusted": False}, "refused, clock_untrusted"),
    ],
)
def test_now_is_as_the_door_says_it_is(
    unlocked: Unlocked, monkeypatch: pytest.MonkeyPatch, mode: str, more: dict[str, JsonValue], said: str
) -> None:
    data: dict[str, JsonValue] = {"clock_trusted": True, "doors": {"front": {"mode": mode}}, **more}
    monkeypatch.setattr(client, "ask", lambda *_arguments, **_more: Reply(done=True, data=data))
    told = explained(unlocked, "member 1")
    assert said in told
    assert "does not answer" not in told
    assert "refused" not in explained(unlocked, "member 1", "--at", MONDAY)


def test_a_full_branch_is_said(unlocked: Unlocked, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data: dict[str, JsonValue] = {
        "clock_trusted": True,
        "doors": {"front": {"mode": "locked"}},
        "occupancy": {"full": True},
    }
    monkeypatch.setattr(client, "ask", lambda *_arguments, **_more: Reply(done=True, data=data))
    # Cleaners come at any time, and staff never.
    text = re.sub(r"(\[hours.staffed\]\n)([a-z]{3} = .*\n)+", r"\1", config.read_text())
    always = "".join(
        f'{day} = ["00:00-24:00"]\n' for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    )
    text, changed = re.subn(r"(\[categories.cleaner.hours\]\n)([a-z]{3} = .*\n)+", rf"\1{always}", text)
    assert changed
    config.write_text(text)
    assert "refused, full" in explained(unlocked, "cleaner")


def test_json_is_for_programs(unlocked: Unlocked) -> None:
    told = json.loads(explained(unlocked, "expired", "--at", MONDAY, "--json"))
    assert (told["opens"], told["reason"]) == (False, "expired")
    assert told["next_us"] == 1_795_514_400_000_000  # staff are in from 10:00 on Tuesday: no card is needed
    assert told["known"]["category"] == "adult"
    assert json.loads(explained(unlocked, "member 1", "--at", MONDAY, "--json"))["opens"] is True


def test_that_it_was_asked_is_journalled_and_the_card_sealed_if_it_is_known(
    unlocked: Unlocked, settings: Settings, tmp_path: Path
) -> None:
    explained(unlocked, "member 1", "--at", MONDAY)
    explained(unlocked, "stranger")
    reader = JournalReader(Paths.of(settings).journal("console"))
    first, second = [event for event in reader.read(0) if event.type == "access.explained"]
    reader.close()
    assert first.subject == "front"
    assert first.data == {"reader": "in", "at_us": 1_795_424_400_000_000}
    assert second.data["at_us"] is None
    for file in (tmp_path / "state").rglob("*.db*"):
        assert STRANGER.encode() not in file.read_bytes()
        assert MEMBERS["member 1"].card.encode() not in file.read_bytes()


def test_memberships_that_cannot_be_read_are_said_to_be_at_fault(
    unlocked: Unlocked, settings: Settings
) -> None:
    Paths.of(settings).members.write_bytes(b"not a database at all, but long enough to be looked at")
    said = explained(unlocked, "member 1", "--at", MONDAY)
    assert "refused, membership_stale" in said
    assert "members.db" in said


def test_a_door_that_is_not_there_is_said(unlocked: Unlocked) -> None:
    result = unlocked("explain", "--door", "back", input=STRANGER)
    assert result.exit_code == 2
    assert "no such door or reader; the settings have these doors (readers): front (in)" in result.stderr


def test_the_table_is_the_page_s(unlocked: Unlocked) -> None:
    page = Path(__file__).parents[2] / "docs" / "access.md"
    table = unlocked("explain", "--table").stdout
    assert table.startswith("## What is decided")
    assert page.read_text().endswith(table)


def test_where_the_door_would_ask_first_it_says_so(unlocked: Unlocked, config: Path) -> None:
    text = config.read_text()
    assert text.count("#[lms]\n") == text.count("#[lms.sip2]\n") == 1
    text = text.replace("#[lms]\n", "[lms]\n").replace("#[lms.sip2]\n", "[lms.sip2]\n")
    config.write_text(text.replace('#dialect = "', 'dialect = "').replace("#host = ", "host = ", 1))
    said = explained(unlocked, "stranger", "--at", MONDAY)
    assert "refused, not_checked" in said
    assert "The door asks the library management system about this card first" in said
    assert "asks the library" not in explained(unlocked, "stranger", "--at", SUNDAY)
    told = json.loads(explained(unlocked, "stranger", "--at", MONDAY, "--json"))
    assert (told["reason"], told["asks_first"]) == ("not_checked", True)


@pytest.mark.parametrize("at", ["tomorrow", "45m"])
def test_a_bad_time_is_answered_with_a_good_one(unlocked: Unlocked, at: str) -> None:
    result = unlocked("explain", "--at", at, input=f"{STRANGER}\n")
    assert result.exit_code == 2
    assert f'"{at}" is not a time such as "2026-11-21 18:00" (local)\n' in result.stderr
