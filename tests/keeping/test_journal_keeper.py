"""What is due goes with a certificate, what is not stays, and whatever stays longer is told."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.core.event import CONTROLLER, Event, EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.protection import Protection
from controller.core.restriction import Ground, Restriction
from controller.core.retention.due import Conventions
from controller.core.retention.rules import Duration, Period, Then, Unspecified
from controller.keeping import journal_disposal
from controller.keeping.edge_rules import ACCESS_LOG_RULE, EdgeRule
from controller.keeping.journal_disposal import JournalDisposal
from controller.keeping.journal_keeper import HOUR_US, SOON_US, JournalKeeper
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader
from controller.store.verify import verify

LONDON = ZoneInfo("Europe/London")
SITE = "droitwich"
SECRET = b"27182818284590"


def us(text: str) -> int:
    """Of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


BOOTED = us("2026-01-01 00:00")


def at(text: str | int, *, trusted: bool = True) -> Stamp:
    """A stamp of one long boot."""
    wall_us = us(text) if isinstance(text, str) else text
    return Stamp(wall_us, wall_us - BOOTED, "boot-1", trusted)


class Open:
    key_id = "0123abcd"

    def seal(self, plaintext: bytes, _info: bytes) -> bytes:
        return plaintext


class Rig:
    """A door's journal with its keeper. held: what the registers say; None: they cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = Journal.open(path, service="door", stamp=at("2026-01-01 00:00"), seal=Open())
        self.reader = JournalReader(path)
        self.held: Sequence[Protection] | None = ()
        self.waited_for: Callable[[], bool] = journal_disposal.nobody_waits
        self.rule = EdgeRule(Category.ACCESS_EVENTS, ACCESS_LOG_RULE, Conventions(LONDON, None), policy="ab")
        self.keeper = self.new_keeper()

    def new_keeper(self) -> JournalKeeper:
        def protections() -> Sequence[Protection]:
            if self.held is None:
                raise DatabaseUnusable("the registers are lost")
            return self.held

        return JournalKeeper(
            JournalDisposal(self.journal, self.rule, SITE, "system", protections, lambda: self.waited_for())
        )

    def add(
        self,
        stamp: Stamp | str,
        type: EventType = EventType.ACCESS_REFUSED,
        subject: str = "front",
        **data: JsonValue,
    ) -> Event:
        stamp = at(stamp) if isinstance(stamp, str) else stamp
        private = {"card": SECRET} if type is EventType.ACCESS_GRANTED else {}
        return self.journal.append([NewEvent(type, subject, stamp, data, private)])[0]

    def sweep(self, now: Stamp | str) -> None:
        self.keeper.sweep(at(now) if isinstance(now, str) else now)

    def events(self, *types: EventType) -> list[Event]:
        found = self.reader.read(0, 100_000)
        return [event for event in found if not types or event.type in types]

    def left(self) -> set[int]:
        """The numbers of what has not to do with disposal."""
        about = ("disposal", "retention")
        return {event.seq for event in self.events() if not event.type.startswith(about)}

    def certificates(self) -> list[Event]:
        return self.events(EventType.DISPOSAL_CERTIFICATE)

    def close(self) -> None:
        self.reader.close()
        self.journal.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path / "journal.db")
    yield rig
    rig.close()


def hold(start: str, end: str, *, ended: str | None = None, **scope: object) -> Hold:
    placed_us = us("2026-01-01 00:00")
    covered = Scope(Category.ACCESS_EVENTS, SITE, None, us(start), us(end), **scope)  # type: ignore[arg-type]
    over = {} if ended is None else {"ended_us": us(ended), "end_reason": "done", "ended_by": "a"}
    return Hold(str(uuid.uuid4()), "police", "22/1", covered, placed_us, placed_us + DAY_US, **over)  # type: ignore[arg-type]


# --- what is due goes, and not before ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("happened", "last_kept", "first_due"),
    [
        # 90 days after 21 August is 19 November: kept through that day, due on the next, 00:00 local.
        ("2026-08-21 10:00", "2026-11-19 23:59", "2026-11-20 00:00"),
        # 23:30 UTC in summer is the next day at the branch.
        ("2026-08-21 23:30", "2026-11-20 23:59", "2026-11-21 00:00"),
        # 90 days from winter end in summer time, an hour earlier in UTC.
        ("2026-02-01 12:00", "2026-05-02 22:59", "2026-05-02 23:00"),
    ],
)
def test_an_event_goes_on_the_local_day_after_its_period(
    rig: Rig, happened: str, last_kept: str, first_due: str
) -> None:
    event = rig.add(happened, EventType.ACCESS_GRANTED)
    rig.add(last_kept)
    rig.sweep(last_kept)
    assert event.seq in rig.left()
    rig.new_keeper().sweep(at(first_due))
    assert event.seq not in rig.left()
    assert verify(rig.path).ok


def test_the_certificate_says_what_went_and_by_which_rule(rig: Rig) -> None:
    for n in range(3):
        rig.add(f"2026-08-21 10:0{n}", EventType.ACCESS_GRANTED)
    rig.add("2026-11-20 00:30")
    rig.sweep("2026-11-20 01:00")
    (started,) = rig.events(EventType.DISPOSAL_STARTED)
    (certificate,) = rig.certificates()
    assert started.subject == certificate.subject == SITE
    assert started.data == {
        "category": "access_events",
        "basis": "duration",
        "policy": "ab",
        "due_from_us": us("2026-11-20 00:00"),
        "due_to_us": us("2026-11-20 00:00"),
        "count": 3,
        "event_seqs": [[1, 3]],
    }
    assert certificate.data == {
        "started": started.id,
        "policy": "ab",
        "category": "access_events",
        "basis": "duration",
        "due_from_us": us("2026-11-20 00:00"),
        "due_to_us": us("2026-11-20 00:00"),
        "lateness_us": HOUR_US,
        "clock": "system",
        "method": "delete",
        "holds_consulted": 0,
        "spared": 0,
        "held_by": {},
        "count": 3,
        "event_seqs": [[1, 3]],
        "times_us": [[us("2026-08-21 10:00"), us("2026-08-21 10:02")]],
        "box_seqs": [],
    }


def test_nothing_of_it_is_left_in_the_file_or_its_log(rig: Rig) -> None:
    rig.add("2026-08-21 10:00", EventType.ACCESS_GRANTED, note="tell-tale")
    rig.add("2026-11-20 00:30")
    rig.sweep("2026-11-20 01:00")
    for suffix in ("", "-wal"):
        content = rig.path.with_name(rig.path.name + suffix).read_bytes()
        assert SECRET not in content
        assert b"tell-tale" not in content


def test_a_reader_in_the_way_of_the_log_is_waited_for(rig: Rig) -> None:
    rig.add("2026-08-21 10:00", EventType.ACCESS_GRANTED)
    rig.add("2026-11-20 00:30")
    other = sqlite3.connect(rig.path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM event").fetchone()
    now = at("2026-11-20 01:00")
    rig.sweep(now)
    log = rig.path.with_name(rig.path.name + "-wal")
    assert log.stat().st_size
    other.close()
    rig.keeper.look(at(now.wall_us + 6_000_000))
    assert not log.stat().st_size


def test_many_events_go_in_batches(rig: Rig) -> None:
    stamps = [at(us("2026-08-21 10:00") + n * 1_000_000) for n in range(450)]
    rig.journal.append([NewEvent(EventType.ACCESS_REFUSED, "front", stamp) for stamp in stamps])
    rig.add("2026-11-20 00:30")
    rig.sweep("2026-11-20 01:00")
    assert rig.left() == {451}
    assert [one.data["count"] for one in rig.certificates()] == [200, 200, 50]
    assert not rig.events(EventType.RETENTION_OVERDUE)


def test_a_sweep_is_made_once_an_hour(rig: Rig) -> None:
    rig.add("2026-08-21 10:00")
    rig.sweep("2026-11-20 01:00")
    rig.add("2026-08-21 10:01")
    rig.sweep("2026-11-20 01:59")
    assert rig.left() == {2 + 2}
    rig.sweep("2026-11-20 02:00")
    assert not rig.left()


def test_a_ceiling_makes_it_sooner(rig: Rig) -> None:
    week = Duration(Period(days=7))
    rig.rule = EdgeRule(Category.ACCESS_EVENTS, ACCESS_LOG_RULE, rig.rule.conventions, ceiling=week)
    event = rig.add("2026-11-10 10:00")
    rig.new_keeper().sweep(at("2026-11-17 23:00"))
    assert event.seq in rig.left()
    rig.new_keeper().sweep(at("2026-11-18 00:00"))
    assert event.seq not in rig.left()


def test_what_a_person_is_to_review_is_not_destroyed(rig: Rig) -> None:
    review = Duration(Period(days=7), Then.REVIEW)
    rig.rule = EdgeRule(Category.ACCESS_EVENTS, review, rig.rule.conventions)
    event = rig.add("2026-01-10 10:00")
    rig.new_keeper().sweep(at("2026-11-18 00:00"))
    assert rig.left() == {event.seq}


# --- clocks ------------------------------------------------------------------------------------------


def test_an_untrusted_clock_destroys_nothing_until_it_is_set(rig: Rig) -> None:
    rig.add("2026-08-21 10:00")
    rig.sweep(at("2026-11-20 01:00", trusted=False))
    assert rig.left() == {1}
    rig.sweep("2026-11-20 01:01")
    assert not rig.left()


def test_an_event_of_an_untrusted_clock_is_as_old_as_the_next_trusted_one(rig: Rig) -> None:
    rig.add(at("2026-01-02 00:00", trusted=False))
    rig.add(at("2026-08-25 00:00", trusted=False))
    rig.add("2026-08-21 10:00")
    rig.sweep("2026-11-19 01:00")
    assert rig.left() == {1, 2, 3}
    rig.sweep("2026-11-20 01:00")
    assert not rig.left()
    assert rig.certificates()[0].data["times_us"] == [[us("2026-08-21 10:00")] * 2]


def test_an_event_of_an_untrusted_clock_with_no_trusted_one_after_it_stays(rig: Rig) -> None:
    rig.add("2026-08-21 10:00")
    event = rig.add(at("2026-01-02 00:00", trusted=False))
    rig.sweep("2026-11-20 01:00")
    assert rig.left() == {event.seq}


def test_a_clock_that_jumps_ahead_destroys_nothing_for_a_day(rig: Rig) -> None:
    event = rig.add("2026-08-21 10:00")
    ahead = Stamp(us("2026-11-20 01:00"), us("2026-08-21 11:00") - BOOTED, "boot-1", clock_trusted=True)
    rig.sweep(ahead)
    assert rig.left() == {event.seq}
    later = Stamp(ahead.wall_us + DAY_US, ahead.mono_us + DAY_US, "boot-1", clock_trusted=True)
    rig.sweep(later)
    assert not rig.left()


def test_a_jump_is_remembered_over_a_restart(rig: Rig) -> None:
    event = rig.add("2026-08-21 10:00")
    mono_us = us("2026-08-21 11:00") - BOOTED
    rig.add(Stamp(us("2026-11-20 01:00"), mono_us, "boot-1", clock_trusted=True))
    rig.sweep(Stamp(us("2026-11-20 02:00"), mono_us + HOUR_US, "boot-1", clock_trusted=True))
    assert event.seq in rig.left()


def test_what_is_dated_in_the_future_is_told_as_overdue(rig: Rig) -> None:
    rig.add("2026-08-21 10:00")
    rig.add("2026-12-24 00:00")
    rig.add("2026-11-20 00:30")
    rig.sweep("2026-11-20 01:00")  # set right again
    (told,) = rig.events(EventType.RETENTION_OVERDUE)
    assert (told.data["count"], told.data["in_future"]) == (1, 1)


# --- holds and restrictions --------------------------------------------------------------------------


def test_a_held_event_stays_with_its_hold_told_once(rig: Rig) -> None:
    for hour in (9, 10, 11):
        rig.add(f"2026-08-21 {hour:02}:00")
    rig.held = [one] = [hold("2026-08-21 10:00", "2026-08-21 11:00")]
    rig.sweep("2026-11-20 01:00")
    rig.sweep("2026-11-20 02:00")
    assert rig.left() == {2}
    (certificate,) = rig.certificates()
    assert certificate.data["event_seqs"] == [[1, 1], [3, 3]]
    assert certificate.data["holds_consulted"] == 1
    (told,) = rig.events(EventType.RETENTION_HELD)
    assert told.data == {"category": "access_events", "count": 1, "held_by": {one.id: 1}}
    assert not rig.events(EventType.RETENTION_OVERDUE)
    assert verify(rig.path).ok


def test_a_hold_that_is_over_holds_for_a_week_more(rig: Rig) -> None:
    rig.add("2026-08-21 10:00")
    rig.held = [hold("2026-08-21 10:00", "2026-08-21 11:00", ended="2026-12-01 12:00")]
    rig.sweep("2026-12-08 11:59")
    assert rig.left() == {1}
    rig.sweep("2026-12-08 13:00")
    assert not rig.left()
    assert [told.data["count"] for told in rig.events(EventType.RETENTION_HELD)] == [1, 0]


def test_a_hold_placed_between_the_steps_still_protects(rig: Rig) -> None:
    rig.add("2026-08-21 10:00")
    rig.add("2026-08-21 12:00")
    one = hold("2026-08-21 10:00", "2026-08-21 11:00")
    append = rig.journal.append

    def placed_meanwhile(events: Sequence[NewEvent]) -> list[Event]:
        added = append(events)
        if events[0].type is EventType.DISPOSAL_STARTED:
            rig.held = [one]
        return added

    rig.journal.append = placed_meanwhile  # type: ignore[method-assign]
    rig.sweep("2026-11-20 01:00")
    assert rig.left() == {1}
    (certificate,) = rig.certificates()
    assert (certificate.data["spared"], certificate.data["held_by"]) == (1, {one.id: 1})


def test_a_restricted_event_stays_and_what_is_tied_to_it(rig: Rig) -> None:
    granted = rig.add("2026-08-21 10:00", EventType.ACCESS_GRANTED)
    outcome = rig.add("2026-08-21 10:01", EventType.ACCESS_OUTCOME, access=granted.id)
    rig.add("2026-08-21 10:02")
    rig.held = [Restriction("r", "DP/7", Ground.OBJECTION, frozenset({granted.id}), 9, "dpo")]
    rig.sweep("2026-11-20 01:00")
    assert rig.left() == {granted.seq, outcome.seq}


def test_a_hold_of_any_time_between_trusted_clocks_covers_an_untrusted_event(rig: Rig) -> None:
    rig.add("2026-08-21 10:00")
    event = rig.add(at("2026-01-02 00:00", trusted=False))
    rig.add("2026-08-21 12:00")
    rig.held = [hold("2026-08-21 11:00", "2026-08-21 11:01")]
    rig.sweep("2026-11-20 01:00")
    assert rig.left() == {event.seq}


def test_without_the_registers_nothing_is_destroyed_and_the_delay_is_told(rig: Rig) -> None:
    rig.add("2026-08-21 10:00")
    rig.held = None
    rig.sweep("2026-11-20 01:00")
    assert rig.left() == {1}
    assert not rig.events(EventType.RETENTION_OVERDUE)
    now = at("2026-11-21 01:00")
    for _ in range(10):
        rig.sweep(now)
        now = at(now.wall_us + SOON_US)
    (told,) = rig.events(EventType.RETENTION_OVERDUE)
    assert told.data["cause"] == "failed"
    assert told.data["oldest_start_us"] == us("2026-08-21 10:00")
    rig.held = ()
    rig.sweep(now)
    assert not rig.left()


# --- what stays --------------------------------------------------------------------------------------


def test_the_last_of_what_tells_how_things_are_stays(rig: Rig) -> None:
    locked = EventType.LOCKDOWN_STARTED
    rig.add("2026-08-21 10:00", locked)
    rig.add("2026-08-21 10:01", EventType.LOCKDOWN_ENDED)
    front = rig.add("2026-08-21 10:02", locked)
    back = rig.add("2026-08-21 10:03", locked, "back")
    rig.add("2026-08-21 10:04", EventType.READER_LOST, reader="a")
    lost = rig.add("2026-08-21 10:05", EventType.READER_LOST, reader="b")
    found = rig.add("2026-08-21 10:06", EventType.READER_FOUND, reader="a")
    recovered = rig.add("2026-08-21 10:07", EventType.JOURNAL_RECOVERED, CONTROLLER)
    rig.add("2026-08-21 10:08")
    rig.sweep("2026-11-20 01:00")
    assert rig.left() == {one.seq for one in (front, back, lost, found, recovered)}
    rig.add("2026-11-20 01:30", EventType.LOCKDOWN_ENDED)
    rig.sweep("2026-11-20 03:00")
    assert front.seq not in rig.left()
    assert not rig.events(EventType.RETENTION_OVERDUE)


def test_a_hold_stays_in_the_journal_until_it_is_over(rig: Rig) -> None:
    placed = rig.add("2026-08-21 10:00", EventType.HOLD_ADDED, "camera-1", hold="h")
    other = rig.add("2026-08-21 10:00", EventType.HOLD_ADDED, "footage", hold="i")
    rig.sweep("2026-11-20 01:00")
    over = rig.add("2026-11-20 02:00", EventType.HOLD_ENDED, "footage", hold="h")
    rig.sweep("2026-11-20 03:00")
    assert rig.left() == {other.seq, over.seq}
    rig.sweep("2027-02-19 03:00")
    assert rig.left() == {other.seq}
    assert placed.seq not in rig.left()


def test_certificates_stay_and_what_they_certify_does_not(rig: Rig) -> None:
    rig.add("2026-08-21 10:00")
    rig.sweep("2026-11-20 01:00")
    rig.sweep("2027-11-20 01:00")
    _, second = rig.certificates()
    assert second.data["event_seqs"] == [[2, 2]]  # disposal.started of the first
    assert verify(rig.path).ok


# --- copies ------------------------------------------------------------------------------------------


def test_a_damaged_journal_that_is_still_there_is_told_as_overdue(rig: Rig) -> None:
    aside = rig.path.with_name(rig.path.name + ".damaged-1")
    for path in (aside, aside.with_name(aside.name + "-wal")):
        path.touch()
        os.utime(path, (us("2026-08-21 10:00") / 1e6,) * 2)
    rig.sweep("2026-11-19 01:00")
    assert not rig.events(EventType.RETENTION_OVERDUE)
    rig.sweep("2026-11-20 01:00")
    (told,) = rig.events(EventType.RETENTION_OVERDUE)
    assert (told.data["cause"], told.data["count"]) == ("moved_aside", 1)
    assert aside.exists()


def test_a_backup_of_before_a_migration_goes_a_day_later(rig: Rig) -> None:
    backup = rig.path.with_name(rig.path.name + ".before-migration")
    backup.touch()
    os.utime(backup, (us("2026-11-19 10:00") / 1e6,) * 2)
    rig.sweep("2026-11-20 01:00")
    assert backup.exists()
    rig.sweep("2026-11-20 11:00")
    assert not backup.exists()


# --- in between --------------------------------------------------------------------------------------


def test_a_disposal_that_was_cut_off_is_finished_and_certified(rig: Rig) -> None:
    for minute in range(3):
        rig.add(f"2026-08-21 10:0{minute}")
    destroy = rig.journal.destroy

    def cut_off(_act: object) -> Event:
        raise JournalUnavailable("the disk is full")

    rig.journal.destroy = cut_off  # type: ignore[method-assign]
    rig.sweep("2026-11-20 01:00")
    assert rig.left() == {1, 2, 3}
    assert not rig.certificates()
    rig.journal.destroy = destroy  # type: ignore[method-assign]
    rig.held = [hold("2026-08-21 10:01", "2026-08-21 10:02")]
    rig.new_keeper().sweep(at("2026-11-20 02:00"))
    (started,) = rig.events(EventType.DISPOSAL_STARTED)
    (certificate,) = rig.certificates()
    assert certificate.data["started"] == started.id
    assert certificate.data["event_seqs"] == [[1, 1], [3, 3]]
    assert rig.left() == {2}
    assert verify(rig.path).ok


def test_whoever_waits_for_the_journal_is_let_in_between(rig: Rig) -> None:
    stamps = [at(us("2026-08-21 10:00") + n * 1_000_000) for n in range(100)]
    rig.journal.append([NewEvent(EventType.ACCESS_REFUSED, "front", stamp) for stamp in stamps])
    rig.waited_for = lambda: True
    now = at("2026-11-20 01:00")
    assert rig.keeper.look(now)
    assert rig.keeper.look(now)
    assert [one.data["count"] for one in rig.certificates()] == [journal_disposal.SHARE]
    rig.waited_for = journal_disposal.nobody_waits
    rig.sweep(now)
    assert not rig.left()
    assert [one.data["count"] for one in rig.certificates()] == [20, 80]
    assert verify(rig.path).ok


def test_events_carry_nothing_of_what_was_destroyed(rig: Rig) -> None:
    granted = rig.add("2026-08-21 10:00", EventType.ACCESS_GRANTED, reader="street", category="adult")
    rig.sweep("2026-11-20 01:00")
    said = json.dumps([dict(event.data) for event in rig.events()])
    for word in (granted.id, "street", "adult", "front"):
        assert word not in said


# --- whatever happens --------------------------------------------------------------------------------

MOMENTS = st.tuples(st.integers(0, 200 * 24), st.booleans())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moments=st.lists(MOMENTS, max_size=60),
    holds=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 30)), max_size=3),
    swept_on=st.integers(90, 200),
)
def test_never_too_early_never_too_late_never_held(
    tmp_path: Path, moments: list[tuple[int, bool]], holds: list[tuple[int, int]], swept_on: int
) -> None:
    rig = Rig(tmp_path / str(uuid.uuid4()) / "journal.db")
    began_us = us("2026-01-01 12:00")
    times = sorted(moments)
    for hour, trusted in times:
        rig.add(at(began_us + hour * HOUR_US, trusted=trusted))
    ranges = [(began_us + day * DAY_US, began_us + (day + days) * DAY_US) for day, days in holds]
    rig.held = [
        Hold(str(n), "police", "1", Scope(Category.ACCESS_EVENTS, SITE, None, *span), BOOTED, BOOTED)
        for n, span in enumerate(ranges)
    ]
    now = at(began_us + swept_on * DAY_US)
    rig.sweep(now)
    left = rig.left()
    before_us = rig.rule.due_before_us(now.wall_us) or 0
    for seq, (hour, trusted) in enumerate(times, start=1):
        time_us = began_us + hour * HOUR_US
        held = any(start_us <= time_us < end_us for start_us, end_us in ranges)
        if seq not in left:
            assert time_us < before_us
            assert not held
        elif trusted and not held:
            assert time_us >= before_us
    assert verify(rig.path).ok
    rig.close()


def test_what_grows_old_while_the_policy_cannot_be_read_is_told_and_stays(rig: Rig) -> None:
    old = rig.add("2026-02-01 12:00")
    rig.add("2026-05-01 12:00")
    rig.rule = EdgeRule(Category.ACCESS_EVENTS, Unspecified(), Conventions(LONDON, None), unreadable=True)
    rig.keeper = rig.new_keeper()
    rig.sweep("2026-04-01 12:00")
    assert not rig.events(EventType.RETENTION_OVERDUE)
    rig.sweep("2026-06-01 12:00")
    rig.sweep("2026-06-01 12:30")
    (told,) = rig.events(EventType.RETENTION_OVERDUE)
    assert (told.data["count"], told.data["oldest_start_us"]) == (1, old.stamp.wall_us)
    assert told.data["cause"] == "policy"
    assert len(rig.left()) == 2
