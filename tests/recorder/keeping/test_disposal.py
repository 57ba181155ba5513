from __future__ import annotations

import errno
import uuid
from collections import Counter
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest

from controller.core.event import EventType, event_id
from controller.core.hold import DAY_US
from controller.core.restriction import Ground, Restriction
from controller.recorder.keeping import sweep as sweeping
from controller.recorder.keeping.sweep import Swept, ToldHeld
from controller.recorder.segments import files
from controller.store.footage import Clip, Footage
from controller.store.journal import Journal
from controller.store.verify import verify

HOUR_US = 3_600_000_000


def test_what_is_due_goes_and_what_is_younger_stays(branch: Any) -> None:
    just_due, not_yet = branch.plant(14 * DAY_US), branch.plant(14 * DAY_US - 1)
    old, young = branch.plant(25 * DAY_US), branch.plant(9 * DAY_US)
    assert branch.sweep() == Swept(2, 0, 0)
    assert branch.files() == branch.names() == {not_yet.name, young.name}
    assert not {just_due.name, old.name} & branch.files()


def test_the_certificate_says_what_happened_in_numbers(branch: Any) -> None:
    older, newer = branch.plant(20 * DAY_US), branch.plant(15 * DAY_US)
    held = branch.plant(16 * DAY_US)
    branch.holds = [branch.hold(held)]
    assert branch.sweep() == Swept(2, 1, 0)
    (started,), (certificate,) = (
        branch.events(EventType.DISPOSAL_STARTED),
        branch.events(EventType.DISPOSAL_CERTIFICATE),
    )
    assert started.data["media"] == [older.id, newer.id]
    assert certificate.data == {
        "started": started.id,
        "category": "footage",
        "policy": "0f" * 32,
        "basis": "window",
        "retention_days": 14,
        "due_from_us": older.end_us + 14 * DAY_US,
        "due_to_us": newer.end_us + 14 * DAY_US,
        "lateness_us": 6 * DAY_US,
        "clock": "synchronised",
        "method": "unlink",
        "holds_consulted": 1,
        "spared": 0,
        "held_by": {},
        "failed": 0,
        "count": 2,
        "media": [older.id, newer.id],
    }
    assert branch.files() == {held.name}


def test_a_hold_by_event_protects_through_the_clip(branch: Any) -> None:
    shown, other = branch.plant(20 * DAY_US), branch.plant(21 * DAY_US)
    event = str(uuid.uuid4())
    branch.footage.add_clip(
        Clip(str(uuid.uuid4()), "entrance", "door", 1, event, shown.start_us + 5, shown.end_us - 5)
    )
    branch.holds = [branch.hold(other, start_us=1, end_us=1, event_ids=frozenset({event}))]
    assert branch.sweep() == Swept(1, 1, 0)
    assert branch.files() == {shown.name}


def test_a_hold_placed_after_the_marking_still_protects(branch: Any) -> None:
    first, second = branch.plant(20 * DAY_US), branch.plant(19 * DAY_US)

    def place(reading: int) -> None:
        if reading == 2:  # the first is before disposal.started, the second after the marks
            assert [row.id for row in branch.footage.deleting()] == [first.id, second.id]
            branch.holds.append(branch.hold(second))

    branch.on_holds_read = place
    assert branch.sweep() == Swept(1, 1, 0)
    assert branch.files() == branch.names() == {second.name}
    assert branch.footage.deleting() == []
    (certificate,) = branch.events(EventType.DISPOSAL_CERTIFICATE)
    assert (certificate.data["count"], certificate.data["spared"]) == (1, 1)
    assert certificate.data["held_by"] == {branch.holds[0].id: 1}
    assert certificate.data["media"] == [first.id]


def test_an_ended_hold_protects_for_a_week_more(branch: Any) -> None:
    segment = branch.plant(20 * DAY_US)
    placed = replace(branch.hold(segment), placed_us=branch.now.wall_us - 9 * DAY_US)
    placed = replace(placed, review_us=branch.now.wall_us)
    branch.holds = [
        replace(placed, ended_us=branch.now.wall_us - 7 * DAY_US + 1, end_reason="closed"),
    ]
    assert branch.sweep().destroyed == 0
    branch.holds = [replace(placed, ended_us=branch.now.wall_us - 7 * DAY_US, end_reason="closed")]
    assert branch.sweep().destroyed == 1


