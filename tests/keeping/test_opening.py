from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.core.hold import DAY_US, Category
from controller.core.retention.rules import Duration, Period
from controller.keeping.opening import clock_source, edge_rule, journal_keeper
from controller.settings import shipped
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.settings.policy.load import load_profile
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader

NOON_US = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()) * 1_000_000


def settings(folder: Path, profile: str | None = None) -> Settings:
    policy = {} if profile is None else {"policy": {"profile": str(profile), "draft": True}}
    branch = {
        "authority": "worcestershire",
        "branch": "droitwich",
        "name": "Droitwich",
        "state_dir": str(folder),
    }
    doors = [{"lock": {"pin": 17}, "readers": [{"port": "/dev/null"}]}]
    return Settings.model_validate({"branch": branch, "doors": doors, **policy})


def test_without_a_profile_only_events_of_doors_fall_due(tmp_path: Path) -> None:
    found = edge_rule(settings(tmp_path), Category.ACCESS_EVENTS)
    assert found.policy == ""
    # 91 local days before today's midnight: 90 whole days lie between.
    before_us = found.due_before_us(NOON_US)
    assert before_us == int(datetime(2026, 8, 22, 23, tzinfo=UTC).timestamp()) * 1_000_000
    for category in (Category.DEVICE_EVENTS, Category.STAFF_ACTIONS):
        assert edge_rule(settings(tmp_path), category).due_before_us(NOON_US) is None


@pytest.mark.parametrize("name", sorted(shipped.profiles()))
def test_every_journal_has_its_rule_in_a_profile(tmp_path: Path, name: str) -> None:
    file = shipped.profiles()[name]
    for category in (Category.ACCESS_EVENTS, Category.DEVICE_EVENTS, Category.STAFF_ACTIONS):
        found = edge_rule(settings(tmp_path, str(file)), category)
        assert found.policy == load_profile(file).sha256
        before_us = found.due_before_us(NOON_US)
        assert before_us is not None
        assert before_us < NOON_US
        assert found.due_us(before_us - 1) <= NOON_US < found.due_us(before_us)


def test_a_ceiling_counts_where_it_is_of_the_event_itself(tmp_path: Path) -> None:
    file, text = tmp_path / "policy.toml", shipped.profiles()["worcestershire"].read_text()
    file.write_text(text)
    assert edge_rule(settings(tmp_path, str(file)), Category.ACCESS_EVENTS).ceiling is None
    file.write_text(text.replace('ceiling_trigger = "the end of the membership"\n', ""))
    assert edge_rule(settings(tmp_path, str(file)), Category.ACCESS_EVENTS).ceiling == Duration(
        Period(years=2)
    )


def test_by_a_profile_that_cannot_be_read_nothing_falls_due(tmp_path: Path) -> None:
    found = edge_rule(settings(tmp_path, str(tmp_path / "none.toml")), Category.ACCESS_EVENTS)
    assert found.due_before_us(NOON_US) is None
    assert found.unreadable
    assert not edge_rule(settings(tmp_path), Category.DEVICE_EVENTS).unreadable


@pytest.mark.parametrize("service", JOURNALS)
def test_each_service_disposes_of_its_own_journal(tmp_path: Path, service: str) -> None:
    chosen = settings(tmp_path, str(shipped.profiles()["worcestershire"]))
    path = Paths.of(chosen).journal(service)
    old = Stamp(NOON_US - 3000 * DAY_US, 1, "boot-1", clock_trusted=True)
    now = Stamp(NOON_US, 1 + 3000 * DAY_US, "boot-1", clock_trusted=True)
    journal = Journal.open(path, service=service, stamp=old)
    with ExitStack() as closing:
        closing.callback(journal.close)
        journal.append([NewEvent(EventType.MOTION_STARTED, "hall", old)] * 3)
        journal_keeper(chosen, service, journal, closing).sweep(now)
    reader = JournalReader(path)
    assert [event.type for event in reader.read(0)] == [
        EventType.DISPOSAL_STARTED,
        EventType.DISPOSAL_CERTIFICATE,
    ]
    reader.close()


def test_what_vouches_for_the_clock(tmp_path: Path) -> None:
    assert clock_source(settings(tmp_path)) == "synchronised"
