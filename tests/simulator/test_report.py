"""The demo's verdict: each witness that disagrees with the scenario is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.report import Report, differences
from simulator.scenario import Planted, Scenario, Totals

SCENARIO = Scenario(
    "An evening",
    (),
    Totals(swipes=3, grants=1, refusals={"expired": 2}, pulses=1, clips=2),
    (Planted(9, "kept"), Planted(31, "destroyed")),
)
AS_EXPECTED = Report(
    swipes=3,
    grants=1,
    refusals={"expired": 2},
    pulses_s=(1.0,),
    clips_s=(5.0, 5.0),
    footage={"kept": 1, "destroyed": 1},
    journalled={"door": 9},
    delivered={"door": 9},
    duplicates=4,
    faults=(),
)


def test_an_evening_as_expected_has_no_differences() -> None:
    assert list(differences(AS_EXPECTED, SCENARIO, 1.0, camera=True)) == []
    assert list(differences(replace(AS_EXPECTED, delivered=None), SCENARIO, 1.0, camera=True)) == []
    assert list(differences(replace(AS_EXPECTED, clips_s=(5.0,) * 9), SCENARIO, 1.0, camera=True)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"swipes": 4}, "swipes: 3 expected, 4 found"),
        ({"grants": 0}, "grants: 1 expected, 0 found"),
        ({"refusals": {"expired": 1, "suspended": 1}}, "refusals: {'expired': 2} expected"),
        ({"pulses_s": ()}, "lock pulses: 1 expected, 0 found"),
        ({"pulses_s": (1.6,)}, "lock pulses: 1 s allowed, 1.6 s found"),
        ({"footage": {"kept": 2}}, "footage: {'kept': 1, 'destroyed': 1} expected, {'kept': 2} found"),
        ({"clips_s": (5.0,)}, "clips: at least 2 expected, 1 found"),
        ({"delivered": {"door": 8}}, "events: {'door': 9} journalled, {'door': 8} delivered"),
        ({"faults": ("it changed",)}, "delivered: it changed"),
    ],
)
def test_each_witness_is_heard(changed: dict[str, object], said: str) -> None:
    report = replace(AS_EXPECTED, **changed)  # type: ignore[arg-type]
    (difference,) = differences(report, SCENARIO, 1.0, camera=True)
    assert difference.startswith(said)


def test_without_a_camera_nothing_is_expected_of_it() -> None:
    report = replace(AS_EXPECTED, clips_s=(), footage={})
    assert list(differences(report, SCENARIO, 1.0, camera=False)) == []
