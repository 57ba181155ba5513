from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import Event, EventType, NewEvent, Stamp
from controller.recorder.clips.making import PATIENCE_US, Clips, Margins, clip_id
from controller.store.footage import Footage, Segment

SECOND = 1_000_000
JOURNAL = "the door's journal"
MARGINS = Margins(
    before_us=10 * SECOND, after_us=20 * SECOND, segment_us=60 * SECOND, keep_us=14 * 86_400 * SECOND
)


@pytest.fixture
def footage(tmp_path: Path) -> Iterator[Footage]:
    opened = Footage.open(tmp_path / "footage.db")
    yield opened
    opened.close()


def record(footage: Footage, camera: str, start_us: int, end_us: int) -> str:
    identity = str(uuid.uuid4())
    footage.add_segment(
        Segment(identity, camera, f"{camera}/{identity}.mp4", start_us, end_us, 1, "boot", True, 1, bytes(32))
    )
    return identity


def event(kind: EventType, now: Stamp, seq: int = 1, subject: str = "front") -> Event:
    return Event(seq, str(uuid.uuid4()), kind, now, subject, {})


def ready(clips: Clips, now: Stamp) -> list[NewEvent]:
    return list(clips.ready(now))


def test_a_clip_is_announced_once_its_pictures_are_on_disk(footage: Footage, now: Any) -> None:
    clips = Clips(footage, ["entrance"], MARGINS, frozenset())
    granted = event(EventType.ACCESS_GRANTED, now())
    clips.follow(JOURNAL, [granted], now())
    first = record(footage, "entrance", now.wall_us - 30 * SECOND, now.wall_us + 15 * SECOND)
    now.sleep(19)
    assert ready(clips, now()) == []  # its range has not passed
    now.sleep(2)
    assert ready(clips, now()) == []  # the segment with its end is still being written
    record(footage, "entrance", now.wall_us - 6 * SECOND, now.wall_us + 54 * SECOND)
    (told,) = ready(clips, now())
    (clip,) = footage.clips()
    assert (clip.start_us, clip.end_us) == (
        granted.stamp.wall_us - 10 * SECOND,
        granted.stamp.wall_us + 20 * SECOND,
    )
    assert (clip.event_journal, clip.event_seq, clip.event_id) == (JOURNAL, 1, granted.id)
    assert (told.type, told.subject) == (EventType.CLIP_RECORDED, "entrance")
    assert told.data == {
        "clip": clip_id(granted.id, "entrance"),
        "cause": granted.id,
        "cause_type": "access.granted",
        "cause_journal": JOURNAL,
        "start_us": clip.start_us,
        "length_ms": 30_000,
        "segment": first,
        "offset_ms": 30_000,
    }
    assert ready(clips, now()) == []


def test_events_that_follow_from_another_make_no_clip_of_their_own(footage: Footage, now: Any) -> None:
    clips = Clips(footage, ["entrance"], MARGINS, frozenset())
    others = [EventType.DOOR_UNLOCKED, EventType.DOOR_OPENED, EventType.DOOR_CLOSED, EventType.READER_LOST]
    clips.follow(JOURNAL, [event(kind, now(), seq) for seq, kind in enumerate(others, 1)], now())
    record(footage, "entrance", now.wall_us - 60 * SECOND, now.wall_us + 60 * SECOND)
    now.sleep(60)
    assert ready(clips, now()) == []


def test_each_piece_of_evidence_of_a_passage_has_a_clip_at_its_own_moment(footage: Footage, now: Any) -> None:
    clips = Clips(footage, ["entrance"], MARGINS, frozenset())
    kinds = [kind for kind in EventType if kind.value.startswith("passage.")]
    assert len(kinds) == 3
    clips.follow(JOURNAL, [event(kind, now(), seq) for seq, kind in enumerate(kinds, 1)], now())
    record(footage, "entrance", now.wall_us - 60 * SECOND, now.wall_us + 60 * SECOND)
    now.sleep(60)
    assert [told.data["cause_type"] for told in ready(clips, now())] == kinds


@pytest.mark.parametrize(
    "kind",
    [
        EventType.ACCESS_GRANTED,
        EventType.ACCESS_REFUSED,
        EventType.DOOR_FORCED,
        EventType.DOOR_HELD,
        EventType.HELP_REQUESTED,
        EventType.TAMPER_STARTED,
    ],
)
def test_what_happens_at_a_door_gets_camera_segment_and_offset(
    footage: Footage, now: Any, kind: EventType
) -> None:
    clips = Clips(footage, ["entrance", "yard"], MARGINS, frozenset())
    segments = {
        camera: record(footage, camera, now.wall_us - late_s * SECOND, now.wall_us + 60 * SECOND)
        for camera, late_s in (("entrance", 12), ("yard", -5))
    }
    clips.follow(JOURNAL, [event(kind, now())], now())
    now.sleep(21)
    entrance, yard = ready(clips, now())
    assert (entrance.subject, entrance.data["cause_type"]) == ("entrance", kind)
    assert (entrance.data["segment"], entrance.data["offset_ms"]) == (segments["entrance"], 12_000)
    # What began to be recorded after the event has a clip of what followed, and no moment to point at.
    assert yard.subject == "yard"
    assert "offset_ms" not in yard.data


