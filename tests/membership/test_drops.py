from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date
from hashlib import sha256
from pathlib import Path

import pytest

from controller.core.event import Event, EventType, Stamp
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.protection import Protection
from controller.membership.drops import Drops
from controller.membership.service import Ages, Keeper
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.members_owner import MembersOwner
from simulator.members import valid_membership

START_US = 1_795_219_200_000_000
MEMBER = valid_membership(date(2026, 11, 21))


def at(day: int, *, trusted: bool = True) -> Stamp:
    return Stamp(START_US + day * DAY_US, 1 + day * DAY_US, "boot-1", trusted)


class Rig:
    """A service with a set that no longer counts. held: None: nobody knows what is."""

    def __init__(self, folder: Path) -> None:
        self.members = MembersOwner.open(folder / "members.db")
        self.journal = Journal.open(folder / "journal.db", service="membership", stamp=at(0))
        self.reader = JournalReader(folder / "journal.db")
        self.held: Sequence[Protection] | None = ()
        for as_of in (1, 2):
            rows = ((n, sha256(str(n).encode()).digest(), MEMBER) for n in range(1_500))
            self.members.import_set(rows, as_of_us=at(as_of).wall_us, key_id="0123abcd")
        self.begin()

    def begin(self) -> None:
        """As a start does it."""
        drops = Drops(self.journal, "branch", "ab", "synchronised", self.protections)
        self.keeper = Keeper(self.members, self.journal, Ages(DAY_US, DAY_US), UTC, drops, stale=None)

    def protections(self) -> Sequence[Protection]:
        if self.held is None:
            raise DatabaseUnusable("the registers are lost")
        return self.held

    def tidy(self, now: Stamp) -> None:
        while self.keeper.tidy(now):
            pass

    def said(self) -> list[Event]:
        return self.reader.read(0)

    def close(self) -> None:
        self.reader.close()
        self.members.close()
        self.journal.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.close()


def hold(ended_day: int | None = None) -> Hold:
    scope = Scope(Category.MEMBERSHIPS, "branch", None, START_US, START_US + DAY_US)
    over = {} if ended_day is None else {"ended_us": at(ended_day).wall_us, "end_reason": "done"}
    return Hold("h", "police", "22/1", scope, START_US, START_US + DAY_US, **over)  # type: ignore[arg-type]


def test_a_dropped_set_has_one_certificate_for_all_its_batches(rig: Rig) -> None:
    rig.tidy(at(3))
    rig.tidy(at(3))
    started, certificate = rig.said()
    assert started.type is EventType.DISPOSAL_STARTED
    assert started.data == {"category": "memberships", "basis": "superseded", "policy": "ab"}
    assert certificate.type is EventType.DISPOSAL_CERTIFICATE
    assert certificate.data == {
        "started": started.id,
        "policy": "ab",
        "category": "memberships",
        "basis": "superseded",
        "clock": "synchronised",
        "method": "delete",
        "holds_consulted": 0,
        "held_by": {},
        "count": 1_500,
        "interrupted": False,
    }


def test_a_hold_that_comes_once_it_has_begun_keeps_what_is_left(rig: Rig) -> None:
    asked = 0

    def protections() -> Sequence[Protection]:
        nonlocal asked
        asked += 1
        # Before the first batch and within it, then before the second, and within that.
        return [hold()] if asked > 3 else []

    rig.protections = protections  # type: ignore[method-assign]
    rig.begin()
    rig.tidy(at(3))
    started, told, certificate = rig.said()
    assert told.type is EventType.RETENTION_HELD
    assert certificate.data["started"] == started.id
    assert (certificate.data["count"], certificate.data["held_by"]) == (1_000, {"h": 1})
    assert rig.members.superseded() == (500, at(1).wall_us)


def test_a_start_certifies_what_a_kill_left_begun(rig: Rig) -> None:
    rig.keeper.tidy(at(3))  # a batch, and then it is killed
    rig.begin()
    rig.tidy(at(3))
    started, certificate = rig.said()
    assert certificate.data["started"] == started.id
    assert (certificate.data["count"], certificate.data["interrupted"]) == (500, True)
    rig.begin()
    rig.tidy(at(4))
    assert len(rig.said()) == 2


def test_what_stays_since_nobody_knows_what_is_held_is_overdue_after_an_hour(rig: Rig) -> None:
    rig.held = None
    rig.tidy(at(3))
    assert not rig.said()
    rig.tidy(at(4))
    rig.tidy(at(4))
    (told,) = rig.said()
    assert told.type is EventType.RETENTION_OVERDUE
    assert told.data == {
        "category": "memberships",
        "count": 1_500,
        "oldest_start_us": at(1).wall_us,
        "in_future": 0,
        "cause": "failed",
    }


def test_what_is_held_is_not_dropped_and_told_once(rig: Rig) -> None:
    rig.held = [hold()]
    rig.tidy(at(3))
    rig.tidy(at(3))
    (told,) = rig.said()
    assert told.type is EventType.RETENTION_HELD
    assert told.data["held_by"] == {"h": 1}
    rig.held = [hold(ended_day=4)]
    rig.tidy(at(10))  # it cools off
    assert len(rig.said()) == 1
    rig.tidy(at(11, trusted=False))  # nobody knows that a week has passed
    assert len(rig.said()) == 1
    rig.tidy(at(11))
    assert [event.type for event in rig.said()[1:]] == [
        EventType.RETENTION_HELD,
        EventType.DISPOSAL_STARTED,
        EventType.DISPOSAL_CERTIFICATE,
    ]


def test_where_nobody_knows_what_is_held_nothing_is_dropped(rig: Rig) -> None:
    rig.held = None
    rig.tidy(at(3))
    assert not rig.said()
    rig.held = ()
    rig.tidy(at(3))
    assert rig.said()[-1].data["count"] == 1_500
