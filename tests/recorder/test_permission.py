"""May it record? Profile by profile, and whatever is wrong with profile, settings and published notice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import EventType
from controller.notice.facts import facts_of
from controller.notice.published import NoticeUnreadable, Published
from controller.recorder.permission import Cause, Permission, draft_banner, permission, profile_of
from controller.settings import shipped
from controller.settings.load import load
from controller.settings.model import Settings
from controller.settings.policy.load import PolicyUnusable, load_profile
from controller.settings.policy.profile import Profile
from simulator.policies import PROFILE, accepted

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"
TODAY = date(2026, 11, 22)


@pytest.fixture
def settings() -> Settings:
    return load(EXAMPLE)


def changed(settings: Settings, **tables: Any) -> Settings:
    found = settings.model_dump(exclude_unset=True)
    for table, values in tables.items():
        found[table] = {**found.get(table, {}), **values} if isinstance(values, dict) else values
    return Settings.model_validate(found)


@pytest.fixture
def live(tmp_path: Path) -> Profile:
    file = tmp_path / "policy.toml"
    file.write_text(accepted())
    return load_profile(file)


def published(settings: Settings, profile: Profile) -> Published:
    return Published(facts_of(settings, profile), {}, profile.sha256, 1)


def causes(found: Permission) -> list[Cause]:
    return [refusal.cause for refusal in found.refusals]


def test_a_live_profile_and_its_notice_permit(settings: Settings, live: Profile) -> None:
    found = permission(settings, live, published(settings, live), TODAY)
    assert (found.refusals, found.hints, found.differences) == ((), (), ())
    data = {"profile": PROFILE, "policy": live.sha256, "status": "live"}
    assert list(found.events()) == [(EventType.POLICY_IN_FORCE, data)]


def test_without_a_camera_nothing_is_missing(settings: Settings) -> None:
    assert permission(changed(settings, cameras=[]), None, None, TODAY).may_record


def test_without_a_profile_nothing_is_recorded(settings: Settings) -> None:
    found = permission(settings, None, None, TODAY)
    assert causes(found) == [Cause.NO_PROFILE]
    assert "policy.profile" in found.refusals[0].text
    stopped = {"cause": "policy", "reasons": ["no_profile"]}
    assert list(found.events()) == [
        (EventType.POLICY_UNUSABLE, {"reasons": ["no_profile"]}),
        (EventType.RECORDING_STOPPED, stopped),
    ]


def test_a_profile_with_faults_is_none(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('id = "x"\n')
    unusable = profile_of(changed(settings, policy={"profile": file}))
    assert isinstance(unusable, PolicyUnusable)
    found = permission(settings, unusable, None, TODAY)
    assert causes(found) == [Cause.PROFILE_UNUSABLE]
    assert f"{file}: title: it is missing" in found.refusals[0].text


def test_a_draft_records_only_where_that_is_set(settings: Settings) -> None:
    draft = load_profile(shipped.profiles()[PROFILE])
    refused = permission(settings, draft, None, TODAY)
    assert causes(refused) == [Cause.DRAFT]
    for name in ("access-log-days", "review_on", 'status = "live"'):
        assert name in refused.refusals[0].text
    found = permission(changed(settings, policy={"draft": True}), draft, None, TODAY)
    assert found.may_record
    assert found.hints[0] == draft_banner(draft)
    assert found.hints[0].startswith("DRAFT POLICY PROFILE: Worcestershire: Libraries Unlocked: not ")
    assert next(iter(found.events()))[1]["status"] == "draft"


@pytest.mark.parametrize("name", ["south-ayrshire", "suffolk"])
@pytest.mark.parametrize("draft", [True, False])
def test_a_notice_without_a_period_for_footage_forbids_it_and_the_sentence_that_lacks_is_named(
    settings: Settings, tmp_path: Path, name: str, draft: bool
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(shipped.profiles()[name].read_text() if draft else accepted(name))
    profile = load_profile(file)
    settings = changed(settings, policy={"draft": draft})
    found = permission(settings, profile, published(settings, profile), TODAY)
    assert causes(found) == [Cause.NO_CCTV_PERIOD]
    assert profile.cctv_missing
    assert profile.cctv_missing in found.refusals[0].text


def test_days_beyond_the_profile_are_refused_either_way(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(accepted(PROFILE, ("max_days = 30", "max_days = 20"), ("min_days = 10", "min_days = 12")))
    profile = load_profile(file)
    for days, expected in ((11, False), (12, True), (20, True), (21, False)):
        found = changed(settings, footage={"retention_days": days})
        allowed = permission(found, profile, published(found, profile), TODAY)
        assert allowed.may_record == expected
        assert causes(allowed) == ([] if expected else [Cause.OUTSIDE_PERIOD])


def test_a_live_profile_needs_a_published_notice(settings: Settings, live: Profile) -> None:
    assert causes(permission(settings, live, None, TODAY)) == [Cause.NOTICE_NOT_PUBLISHED]
    spoilt = permission(settings, live, NoticeUnreadable("notice.json is gone"), TODAY)
    assert causes(spoilt) == [Cause.NOTICE_UNREADABLE]
    assert spoilt.refusals[0].text == "notice.json is gone"


def test_laxer_than_the_notice_forbids_and_any_other_difference_warns(
    settings: Settings, live: Profile
) -> None:
    notice = published(settings, live)
    laxer = permission(changed(settings, footage={"retention_days": 15}), live, notice, TODAY)
    assert causes(laxer) == [Cause.NOTICE_LAXER]
    assert "footage.retention_days: the notice says 14, and it is 15 now" in laxer.refusals[0].text
    events = dict(laxer.events())
    assert events[EventType.NOTICE_DIFFERS] == {"laxer": ["footage.retention_days"], "other": []}
    assert events[EventType.RECORDING_STOPPED] == {"cause": "policy", "reasons": ["notice_laxer"]}

    stricter = permission(changed(settings, footage={"retention_days": 13}), live, notice, TODAY)
    assert stricter.may_record
    (hint,) = stricter.hints
    assert "footage.retention_days: the notice says 14, and it is 13 now" in hint
    assert dict(stricter.events())[EventType.NOTICE_DIFFERS]["other"] == ["footage.retention_days"]


def test_a_review_that_has_passed_warns(settings: Settings, live: Profile) -> None:
    for day, expected in ((date(2027, 3, 4), False), (date(2027, 3, 5), True)):
        found = permission(settings, live, published(settings, live), day)
        assert found.may_record
        assert any("2027-03-04 has passed" in hint for hint in found.hints) == expected
