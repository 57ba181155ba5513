"""The profiles that come with the controller: complete, and drafts until somebody signs."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest

from controller.settings import shipped
from controller.settings.policy.load import load_profile
from controller.settings.policy.profile import Profile
from controller.settings.policy.promises import HOW, NOT_YET, Keeps

ROOT = Path(__file__).parents[3]
PROFILES = {name: load_profile(file) for name, file in shipped.profiles().items()}
each_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def test_the_three_are_there_under_their_ids() -> None:
    assert sorted(PROFILES) == ["south-ayrshire", "suffolk", "worcestershire"]
    assert all(profile.id == name for name, profile in PROFILES.items())


def test_an_installation_has_them_too() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    files = project["tool"]["setuptools"]["data-files"]
    assert files["share/unlocked"] == [str(shipped.example().relative_to(ROOT))]
    [pattern] = files["share/unlocked/policies"]
    assert set(ROOT.glob(pattern)) == set(shipped.profiles().values())


def test_an_installation_without_the_repository_finds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "share" / "unlocked" / "policies" / "suffolk.toml"
    installed.parent.mkdir(parents=True)
    installed.touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr("controller.settings.shipped.__file__", str(tmp_path / "a" / "b" / "c.py"))
    assert shipped.profiles() == {"suffolk": installed}
    assert shipped.example() == tmp_path / "share" / "unlocked" / "branch.example.toml"
    shutil.rmtree(tmp_path / "share")
    assert shipped.profiles() == {}
    assert shipped.example() is None


@each_profile
def test_a_profile_is_known_by_the_hash_of_its_file(profile: Profile) -> None:
    assert profile.sha256 == hashlib.sha256(profile.origin.file.read_bytes()).hexdigest()


@each_profile
def test_none_is_live_until_each_assumption_is_accepted(profile: Profile) -> None:
    left = {each.key for each in profile.not_ready()}
    assert {f"assumptions[{each.id}].accepted_by" for each in profile.assumptions} <= left
    assert {"review_on", "status"} <= left
    assert not profile.live


@each_profile
def test_once_all_is_done_it_is_live(profile: Profile, tmp_path: Path) -> None:
    signed = tmp_path / "policy.toml"
    signed.write_text(accepted(profile.origin.file.read_text()))
    loaded = load_profile(signed)
    assert loaded.not_ready() == ()
    assert loaded.live
    assert not loaded.review_passed(date(2027, 3, 4))
    assert loaded.review_passed(date(2027, 3, 5))


def accepted(text: str) -> str:
    """What a data protection officer makes of a draft."""
    for draft, signed in (
        ('status = "draft"', 'status = "live"'),
        ("#review_on =", "review_on = 2027-03-04"),
        ("#accepted_on =\n", ""),
        ('accepted_by = ""', 'accepted_by = "The data protection officer"\naccepted_on = 2026-11-21'),
    ):
        text = text.replace(draft, signed)
    return re.sub(r"\n#dated =", "\ndated = 2026-11-20", text)


def test_each_mechanism_has_its_words() -> None:
    assert set(HOW) == set(Keeps)
    assert set(Keeps) > NOT_YET
    promises = [promise for profile in PROFILES.values() for promise in profile.promises]
    assert {keeps for promise in promises for keeps in promise.keeps} == set(Keeps)


def test_only_worcestershire_says_how_long_footage_is_kept() -> None:
    window = PROFILES["worcestershire"].cctv
    assert window is not None
    assert (window.min_days, window.max_days) == (10, 30)
    assert PROFILES["worcestershire"].cctv_missing is None
    for name, missing in (("south-ayrshire", "never mentions CCTV"), ("suffolk", "sets no period")):
        assert PROFILES[name].cctv is None
        assert missing in (PROFILES[name].cctv_missing or "")