def test_overdue_footage_is_reported_unless_it_is_held(branch: Any, mocker: Any) -> None:
    overdue, held = branch.plant(31 * DAY_US), branch.plant(40 * DAY_US)
    branch.plant(29 * DAY_US)  # due, and not yet over the promise
    branch.holds = [branch.hold(held)]
    mocker.patch.object(files, "remove", side_effect=OSError(errno.EIO, "Input/output error"))
    assert branch.sweep() == Swept(0, 1, 1)
    (event,) = branch.events(EventType.RETENTION_OVERDUE)
    assert event.data == {
        "category": "footage",
        "count": 1,
        "oldest_start_us": overdue.start_us,
        "in_future": 0,
        "cause": "left",
    }


def test_what_is_held_is_told_with_its_holds_once(branch: Any) -> None:
    one, both = branch.plant(20 * DAY_US), branch.plant(19 * DAY_US)
    branch.plant(9 * DAY_US)  # not due
    branch.holds = [branch.hold(one, end_us=both.end_us), branch.hold(both)]
    told = ToldHeld()
    for _ in range(2):
        assert branch.sweep(told=told) == Swept(0, 2, 0)
    first, second = (hold.id for hold in branch.holds)
    (event,) = branch.events(EventType.RETENTION_HELD)
    assert event.data == {"category": "footage", "count": 2, "held_by": {first: 2, second: 1}}
    branch.holds = []
    assert branch.sweep(told=told) == Swept(2, 0, 0)
    over = branch.events(EventType.RETENTION_HELD)[-1]
    assert over.data == {"category": "footage", "count": 0, "held_by": {}}


def test_undated_footage_is_not_destroyed(branch: Any) -> None:
    segment = branch.plant(31 * DAY_US)
    branch.footage.drop([segment])
    branch.footage.add_segment(replace(segment, clock_trusted=False))
    assert branch.sweep() == Swept(0, 0, 0)
    assert branch.files() == {segment.name}


def test_a_big_sweep_is_certified_in_batches(branch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 4)
    planted = [branch.plant(15 * DAY_US + n * HOUR_US) for n in range(10)]
    assert branch.sweep().destroyed == 10
    certificates = branch.events(EventType.DISPOSAL_CERTIFICATE)
    assert [event.data["count"] for event in certificates] == [4, 4, 2]
    named = Counter(one for event in certificates for one in event.data["media"])
    assert named == Counter(segment.id for segment in planted)


STEPS = [
    (Journal, "append"),
    (Footage, "mark_deleting"),
    (Footage, "unmark"),
    (files, "remove"),
    (files, "sync_folder"),
    (Footage, "drop"),
]


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_between_any_two_steps_is_finished_at_the_next_start(
    make_branch: Any, power: Any, after: bool
) -> None:
    for cut_at in range(1, 100):
        branch = make_branch(str(cut_at))
        doomed = [branch.plant(20 * DAY_US + n * HOUR_US) for n in range(3)]
        held, young = branch.plant(19 * DAY_US), branch.plant(10 * DAY_US)
        late = branch.hold(held)
        branch.on_holds_read = lambda reading, branch=branch, late=late: (
            branch.holds.append(late) if reading == 2 else None
        )
        finished = not power.cut(STEPS, cut_at, after=after, work=branch.sweep)
        branch.close()
        branch.open()
        branch.holds = [late]
        branch.sweep()

        assert branch.files() == branch.names() == {held.name, young.name}
        assert branch.footage.deleting() == []
        certificates = branch.events(EventType.DISPOSAL_CERTIFICATE)
        named = Counter(one for event in certificates for one in event.data["media"])
        assert named == Counter(segment.id for segment in doomed)
        started = {event.id for event in branch.events(EventType.DISPOSAL_STARTED)}
        assert started == {event.data["started"] for event in certificates}
        branch.close()
        assert verify(branch.root / "journal.db").ok
        if finished:
            assert cut_at > 8
            return
    raise AssertionError("it never finished")


def test_a_hold_by_event_protects_although_the_clips_are_lost(branch: Any) -> None:
    """footage.db was rebuilt from the folder; only the time in the event's id is left."""
    shown, other = branch.plant(20 * DAY_US), branch.plant(21 * DAY_US)
    happened = event_id(shown.start_us + 5_000_000, 1)
    branch.holds = [branch.hold(other, start_us=1, end_us=1, event_ids=frozenset({happened}))]
    assert branch.sweep() == Swept(1, 1, 0)
    assert branch.files() == {shown.name}


