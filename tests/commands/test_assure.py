"""The page for the data protection officer: what is kept, what is not, and what could not be proved."""

from __future__ import annotations

import json
import re
import sqlite3
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from controller.commands.staff_journal import staff_journal
from controller.core.event import Event, EventType, NewEvent, Stamp
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.membership import Membership, Status
from controller.notice.facts import facts_of
from controller.notice.published import Published, put_in_place, stage
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.settings.policy.load import load_profile
from controller.store.footage import Footage
from controller.store.footage_rows import Segment
from controller.store.journal import Journal
from controller.store.members_owner import MembersOwner
from controller.store.registers import Registers

A_MEMBERSHIP = Membership(
    Status.ACTIVE, None, None, None, date(2027, 1, 1), "adult", None, guardian=False, as_of_us=1
)
Unlocked = Callable[..., Result]
POLICIES = Path(__file__).parents[2] / "config" / "policies"


@pytest.fixture
def paths(config: Path, unlocked: Unlocked) -> Paths:
    """A branch with keys and a published notice, under a draft that is accepted to be one."""
    text = config.read_text().replace("/etc/unlocked/policy.toml", str(POLICIES / "worcestershire.toml"))
    config.write_text(text.replace("#draft = false", "draft = true"))
    assert unlocked("init", "--throw-away").exit_code == 0
    settings = load(config)
    profile = load_profile(POLICIES / "worcestershire.toml")
    published = Published(facts_of(settings, profile), {}, profile.sha256, time.time_ns() // 1000)
    with staff_journal(settings) as journal:
        journal.record(EventType.NOTICE_PUBLISHED, "notice", {"notice": published.sha256})
    notice = Paths.of(settings).notice
    put_in_place(stage(notice, published), notice)
    return Paths.of(settings)


@pytest.fixture
def door(paths: Paths) -> Callable[..., list[Event]]:
    """Journals door events that happened so many days ago."""

    def write(*days_ago: int, trusted: bool = True) -> list[Event]:
        now_us = time.time_ns() // 1000
        stamps = [Stamp(now_us - days * DAY_US, n + 1, "boot", trusted) for n, days in enumerate(days_ago)]
        journal = Journal.open(paths.journal("door"), service="door", stamp=stamps[0])
        try:
            data = {"reason": "unknown_card"}
            return journal.append(
                [NewEvent(EventType.ACCESS_REFUSED, "front", stamp, data) for stamp in stamps]
            )
        finally:
            journal.close()

    return write


def report(unlocked: Unlocked) -> tuple[int, dict[str, Any]]:
    said = unlocked("assure", "--json")
    return said.exit_code, json.loads(said.stdout)


def line(found: dict[str, Any], category: str) -> dict[str, Any]:
    (one,) = (one for one in found["kept"] if one["id"] == category)
    return dict(one)


def way(found: dict[str, Any], name: str) -> dict[str, Any]:
    (one,) = (one for one in found["mechanisms"] if one["id"] == name)
    return dict(one)


@pytest.mark.usefixtures("paths")
def test_a_recorder_that_never_ran_is_the_only_thing_that_is_wrong_with_a_new_branch(
    unlocked: Unlocked,
) -> None:
    code, found = report(unlocked)
    assert code == 1
    assert [one.split(": ")[-1] for one in found["wrong"]] == ["the recorder has never run"]
    assert found["notice"]["state"] == "kept"
    assert line(found, "access_events")["state"] == "kept"
    assert line(found, "personal_information")["state"] == "elsewhere"
    assert any("the profile is a draft" in one for one in found["unproved"])
    assert any("flash memory" in one for one in found["unproved"])


def test_what_should_be_gone_is_counted_and_not_what_is_young_or_undated(
    unlocked: Unlocked, door: Callable[..., list[Event]]
) -> None:
    door(100, 95, 10)
    code, found = report(unlocked)
    events = line(found, "access_events")
    assert (code, events["state"], events["overdue"], events["count"]) == (1, "not_kept", 2, 3)
    assert abs(events["oldest_us"] - (time.time_ns() // 1000 - 100 * DAY_US)) < DAY_US
    assert way(found, "disposal")["state"] == "not_kept"


def test_what_is_held_is_not_overdue(
    unlocked: Unlocked, paths: Paths, door: Callable[..., list[Event]]
) -> None:
    first, _, _ = door(100, 95, 10)
    hold(paths, first.stamp.wall_us, review_in=30)
    _, found = report(unlocked)
    events = line(found, "access_events")
    assert (events["overdue"], events["held"]) == (1, 1)
    assert [one["reference"] for one in found["holds"]] == ["CR/1"]
    assert not found["holds"][0]["review_overdue"]


def test_what_is_dated_in_the_future_or_not_at_all_is_not_said_to_be_kept(
    unlocked: Unlocked, door: Callable[..., list[Event]]
) -> None:
    door(-9_000)
    assert line(report(unlocked)[1], "access_events")["state"] == "unproved"


def test_what_no_believed_clock_follows_is_not_said_to_be_kept(
    unlocked: Unlocked, door: Callable[..., list[Event]]
) -> None:
    door(400, trusted=False)
    _, found = report(unlocked)
    assert line(found, "access_events")["state"] == "unproved"
    assert way(found, "disposal")["state"] == "unproved"
    assert any("nobody knows when" in one for one in found["unproved"])


def test_memberships_that_no_longer_count_are_counted(unlocked: Unlocked, paths: Paths) -> None:
    with closing(MembersOwner.open(paths.members)) as owner:
        for n in range(1, 3):
            owner.import_set([(1, bytes(32), A_MEMBERSHIP)], as_of_us=n, key_id="0123abcd")
    memberships = line(report(unlocked)[1], "memberships")
    assert (memberships["state"], memberships["overdue"], memberships["count"]) == ("not_kept", 1, 1)
    hold(paths, 1, review_in=30, category=Category.MEMBERSHIPS)
    memberships = line(report(unlocked)[1], "memberships")
    assert (memberships["state"], memberships["overdue"], memberships["held"]) == ("kept", 0, 1)


def test_a_recorder_that_no_longer_runs(unlocked: Unlocked, paths: Paths) -> None:
    for event, state, says in (
        (EventType.SERVICE_STARTED, "unproved", "nothing was heard of the recorder"),
        (EventType.SERVICE_STOPPED, "not_kept", "the recorder has not run since"),
    ):
        stamp = Stamp(time.time_ns() // 1000 - 5 * DAY_US, 1, "boot", True)
        journal = Journal.open(paths.journal("recorder"), service="recorder", stamp=stamp)
        journal.append([NewEvent(event, "recorder", stamp)])
        journal.close()
        recording = way(report(unlocked)[1], "recording_watched")
        assert recording["state"] == state
        assert recording["says"].startswith(says)


def test_footage_that_is_due_and_was_not_destroyed(unlocked: Unlocked, paths: Paths) -> None:
    """Within what the notice allows, and past what the branch says it does."""
    end_us = time.time_ns() // 1000 - 20 * DAY_US
    footage = Footage.open(paths.footage)
    footage.add_segment(
        Segment(str(uuid.uuid4()), "cam", "a", end_us - 1, end_us, 1, "boot", True, 1, bytes(32))
    )
    footage.close()
    _, found = report(unlocked)
    assert line(found, "footage")["state"] == "unproved"
    assert "1 files are due" in line(found, "footage")["says"]


def test_a_hold_that_nobody_looked_at_is_named(unlocked: Unlocked, paths: Paths) -> None:
    hold(paths, 1, review_in=-1)
    _, found = report(unlocked)
    assert "the hold CR/1 of Testshire Police: nobody has looked at it in time" in found["wrong"]


def hold(paths: Paths, start_us: int, review_in: int, category: Category = Category.ACCESS_EVENTS) -> None:
    now_us = time.time_ns() // 1000
    placed_us = now_us - 2 * DAY_US
    registers = Registers.open(paths.registers)
    scope = Scope(category, load_site(paths), None, start_us, start_us + 1)
    review_us = now_us + review_in * DAY_US
    registers.add_hold(Hold(str(uuid.uuid4()), "Testshire Police", "CR/1", scope, placed_us, review_us))
    registers.close()


def load_site(paths: Paths) -> str:
    return load(paths.state.parent / "branch.toml").branch.branch


def test_a_journal_that_was_altered_is_named(
    unlocked: Unlocked, paths: Paths, door: Callable[..., list[Event]]
) -> None:
    door(3, 2, 1)
    database = sqlite3.connect(paths.journal("door"))
    with database:
        database.execute("DROP TRIGGER event_is_never_changed")
        database.execute("UPDATE event SET subject = 'back' WHERE seq = 2")
    database.close()
    code, found = report(unlocked)
    (journal,) = (one for one in found["journals"] if one["service"] == "door")
    assert (code, journal["verdict"]) == (1, "altered")
    assert "event 2" in journal["says"]


def test_settings_laxer_than_the_notice_are_named(unlocked: Unlocked, paths: Paths, config: Path) -> None:
    config.write_text(config.read_text().replace("#retention_days = 14", "retention_days = 28"))
    code, found = report(unlocked)
    assert (code, found["notice"]["state"]) == (1, "not_kept")
    assert any(one.startswith("laxer: ") for one in found["notice"]["differences"])


def test_lost_registers_prove_nothing(unlocked: Unlocked, paths: Paths) -> None:
    placed = unlocked("hold", "add", "--authority", "A", "--reference", "R", "--from", "2h")
    assert placed.exit_code == 0, placed.output
    paths.registers.unlink()
    code, found = report(unlocked)
    assert code == 1
    assert line(found, "access_events")["state"] == "unproved"
    assert way(found, "legal_holds")["state"] == "not_kept"


def test_what_cannot_be_read_is_not_proved(unlocked: Unlocked, paths: Paths) -> None:
    for file in (paths.journal("door"), paths.members):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"no database" * 100)
    _, found = report(unlocked)
    states = {one["id"]: one for one in (*found["kept"], *found["mechanisms"])}
    for name in ("access_events", "memberships", "door_decisions"):
        assert states[name]["state"] == "unproved"
        assert states[name]["says"].startswith("it cannot be read: ")


def test_the_page_is_written_and_escaped(unlocked: Unlocked, paths: Paths, tmp_path: Path) -> None:
    placed = unlocked("hold", "add", "--authority", "<b>A & B</b>", "--reference", "R", "--from", "2h")
    assert placed.exit_code == 0, placed.output
    page = tmp_path / "page.html"
    assert unlocked("assure", "--html", page).exit_code == 1
    text = page.read_text()
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in text
    assert "<b>" not in text
    assert 'lang="en-GB"' in text
    assert "CCTV records will be deleted between 10 and 30 days" in text


def test_without_a_profile_nothing_is_promised(unlocked: Unlocked, config: Path) -> None:
    config.write_text(re.sub(r"(?m)^profile = .*$", "", config.read_text()))
    said = unlocked("assure")
    assert (said.exit_code, "no profile is named" in said.stderr) == (2, True)
