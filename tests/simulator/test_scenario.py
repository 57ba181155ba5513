"""Scenario files: the evening is one, and every mistake is named."""

from __future__ import annotations

from datetime import date

import pytest

from controller.core.event import EventType
from simulator.demo import SCENARIOS
from simulator.members import cast, newcomers
from simulator.scenario import Action, Expected, ScenarioError, Step, load_scenario, parse, parse_action

TOTALS = "totals: {swipes: 0, grants: 0}"


def test_a_step_is_read() -> None:
    text = f"""
steps:
  - {{at: 1.5, swipe: expired, expect: {{access.refused: {{reason: expired}}}}}}
  - {{at: 2, fire: on, expect: {{"recorder:clip.recorded": }}, within: 9}}
{TOTALS}
"""
    assert parse(text).steps == (
        Step(
            1.5, Action.SWIPE, "expired", (Expected("door", EventType.ACCESS_REFUSED, {"reason": "expired"}),)
        ),
        Step(2, Action.FIRE, "on", (Expected("recorder", EventType.CLIP_RECORDED, {}),), 9),
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[", "not YAML"),
        ("3", "the file"),
        ("nmae: x", "no such key: nmae"),
        ("steps: 3", "steps: a list"),
        ("steps: [{at: 1}]", "step 1: exactly one action"),
        ("steps: [{swipe: a, walk: past}]", "step 1: exactly one action"),
        ("steps: [{dance: a}]", "step 1: there is no such key: dance"),
        ("steps: [{walk: home}]", "walk: one of past"),
        ("steps: [{lms: sulky}]", "lms: one of "),
        ("steps: [{swipe: a, at: soon}]", "step 1: at: a number"),
        ("steps: [{swipe: a, at: true}]", "step 1: at: a number"),
        ("steps: [{swipe: a, expect: {access.denied: {}}}]", "no event 'access.denied'"),
        ('steps: [{swipe: a, expect: {"cellar:door.opened": {}}}]', "no service 'cellar'"),
        ("steps: [{swipe: a, expect: [x]}]", "step 1: expect: names"),
        ("footage: [{days: 9, becomes: lost}]", "becomes: kept, destroyed or held"),
        ("footage: [{becomes: kept}]", "footage: days: a number"),
        ("name: x", "totals: names"),
        ("totals: {swipes: 1, grants: many}", "totals: grants: a number"),
        ("totals: {swipes: 1, refusals: {expired: x}}", "totals: expired: a number"),
    ],
)
def test_a_mistake_is_named(text: str, fault: str) -> None:
    with pytest.raises(ScenarioError, match=fault):
        parse(text)


def test_a_typed_line_is_a_step() -> None:
    assert parse_action("swipe member 1") == Step(0, Action.SWIPE, "member 1")
    with pytest.raises(ScenarioError, match="nothing is called 'jump'"):
        parse_action("jump")


def test_the_evening_agrees_with_itself() -> None:
    evening = load_scenario(SCENARIOS / "evening.yaml")
    read = [step for step in evening.steps if step.action in (Action.SWIPE, Action.SEND, Action.MISREAD)]
    wanted = [expected for step in read for expected in step.expect]
    refused = [e.data["reason"] for e in wanted if e.type is EventType.ACCESS_REFUSED]
    assert evening.totals.swipes == len(read)
    assert evening.totals.grants == [e.type for e in wanted].count(EventType.ACCESS_GRANTED)
    assert evening.totals.refusals == {reason: refused.count(reason) for reason in refused}
    labels = {step.what for step in evening.steps if step.action is Action.SWIPE}
    assert labels <= {*cast(date(2026, 1, 1)), *newcomers(date(2026, 1, 1)), "stranger"}
    assert [step.at_s for step in evening.steps] == sorted(step.at_s for step in evening.steps)
    assert evening.steps[-1].at_s <= 60


def test_what_a_camera_suffers_from_is_a_step() -> None:
    assert parse_action("camera turned") == Step(0, Action.CAMERA, "turned")
    with pytest.raises(ScenarioError, match="camera: one of covered, dark"):
        parse_action("camera sulky")
