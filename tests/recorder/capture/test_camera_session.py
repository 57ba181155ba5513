"""A connection in every mode, packet by packet: what is written, what is told, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from controller.core import hours
from controller.recorder.capture import camera_session
from controller.recorder.capture.mode import Mode, ModeRules
from controller.recorder.happenings import Gap, Paused, Reason, Resumed
from controller.recorder.watching.pictures import KeyframeDecoder

SECOND = 1_000_000
BY_ACTIVITY = ModeRules(Mode.ACTIVITY, pre_roll_us=3 * SECOND, post_roll_us=5 * SECOND, watched=False)


def test_a_quiet_camera_is_recorded_until_it_is_known_to_be(rig: Any) -> None:
    """And then paused, which is no gap."""
    begun_us = rig.now.wall_us
    rig.play(20)
    (segment,) = rig.segments()
    assert (segment.name.start_us, segment.end_us) == (begun_us, begun_us + 5 * SECOND)
    (paused,) = rig.of(Paused)
    assert (paused.reason, paused.stamp.wall_us) == (Reason.QUIET, segment.end_us)
    assert rig.of(Gap, Resumed) == []
    assert rig.written() == rig.sent(begun_us, segment.end_us)


@pytest.mark.parametrize("reason", [Reason.DOOR, Reason.MOTION])
@pytest.mark.parametrize("into_a_group_s", [0, 0.1, 0.4, 0.9])
def test_what_happens_is_recorded_from_the_pre_roll_to_the_post_roll(
    rig: Any, reason: Reason, into_a_group_s: float
) -> None:
    rig.quiet()
    rig.play(30 + into_a_group_s)
    happened_us = rig.now.wall_us
    rig.activity.happened(reason, rig.now.mono_us)
    rig.play(0.1)
    (resumed,) = rig.of(Resumed)  # at once: not with the next keyframe, before which the power may fail
    rig.play(20)
    (segment,) = rig.segments()
    assert (resumed.reason, resumed.from_us) == (reason, segment.name.start_us)
    assert happened_us - 4 * SECOND <= segment.name.start_us <= happened_us - 3 * SECOND
    assert happened_us + 5 * SECOND <= segment.end_us <= happened_us + 6 * SECOND
    assert segment.name.start_us - segment.name.start_mono_us == rig.now.wall_us - rig.now.mono_us
    assert rig.written() == rig.sent(segment.name.start_us, segment.end_us)
    assert rig.of(Gap) == []


def test_what_moves_is_recorded_from_before_it_was_seen(rig: Any, encoded: Callable[..., Any]) -> None:
    """In the keyframes of the recorded stream, decoded as in the field."""
    rig.video = encoded([None] * 200 + [n * 4 for n in range(60)] + [None] * 200)
    rig.motion, rig.rules = True, replace(BY_ACTIVITY, watched=True)
    rig.begin()
    begun_us = rig.now.wall_us
    rig.play(46)
    (resumed,) = rig.of(Resumed)
    assert resumed.reason is Reason.MOTION
    moving_us = begun_us + 20 * SECOND
    assert moving_us - 4 * SECOND <= resumed.from_us <= moving_us - 2 * SECOND
    assert rig.segments()[1].end_us >= moving_us + 10 * SECOND
    assert len(rig.of(Paused)) == 2


def test_what_cannot_be_looked_at_is_recorded(
    rig: Any, encoded: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.video = encoded([None] * 60)
    rig.motion, rig.rules = True, replace(BY_ACTIVITY, watched=True)
    rig.begin()
    rig.play(20)
    assert [paused.reason for paused in rig.of(Paused)] == [Reason.QUIET]
    rig.told.clear()
    monkeypatch.setattr(KeyframeDecoder, "frame", lambda *_: None)
    rig.play(20)
    assert [resumed.reason for resumed in rig.of(Resumed)] == [Reason.UNWATCHED]
    assert rig.of(Paused) == []


def test_what_goes_on_happening_is_one_recording(rig: Any) -> None:
    rig.quiet()
    for _ in range(10):
        rig.activity.happened(Reason.MOTION, rig.now.mono_us)
        rig.play(4)
    rig.play(10)
    assert len(rig.of(Resumed)) == len(rig.segments()) == 1


@pytest.mark.parametrize("most_pending", [1, 3, 64])
def test_over_every_change_of_mode_each_picture_is_written_once_or_not_wanted(
    rig: Any, monkeypatch: pytest.MonkeyPatch, most_pending: int
) -> None:
    """Pauses of every length around that of the pre-roll: where two recordings touch, nothing is missing."""
    monkeypatch.setattr(camera_session, "MOST_PENDING", most_pending)
    rig.segment_s = 4
    rig.connect()
    for tenths in range(40, 100, 3):
        rig.activity.happened(Reason.MOTION, rig.now.mono_us)
        rig.play(tenths / 10)
    rig.play(20)
    assert rig.written() == [
        picture for one in rig.segments() for picture in rig.sent(one.name.start_us, one.end_us)
    ]
    starts, ends = [s.name.start_us for s in rig.segments()], [s.end_us for s in rig.segments()]
    assert all(start >= end for start, end in zip(starts[1:], ends[:-1], strict=True))  # nothing twice
    assert len(rig.of(Paused)) >= 5
    assert rig.of(Gap) == []


def test_the_hours_change_the_mode_at_the_next_keyframe(rig: Any) -> None:
    at = [hours.Mode.UNSTAFFED]
    by_hours = {hours.Mode.STAFFED: Mode.OFF, hours.Mode.UNSTAFFED: Mode.CONTINUOUS}
    rig.rules = ModeRules(Mode.ACTIVITY, by_hours, lambda _: at[0], 3 * SECOND, 5 * SECOND, False)
    rig.begin()
    steps: Sequence[tuple[hours.Mode, list[Reason]]] = (
        (hours.Mode.UNSTAFFED, []),
        (hours.Mode.STAFFED, [Reason.OFF]),
        (hours.Mode.CLOSED, [Reason.QUIET]),
        (hours.Mode.CLEAR_OUT, [Reason.CONTINUOUS]),
        (hours.Mode.CLOSED, [Reason.QUIET]),
        (hours.Mode.STAFFED, [Reason.OFF]),
        (hours.Mode.UNSTAFFED, [Reason.CONTINUOUS]),
    )
    for now_it_is, told in steps:
        at[0] = now_it_is
        rig.told.clear()
        rig.play(20.5)
        assert [change.reason for change in rig.of(Paused, Resumed)] == told
    rig.activity.happened(Reason.DOOR, rig.now.mono_us)
    at[0] = hours.Mode.STAFFED
    rig.play(1)
    rig.told.clear()
    rig.activity.happened(Reason.DOOR, rig.now.mono_us)
    rig.play(10)
    assert rig.told == []  # what is off is off, whatever happens
