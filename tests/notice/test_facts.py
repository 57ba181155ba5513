"""From settings and profile to facts: what an operator changes, and which way that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from controller.core.notice import Difference, compare
from controller.notice.facts import facts_of
from controller.settings.model import Settings
from controller.settings.policy.profile import Profile

Changed = Callable[..., Settings]
Accepted = Callable[..., Profile]

CAMERA = {"id": "entrance", "url": "rtsp://camera-1.example/stream1", "own_masks": True}
MASK = [[0.0, 0.0], [0.3, 0.0], [0.3, 0.2]]
OTHER_MASK = [[0.0, 0.0], [0.3, 0.0], [0.3, 0.1]]


def told(found: list[Difference]) -> dict[str, bool]:
    return {difference.key: difference.laxer for difference in found}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"footage": {"retention_days": 15}}, {"footage.retention_days": True}),
        ({}, {"footage": {"retention_days": 13}}, {"footage.retention_days": False}),
        ({}, {"footage": {"segment_s": 120}}, {}),
        ({}, {"branch": {"name": "Another Library"}}, {"branch.name": False}),
        ({}, {"mqtt": {"enabled": False}}, {"mqtt.enabled": False}),
        ({"mqtt": {"enabled": False}}, {}, {"mqtt.enabled": True}),
        (
            {},
            {"occupancy": {"estimate": True, "publish": True}},
            {"occupancy.estimate": True, "occupancy.publish": True},
        ),
        ({}, {"pin": {"offline": True}}, {"pin.offline": True}),
        (
            {"cameras": [{**CAMERA, "masks": [MASK]}]},
            {"cameras": [{**CAMERA, "masks": []}]},
            {"cameras.entrance.masks": True},
        ),
        (
            {"cameras": [{**CAMERA, "masks": [MASK]}]},
            {"cameras": [{**CAMERA, "masks": [OTHER_MASK]}]},
            {"cameras.entrance.masks": True},
        ),
        (
            {"cameras": [{**CAMERA, "masks": [MASK]}]},
            {"cameras": [{**CAMERA, "masks": [MASK, OTHER_MASK]}]},
            {"cameras.entrance.masks": False},
        ),
        (
            {"cameras": [{**CAMERA, "by_hours": {"staffed": "off"}}]},
            {"cameras": [CAMERA]},
            {"cameras.entrance.staffed": True},
        ),
        (
            {"cameras": [CAMERA]},
            {"cameras": [{**CAMERA, "mode": "activity"}]},
            {f"cameras.entrance.{hours}": False for hours in ("staffed", "unstaffed", "closed")},
        ),
        (
            {"cameras": [{**CAMERA, "motion": False}]},
            {"cameras": [CAMERA]},
            {"cameras.entrance.motion": True},
        ),
    ],
)
def test_a_setting_that_changed(
    changed: Changed,
    accepted: Accepted,
    before: dict[str, Any],
    after: dict[str, Any],
    expected: dict[str, bool],
) -> None:
    profile = accepted()
    notice, live = facts_of(changed(**before), profile), facts_of(changed(**after), profile)
    assert told(compare(notice, live)) == expected


def test_one_more_camera_is_laxer_and_one_less_is_not(changed: Changed, accepted: Accepted) -> None:
    profile = accepted()
    one = facts_of(changed(cameras=[CAMERA]), profile)
    two = facts_of(changed(cameras=[CAMERA, {**CAMERA, "id": "yard", "masks": [MASK]}]), profile)
    assert any(told(compare(one, two)).values())
    assert not any(told(compare(two, one)).values())
    assert set(told(compare(two, one))) == set(told(compare(one, two)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("max_days = 30", "max_days = 28", {"categories.footage.max_days": False}),
        ("min_days = 10", "min_days = 12", {"categories.footage.min_days": False}),
        ("days = 90", "days = 91", {"categories.access_events.days": True}),
        ("days = 90", "days = 30", {"categories.access_events.days": False}),
        ("people_to_end = 1", "people_to_end = 2", {"holds.people_to_end": False}),
        ("people = 1", "people = 2", {"identities.people": False}),
        (
            'right = "erasure"\nanswer = "case_by_case"',
            'right = "erasure"\nanswer = "not_required"',
            {"rights.erasure": True},
        ),
        (
            'reasons = ["required by law", ',
            'reasons = ["required by law", "whenever it is asked for", ',
            {"recipients": True},
        ),
        ("to confirm identity", "to confirm the identity", {"notice.purposes": True}),
        ("dated = 2025-03-04", "dated = 2026-03-04", {"notice.dated": False}),
        ('authority = "', 'authority = "The ', {}),
    ],
)
def test_a_profile_that_changed(
    settings: Settings, accepted: Accepted, old: str, new: str, expected: dict[str, bool]
) -> None:
    notice, live = facts_of(settings, accepted()), facts_of(settings, accepted((old, new)))
    found = told(compare(notice, live))
    assert {key: laxer for key, laxer in found.items() if not key.endswith(".rule")} == expected
    assert not any(laxer for key, laxer in found.items() if key.endswith(".rule"))


@pytest.mark.parametrize("name", ["south-ayrshire", "suffolk"])
def test_where_no_period_is_set_the_notice_says_that_nothing_is_recorded(
    settings: Settings, accepted: Accepted, name: str
) -> None:
    found = facts_of(settings, accepted(name=name))
    assert found["cameras.entrance.unstaffed"].value == "off"
    assert "footage.retention_days" not in found
