"""The simulated camera's faults, each noticed within its seconds, told once, and nothing else with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from controller.core.camera_health import DRIFT_NOTICED_S, LOOK_EVERY_S, NOTICED_S, Fault
from controller.core.camera_rate import HOURS
from controller.devices import VideoPacket
from controller.recorder.watching.health import Between, HealthWatch
from controller.recorder.watching.view import LEARNING_LOOKS
from controller.store.known_cameras import KnownCamera
from simulator.camera.film import Condition

LEARNING_S = LEARNING_LOOKS * LOOK_EVERY_S
Make = Callable[..., Any]
_learnt: list[KnownCamera] = []


@pytest.fixture
def known(watched: Make) -> KnownCamera:
    """By day and by night."""
    if not _learnt:
        camera = watched()
        camera.play(LEARNING_S + 10)
        camera.be(Condition.NIGHT)
        camera.play(LEARNING_S + 10)
        assert [(told.view, told.usable) for told in camera.learnt] == [("colour", True), ("grey", True)]
        assert camera.faults == []
        _learnt.append(camera.learnt[-1].known)
    return _learnt[0]


CONDITIONS = [
    (Condition.DARK, Fault.DARK),
    (Condition.COVERED, Fault.COVERED),
    (Condition.FROZEN, Fault.FROZEN),
    (Condition.TURNED, Fault.MOVED),
]


@pytest.mark.parametrize("light", [Condition.WELL, Condition.NIGHT])
@pytest.mark.parametrize(("condition", "fault"), CONDITIONS)
def test_what_is_wrong_with_the_picture_is_noticed_in_time(
    watched: Make, known: KnownCamera, condition: Condition, fault: Fault, light: Condition
) -> None:
    camera = watched(known)
    camera.be(light)
    camera.play(20)
    camera.be(light, condition)
    camera.play(100)
    ((told, begun, after_s),) = camera.faults
    assert (told, begun) == (fault, True)
    # By night, this encoder goes on for a while making a frozen picture better.
    assert after_s <= NOTICED_S[fault] or (fault is Fault.FROZEN and light is Condition.NIGHT)
    assert camera.movement.blind
    camera.told.clear()
    camera.be(light)
    camera.play(100)
    ((told, begun, after_s),) = camera.faults
    assert (told, begun) == (fault, False)
    assert after_s <= NOTICED_S[fault]
    assert not camera.movement.blind


@pytest.mark.parametrize("gop_s", [2, 4, 10])
def test_it_is_noticed_however_far_apart_keyframes_are(
    watched: Make, known: KnownCamera, gop_s: float
) -> None:
    camera = watched(known, gop_s=gop_s)
    camera.play(3 * gop_s)
    camera.be(Condition.COVERED)
    camera.play(100)
    ((told, _, after_s),) = camera.faults
    assert told is Fault.COVERED
    assert after_s <= NOTICED_S[Fault.COVERED] + (3 * gop_s if gop_s > LOOK_EVERY_S else 0)


def test_a_jump_of_the_clock_is_noticed_and_over_after_five_minutes(watched: Make) -> None:
    camera = watched()
    camera.play(60)
    camera.began_us = camera.now.mono_us
    camera.play(20, jump_s=3600)
    ((told, begun, after_s),) = camera.faults
    assert (told, begun) == (Fault.BAD_CLOCK, True)
    assert after_s <= NOTICED_S[Fault.BAD_CLOCK]
    assert not camera.movement.blind
    camera.play(400, jump_s=3600)
    assert [(fault, begun) for fault, begun, _ in camera.faults[1:]] == [(Fault.BAD_CLOCK, False)]


def test_a_clock_that_runs_wrong_is_noticed(watched: Make) -> None:
    camera = watched()
    camera.be(Condition.FAST)
    camera.play(DRIFT_NOTICED_S)
    assert [(fault, begun) for fault, begun, _ in camera.faults] == [(Fault.BAD_CLOCK, True)]


@pytest.mark.parametrize("usual", [(), (400,) * HOURS], ids=["set", "usual"])
def test_too_few_bits_are_noticed(watched: Make, known: KnownCamera, usual: tuple[int, ...]) -> None:
    camera = watched(replace(known, usual_kbps=usual), min_kbps=0 if usual else 120)
    camera.be(Condition.NIGHT)
    camera.play(120)
    assert camera.faults == []
    camera.be(Condition.NIGHT, Condition.STARVED)
    camera.play(130)
    ((told, begun, after_s),) = camera.faults
    assert (told, begun) == (Fault.LOW_BIT_RATE, True)
    assert after_s <= NOTICED_S[told]
    assert not camera.movement.blind


def test_what_is_no_picture_is_unreadable(watched: Make, now: Any) -> None:
    camera = watched()
    watch, camera.began_us = camera._watch, now.mono_us
    for second in range(60):
        packet = VideoPacket(b"\0\0\0\1\x65 no slice", second * 90_000, second * 90_000, True)
        watch.look(packet, Between(0, 0), now())
        now.sleep(1)
    ((told, begun, after_s),) = camera.faults
    assert (told, begun) == (Fault.UNREADABLE, True)
    assert after_s <= NOTICED_S[told]


def test_a_reconnection_alone_is_no_fault(watched: Make, known: KnownCamera, now: Any) -> None:
    camera = watched(known)
    for minute in range(8):
        camera.play(30, jump_s=-1000 * minute)
        now.sleep(5)
        camera.connect()
    assert camera.faults == []


def test_it_is_learnt_anew_when_somebody_asks(watched: Make, known: KnownCamera) -> None:
    camera = watched(known)
    camera.be(Condition.TURNED)
    camera.play(70)
    camera.health.forget("asked-1")
    camera.play(LEARNING_S + 60)
    assert [(fault, begun) for fault, begun, _ in camera.faults] == [
        (Fault.MOVED, True),
        (Fault.MOVED, False),
    ]
    (learnt,) = camera.learnt
    assert (learnt.view, learnt.known.asked, learnt.known.grey_view) == ("colour", "asked-1", None)
    assert learnt.known.colour_view not in (None, known.colour_view)
    camera.be(Condition.WELL)
    camera.play(60)
    assert [fault for fault, _, _ in camera.faults[2:]] == [Fault.MOVED]


def test_a_view_in_which_nothing_stays_is_said_to_be_of_no_use(now: Any) -> None:
    told: list[Any] = []
    health, by_chance = HealthWatch.unknown("entrance", told.append), np.random.default_rng(1)
    for _ in range(2 * LEARNING_LOOKS):
        blocks = np.kron(by_chance.integers(0, 255, (9, 16), dtype=np.uint8), np.ones((10, 10), np.uint8))
        health.look(np.roll(blocks, by_chance.integers(0, 10, 2), (0, 1)), 20.0, now())
        now.sleep(LOOK_EVERY_S)
    assert [(learnt.view, learnt.usable) for learnt in told] == [("colour", False)]
    assert health.figures is not None
    assert health.figures.kept is None
