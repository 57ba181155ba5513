"""Ending and reviewing holds: who may, and the second person."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.event import Event
from controller.core.hold import DAY_US, Hold
from controller.core.proposal import Outcome
from controller.settings import shipped
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader
from controller.store.registers import RegistersReader

Unlocked = Callable[..., Result]
LogIn = Callable[[int], None]
FIRST, SECOND, DPO, LAPSED = 5001, 5002, 5003, 5004
TABLES = "".join(
    f'[[staff]]\naccount = "{uid}"\nroles = ["{role}"]\ntrained_until = {until}\n\n'
    for uid, role, until in (
        (FIRST, "supervisor", "2099-01-01"),
        (SECOND, "supervisor", "2099-01-01"),
        (DPO, "dpo", "2099-01-01"),
        (LAPSED, "supervisor", "2026-01-01"),
    )
)
CASE = ("--authority", "Police", "--reference", "22/1/26", "--from", "1h")


@pytest.fixture
def staff(config: Path, tmp_path: Path) -> Path:
    """Two supervisors, the data protection officer, and a supervisor whose training has lapsed."""
    profile = tmp_path / "policy.toml"
    profile.write_text(shipped.profiles()["worcestershire"].read_text())
    text = config.read_text().replace(str(shipped.profiles()["worcestershire"]), str(profile))
    config.write_text(text.replace("[[staff]]", TABLES + "[[staff]]", 1))
    return profile


@pytest.fixture
def two_people(staff: Path) -> None:
    text = staff.read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("people_to_end ="))
    staff.write_text(
        text.replace(line, "people_to_end = 2").replace("cooling_off_days = 7", "cooling_off_days = 14")
    )


@pytest.fixture
def hold(unlocked: Unlocked, staff: Path, settings: Settings, log_in: LogIn) -> Hold:
    """Placed by somebody without any role."""
    log_in(5000)
    assert unlocked("hold", "add", *CASE).exit_code == 0
    return register(settings)[0]


def register(settings: Settings) -> list[Hold]:
    with closing(RegistersReader(Paths.of(settings).registers)) as reader:
        return reader.holds()


def events(settings: Settings) -> list[Event]:
    with closing(JournalReader(Paths.of(settings).journal("console"))) as reader:
        return reader.read(0)


@pytest.mark.parametrize(
    ("uid", "why"),
    [
        (5000, "is in no [[staff]] table"),
        (DPO, 'does not have the role "supervisor"'),
        (LAPSED, "the training of 5004 ended on 2026-01-01"),
    ],
)
def test_a_hold_is_ended_by_a_trained_supervisor_alone(
    unlocked: Unlocked, settings: Settings, hold: Hold, log_in: LogIn, uid: int, why: str
) -> None:
    assert hold.placed_by == "5000"
    log_in(uid)
    refused = unlocked("hold", "end", hold.id, "--reason", "case closed")
    assert (refused.exit_code, why in refused.stderr) == (1, True)
    assert register(settings) == [hold]


def test_it_is_known_who_ended_it(unlocked: Unlocked, settings: Settings, hold: Hold, log_in: LogIn) -> None:
    log_in(FIRST)
    assert unlocked("hold", "end", hold.id).exit_code == 2  # no reason
    ended = unlocked("hold", "end", hold.id, "--reason", "case closed", "--json")
    assert json.loads(ended.stdout) == {"id": hold.id, "ended": True, "by": "5001"}
    (now,) = register(settings)
    assert (now.ended_by, now.end_reason, now.cooling_off_days) == ("5001", "case closed", 7)


@pytest.mark.usefixtures("two_people")
def test_where_the_profile_asks_for_two_the_second_confirms(
    unlocked: Unlocked, settings: Settings, hold: Hold, log_in: LogIn
) -> None:
    log_in(FIRST)
    proposed = unlocked("hold", "end", hold.id, "--reason", "case closed")
    assert "another supervisor confirms it" in proposed.stdout
    assert register(settings) == [hold]
    assert "5001 proposes to end it" in unlocked("hold", "list").stdout
    again = unlocked("hold", "end", hold.id)
    assert (again.exit_code, "5001 has proposed this" in again.stderr) == (1, True)
    log_in(LAPSED)
    assert unlocked("hold", "end", hold.id).exit_code == 1
    log_in(SECOND)
    assert "stays for 14 days more" in unlocked("hold", "end", hold.id).stdout
    (now,) = register(settings)
    assert (now.ended_by, now.end_reason, now.cooling_off_days) == ("5002", "case closed", 14)
    told = [(event.type.value, event.data["user"]) for event in events(settings)]
    assert told == [("hold.added", "5000"), ("hold.end_proposed", "5001"), ("hold.ended", "5002")]
    assert all("case closed" not in str(event.data) for event in events(settings))


@pytest.mark.usefixtures("two_people")
def test_a_review_keeps_the_hold_and_withdraws_the_proposal(
    unlocked: Unlocked, settings: Settings, hold: Hold, log_in: LogIn
) -> None:
    log_in(FIRST)
    unlocked("hold", "end", hold.id, "--reason", "case closed")
    log_in(DPO)
    reviewed = unlocked("hold", "review", hold.id, "--review-days", "30", "--json")
    assert json.loads(reviewed.stdout)["reviewed_by"] == "5003"
    (now,) = register(settings)
    assert now.reviewed_us is not None
    assert now.review_us - now.reviewed_us == 30 * DAY_US
    assert events(settings)[-1].type.value == "hold.reviewed"
    with closing(RegistersReader(Paths.of(settings).registers)) as reader:
        (proposal,) = reader.proposals()
    assert (proposal.outcome, proposal.decided_by) == (Outcome.WITHDRAWN, "5003")
    log_in(SECOND)
    assert "is proposed" in unlocked("hold", "end", hold.id, "--reason", "closed after all").stdout


def test_a_review_is_of_those_who_may(unlocked: Unlocked, hold: Hold, log_in: LogIn) -> None:
    log_in(5000)
    assert unlocked("hold", "review", hold.id).exit_code == 1
    log_in(FIRST)
    assert unlocked("hold", "review", "01a1fb67-1800-7e0d-9882-42c96d20b8fa").exit_code == 1
    assert "to be looked at again by" in unlocked("hold", "review", hold.id).stdout


@pytest.mark.usefixtures("two_people")
def test_a_lost_hold_needs_two_people_as_well(
    unlocked: Unlocked, settings: Settings, hold: Hold, log_in: LogIn
) -> None:
    Paths.of(settings).registers.unlink()
    log_in(FIRST)
    assert unlocked("hold", "end", hold.id, "--reason", "lost, placed anew").exit_code == 0
    log_in(SECOND)
    assert unlocked("hold", "end", hold.id).exit_code == 0
    assert [event.type.value for event in events(settings)][1:] == ["hold.end_proposed", "hold.ended"]
    assert unlocked("hold", "end", hold.id, "--reason", "again").exit_code == 1


def test_a_profile_that_cannot_be_read_lets_a_hold_be_placed_but_not_ended(
    unlocked: Unlocked, settings: Settings, staff: Path, hold: Hold, log_in: LogIn
) -> None:
    staff.write_text("id = 7")
    log_in(FIRST)
    assert unlocked("hold", "add", *CASE).exit_code == 0
    refused = unlocked("hold", "end", hold.id, "--reason", "case closed")
    assert (refused.exit_code, "policy.toml" in refused.stderr) == (1, True)
