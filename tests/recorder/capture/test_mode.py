"""Whether a camera is recorded: every mode at every hour, what happened lately, and every doubt."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from controller.core import hours
from controller.recorder.activity import Activity
from controller.recorder.capture.mode import Mode, ModeJudge, ModeRules
from controller.recorder.happenings import Reason

SECOND = 1_000_000
C, A, O = Mode.CONTINUOUS, Mode.ACTIVITY, Mode.OFF  # noqa: E741
STAFFED, UNSTAFFED, CLOSED = hours.Mode.STAFFED, hours.Mode.UNSTAFFED, hours.Mode.CLOSED
BY_ACTIVITY = ModeRules(A)


@pytest.fixture
def judge(now: Any) -> ModeJudge:
    """Of a camera that has been watched quietly for long."""
    judge = ModeJudge(BY_ACTIVITY, Activity())
    judge.connected(now())
    judge.interval.us = 2 * SECOND
    now.sleep(100)
    judge.activity.looked(False, now.mono_us)
    return judge


@pytest.mark.parametrize(("usual", "at"), [*product((C, A), hours.Mode)])
def test_a_mode_without_hours_holds_always(usual: Mode, at: hours.Mode, now: Any) -> None:
    assert ModeRules(usual, hours_at=lambda _: at).at(now()) is usual


@pytest.mark.parametrize(
    ("at", "mode"), [(STAFFED, O), (UNSTAFFED, C), (hours.Mode.CLEAR_OUT, C), (CLOSED, A)]
)
def test_a_mode_by_hours(at: hours.Mode, mode: Mode, now: Any) -> None:
    rules = ModeRules(A, {STAFFED: O, UNSTAFFED: C}, lambda _: at)
    assert rules.at(now()) is mode
    assert rules.modes == {O, C, A}


@pytest.mark.parametrize(
    ("rules", "fullest"),
    [
        (ModeRules(C, {STAFFED: O}), C),
        (ModeRules(A, {STAFFED: O}), A),
        (ModeRules(A, {STAFFED: O, CLOSED: C}), C),
        (ModeRules(C, {STAFFED: A, UNSTAFFED: A, CLOSED: O}), A),  # the usual is never meant
        (ModeRules(C, {STAFFED: O, UNSTAFFED: O, CLOSED: O}), O),
    ],
)
def test_hours_that_nobody_knows_are_recorded_as_the_fullest(
    rules: ModeRules, fullest: Mode, now: Any
) -> None:
    assert rules.at(now()) is fullest  # they cannot be known at all
    now.trusted = False
    assert replace(rules, hours_at=lambda _: STAFFED).at(now()) is fullest


def test_quiet_is_not_recorded_and_what_happens_is_until_the_post_roll_is_over(
    judge: ModeJudge, now: Any
) -> None:
    assert judge.judgement(now()).reason is Reason.QUIET
    for reason in (Reason.MOTION, Reason.DOOR):
        judge.activity.happened(reason, now.mono_us)
        now.sleep(29.9)
        judge.activity.looked(False, now.mono_us)
        assert (judge.judgement(now()).record, judge.judgement(now()).reason) == (True, reason)
        now.sleep(0.1)
        assert not judge.judgement(now()).record


def test_the_latest_counts_in_whatever_order_they_are_told(judge: ModeJudge, now: Any) -> None:
    judge.activity.happened(Reason.MOTION, now.mono_us)
    judge.activity.happened(Reason.DOOR, now.mono_us - 5 * SECOND)
    assert judge.judgement(now()).reason is Reason.MOTION
    judge.activity.looked(True, now.mono_us + 5 * SECOND)
    now.sleep(34)
    assert judge.judgement(now()).record


def test_what_happens_does_not_matter_in_other_modes(judge: ModeJudge, now: Any) -> None:
    judge.activity.happened(Reason.DOOR, now.mono_us)
    for rules, record in ((ModeRules(C), True), (ModeRules(O), False)):
        judge.rules = rules
        assert judge.judgement(now()).record is record


def test_a_camera_that_was_just_found_is_recorded(judge: ModeJudge, now: Any) -> None:
    judge.connected(now())
    assert judge.judgement(now()).reason is Reason.CAMERA_FOUND
    now.sleep(30)
    assert judge.judgement(now()).reason is Reason.UNWATCHED
    judge.activity.looked(False, now.mono_us)
    assert not judge.judgement(now()).record


def test_motion_that_nobody_looks_for_is_no_doubt(judge: ModeJudge, now: Any) -> None:
    judge.rules = replace(BY_ACTIVITY, watched=False)
    now.sleep(3600)
    assert judge.judgement(now()).reason is Reason.QUIET


@pytest.mark.parametrize(
    ("interval_s", "pre_roll_s", "post_roll_s", "reason"),
    [
        (None, 10, 30, Reason.UNMEASURED),
        (5, 10, 30, Reason.QUIET),
        (5.1, 10, 30, Reason.KEYFRAMES_TOO_RARE),
        (5.1, 30, 10, Reason.KEYFRAMES_TOO_RARE),
        (1, 2, 2, Reason.QUIET),
    ],
)
def test_keyframes_that_are_too_rare_or_unmeasured_are_recorded_continuously(
    interval_s: float | None, pre_roll_s: int, post_roll_s: int, reason: Reason, judge: ModeJudge, now: Any
) -> None:
    judge.rules = ModeRules(A, pre_roll_us=pre_roll_s * SECOND, post_roll_us=post_roll_s * SECOND)
    judge.interval.us = None if interval_s is None else round(interval_s * SECOND)
    assert judge.judgement(now()).reason is reason