def test_a_clip_that_is_known_says_alone_what_its_event_protects(branch: Any) -> None:
    shown, beside = branch.plant(20 * DAY_US), branch.plant(20 * DAY_US + 60_000_000)
    happened = event_id(shown.start_us + 5_000_000, 1)
    branch.footage.add_clip(
        Clip(str(uuid.uuid4()), "entrance", "door", 1, happened, shown.start_us + 5, shown.end_us - 5)
    )
    branch.holds = [branch.hold(beside, start_us=1, end_us=1, event_ids=frozenset({happened}))]
    assert branch.sweep() == Swept(1, 1, 0)
    assert branch.files() == {shown.name}


def test_a_restriction_protects_the_clips_of_its_events_and_no_more(branch: Any) -> None:
    shown, beside = branch.plant(40 * DAY_US), branch.plant(40 * DAY_US + 60_000_000)
    happened, without_clip = event_id(shown.start_us + 5_000_000, 1), event_id(beside.start_us + 5_000_000, 2)
    branch.footage.add_clip(
        Clip(str(uuid.uuid4()), "entrance", "door", 1, happened, shown.start_us + 5, shown.end_us - 5)
    )
    of = frozenset({happened, without_clip})
    branch.holds = [Restriction(happened, "DP/7", Ground.OBJECTION, of, branch.now.wall_us, "dpo")]
    assert branch.sweep() == Swept(1, 1, 0)
    assert branch.files() == {shown.name}
    branch.holds = []
    assert branch.sweep() == Swept(1, 0, 0)


def test_a_file_that_cannot_be_unlinked_holds_up_no_other(
    branch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    stuck = branch.plant(31 * DAY_US)
    others = [branch.plant(20 * DAY_US + n * HOUR_US) for n in range(4)]
    (branch.folder / stuck.name).unlink()
    (branch.folder / stuck.name).mkdir()
    assert branch.sweep() == Swept(4, 0, 1)
    assert branch.names() == {stuck.name}
    assert branch.footage.deleting() == []
    certificates = branch.events(EventType.DISPOSAL_CERTIFICATE)
    assert [event.data["failed"] for event in certificates] == [1, 0, 0]
    named = Counter(one for event in certificates for one in event.data["media"])
    assert named == Counter(segment.id for segment in others)
    (branch.folder / stuck.name).rmdir()
    (branch.folder / stuck.name).write_bytes(b"video")
    assert branch.sweep() == Swept(1, 0, 0)


def test_a_disk_that_became_read_only_is_not_asked_for_everything(
    branch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    for n in range(6):
        branch.plant(20 * DAY_US + n * HOUR_US)
    with monkeypatch.context() as patched:
        patched.setattr(files, "remove", Mock(side_effect=OSError(errno.EROFS, "Read-only file system")))
        assert branch.sweep().destroyed == 0
    assert len(branch.events(EventType.DISPOSAL_STARTED)) == 1
    assert branch.sweep().destroyed == 6


def test_a_batch_that_failed_is_certified_once(branch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = branch.plant(20 * DAY_US)
    with monkeypatch.context() as patched:
        patched.setattr(files, "sync_folder", Mock(side_effect=OSError(errno.EIO, "Input/output error")))
        for _ in range(3):
            with pytest.raises(OSError, match="Input/output"):
                branch.sweep()
    branch.sweep()
    assert len(branch.events(EventType.DISPOSAL_STARTED)) == 1
    (certificate,) = branch.events(EventType.DISPOSAL_CERTIFICATE)
    assert certificate.data["media"] == [segment.id]


def test_footage_dated_in_the_future_is_reported(branch: Any) -> None:
    future = branch.plant(-40 * DAY_US)
    assert branch.sweep() == Swept(0, 0, 1)
    (event,) = branch.events(EventType.RETENTION_OVERDUE)
    assert event.data == {
        "category": "footage", "count": 1, "oldest_start_us": future.start_us, "in_future": 1,
        "cause": "left",
    }  # fmt: skip


def test_what_is_not_there_is_not_certified_as_destroyed(branch: Any) -> None:
    """As when the disk with the footage is no longer mounted."""
    for n in range(3):
        branch.plant(20 * DAY_US + n * HOUR_US)
    hidden = branch.folder.rename(branch.root / "unmounted")
    (branch.folder / "entrance").mkdir(parents=True)
    names = branch.names()
    assert branch.sweep() == Swept(0, 0, 0)
    assert branch.names() == names
    assert [event.data["count"] for event in branch.events(EventType.DISPOSAL_CERTIFICATE)] == [0]
    (branch.folder / "entrance").rmdir()
    branch.folder.rmdir()
    hidden.rename(branch.folder)
    assert branch.sweep() == Swept(3, 0, 0)
    assert branch.files() == set()