def test_every_camera_gets_a_clip_and_one_without_pictures_none(footage: Footage, now: Any) -> None:
    clips = Clips(footage, ["entrance", "yard", "dead"], MARGINS, frozenset())
    clips.follow(JOURNAL, [event(EventType.DOOR_FORCED, now())], now())
    for camera in ("entrance", "yard"):
        record(footage, camera, now.wall_us - 5 * SECOND, now.wall_us + 30 * SECOND)
    now.sleep(25)
    assert ready(clips, now()) == []  # the third may still deliver
    now.sleep(MARGINS.segment_us // SECOND + PATIENCE_US // SECOND)
    told = ready(clips, now())
    assert [(e.subject, e.data["length_ms"]) for e in told] == [("entrance", 25_000), ("yard", 25_000)]


def test_the_length_counts_only_pictures(footage: Footage, now: Any) -> None:
    clips = Clips(footage, ["entrance"], MARGINS, frozenset())
    clips.follow(JOURNAL, [event(EventType.ACCESS_REFUSED, now())], now())
    record(footage, "entrance", now.wall_us - 60 * SECOND, now.wall_us - 5 * SECOND)
    record(footage, "entrance", now.wall_us + 5 * SECOND, now.wall_us + 60 * SECOND)
    now.sleep(60)
    (told,) = ready(clips, now())
    assert told.data["length_ms"] == 20_000


def test_motion_lasts_from_its_start_to_its_end(footage: Footage, now: Any) -> None:
    clips = Clips(footage, ["entrance", "yard"], MARGINS, frozenset())
    start_us = now.wall_us
    clips.follow("own", [event(EventType.MOTION_STARTED, now(), 1, "yard")], now())
    record(footage, "yard", now.wall_us - 60 * SECOND, now.wall_us + 400 * SECOND)
    now.sleep(300)
    assert ready(clips, now()) == []
    clips.follow("own", [event(EventType.MOTION_ENDED, now(), 2, "yard")], now())
    now.sleep(20)
    (told,) = ready(clips, now())
    assert (told.subject, told.data["length_ms"]) == ("yard", 330_000)
    assert footage.clips()[0].start_us == start_us - 10 * SECOND


def test_motion_that_a_crash_cut_short_ends_with_the_next_start(footage: Footage, now: Any) -> None:
    clips = Clips(footage, ["entrance"], MARGINS, frozenset())
    record(footage, "entrance", now.wall_us - 60 * SECOND, now.wall_us + 7 * SECOND)
    motion = event(EventType.MOTION_STARTED, now(), 1, "entrance")
    now.sleep(10)
    clips.follow("own", [motion, event(EventType.SERVICE_STARTED, now(), 2, "recorder")], now())
    now.sleep(20 + MARGINS.segment_us // SECOND + PATIENCE_US // SECOND)
    assert not ready(clips, now())
    now.sleep(1)
    (told,) = ready(clips, now())
    assert told.data["length_ms"] == 17_000


def test_a_clock_set_back_makes_no_clip_wait(footage: Footage, now: Any) -> None:
    clips = Clips(footage, ["entrance"], MARGINS, frozenset())
    clips.follow(JOURNAL, [event(EventType.ACCESS_GRANTED, now())], now())
    record(footage, "entrance", now.wall_us - 60 * SECOND, now.wall_us + 60 * SECOND)
    now.wall_us -= 365 * 86_400 * SECOND
    now.sleep(21)
    assert len(ready(clips, now())) == 1


@pytest.mark.parametrize("crash_after", range(5))
def test_a_restart_takes_up_where_it_ended_and_does_nothing_twice(
    footage: Footage, now: Any, crash_after: int
) -> None:
    """Two causes, two cameras: four clips, each a row and an announcement; the crash comes after some."""
    causes = [event(EventType.ACCESS_GRANTED, now(), seq) for seq in (3, 7)]
    for camera in ("entrance", "yard"):
        record(footage, camera, now.wall_us - 60 * SECOND, now.wall_us + 60 * SECOND)
    now.sleep(60)

    announced: list[str] = []
    first = Clips(footage, ["entrance", "yard"], MARGINS, frozenset())
    first.follow(JOURNAL, causes, now())
    for told in first.ready(now()):
        if len(announced) == crash_after:
            break  # the row is written, the event is not
        announced.append(str(told.data["clip"]))

    second = Clips(footage, ["entrance", "yard"], MARGINS, frozenset(announced))
    position = second.position(JOURNAL)
    second.follow(JOURNAL, [cause for cause in causes if cause.seq > position], now())
    announced += [str(told.data["clip"]) for told in second.ready(now())]

    expected = {clip_id(cause.id, camera) for cause in causes for camera in ("entrance", "yard")}
    assert sorted(announced) == sorted(expected)
    assert {clip.id for clip in footage.clips()} == expected


def test_what_was_told_of_is_not_remembered_for_ever(footage: Footage, now: Any) -> None:
    clips = Clips(footage, ["entrance"], MARGINS, frozenset())
    record(footage, "entrance", now.wall_us - 60 * SECOND, now.wall_us + 60 * SECOND)
    clips.follow(JOURNAL, [event(EventType.ACCESS_GRANTED, now())], now())
    now.sleep(60)
    assert len(ready(clips, now())) == 1
    assert (clips._announced, clips._known) == (set(), {})


def test_a_cause_whose_footage_is_destroyed_is_passed_over(footage: Footage, now: Any) -> None:
    clips = Clips(footage, ["entrance"], MARGINS, frozenset())
    old = replace(now(), wall_us=now.wall_us - MARGINS.keep_us - 60 * SECOND)
    clips.follow(JOURNAL, [event(EventType.ACCESS_GRANTED, old)], now())
    assert clips._waiting == {JOURNAL: []}
