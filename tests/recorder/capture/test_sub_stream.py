from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from controller.devices import Camera, DeviceLost
from controller.recorder.activity import Activity
from controller.recorder.capture import sub_stream
from controller.recorder.capture.sub_stream import LOOK_US, Pace, SubStream
from controller.recorder.happenings import Motion
from controller.recorder.watching.movement import Movement
from controller.recorder.watching.zones import View

Play = Callable[..., list[Motion]]
MS = 1_000


@pytest.fixture
def play(now: Any, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Runs a thread over a list of what opening the stream gives, then stops it: what it told."""
    monkeypatch.setattr(sub_stream, "FIRST_RETRY_S", 0.001)
    monkeypatch.setattr(sub_stream, "LONGEST_RETRY_S", 0.004)

    def run(*openings: Camera | DeviceLost) -> list[Motion]:
        remaining, told = list(openings), list[Motion]()

        def open_camera() -> Camera:
            if not remaining:
                stream.stop()
                raise DeviceLost("the play is over")
            opening = remaining.pop(0)
            if isinstance(opening, DeviceLost):
                raise opening
            return opening

        movement = Movement("entrance", told.append, Activity())
        stream = SubStream("entrance", open_camera, now, View.of(), movement)
        stream.start()
        stream.join(30)
        assert not stream.is_alive()
        return told

    return run


def test_a_walker_is_told_of_and_the_end_of_the_stream_ends_the_motion(
    play: Play, encoded: Any, now: Any, scripted: Any
) -> None:
    begin_us = now.mono_us
    started, ended = play(scripted(encoded([None] * 30 + [n * 4 for n in range(30)]), now))
    assert (started.camera, started.started, ended.started) == ("entrance", True, False)
    assert 2_900 * MS <= started.stamp.mono_us - begin_us <= 3_500 * MS


def test_a_lost_stream_is_tried_again_and_warned_of_once(
    play: Play, encoded: Any, now: Any, scripted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    walk = encoded([None] * 30 + [n * 4 for n in range(30)])
    lost = DeviceLost("no route")
    told = play(scripted(walk, now, lost_after=20), lost, lost, lost, scripted(walk, now))
    assert [motion.started for motion in told] == [True, False]
    assert [record.getMessage() for record in caplog.records if "no route" in record.getMessage()] == [
        "camera entrance: its smaller stream: no route"
    ]


@pytest.mark.parametrize(
    ("fps", "looked_at"), [(2, 20), (5, 50), (6, 50), (10, 50), (12, 48), (15, 50), (25, 50)]
)
def test_five_pictures_a_second_are_looked_at(fps: int, looked_at: int) -> None:
    pace = Pace()
    jitter = [0, 3, -4, 1, 0, -2, 5]
    arrivals = [n * 1_000_000 // fps + jitter[n % 7] * MS for n in range(10 * fps)]
    assert sum(map(pace.due, arrivals)) == pytest.approx(looked_at, abs=2)


def test_after_a_pause_one_picture_is_due_and_no_more() -> None:
    pace = Pace()
    assert pace.due(10_000 * MS)
    assert pace.due(20_000 * MS)
    assert not pace.due(20_000 * MS + LOOK_US // 2)
