"""``unlocked notice``: the documents, saying that they are published, and whether they are still true."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.event import Event, EventType
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.staff.account import account
from controller.store.journal_reader import JournalReader
from simulator.policies import accepted

Unlocked = Callable[..., Result]
NAMES = ["notice.html", "notice.txt", "sign.html"]


@pytest.fixture
def profile(tmp_path: Path, config: Path) -> Path:
    """A live one, of the branch of ``config``."""
    file = tmp_path / "policy.toml"
    file.write_text(accepted())
    was = load(config).policy.profile
    config.write_text(config.read_text().replace(f'"{was}"', f'"{file}"'))
    return file


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def told(config: Path) -> list[Event]:
    with closing(JournalReader(Paths.of(load(config)).journal("console"))) as reader:
        return [event for event in reader.since(0) if event.type is EventType.NOTICE_PUBLISHED]


def test_it_is_written_shown_published_and_recognised(
    unlocked: Unlocked, config: Path, profile: Path, tmp_path: Path
) -> None:
    assert unlocked("notice", "check").exit_code == 3
    folder = tmp_path / "out" / "notice"
    written = unlocked("notice", "write", folder)
    assert written.exit_code == 0
    hashes = {name: sha256((folder / name).read_bytes()).hexdigest() for name in NAMES}
    assert written.stdout.splitlines() == [f"{digest}  {name}" for name, digest in hashes.items()]
    for wanted, name in (("html", "notice.html"), ("text", "notice.txt"), ("sign", "sign.html")):
        assert unlocked("notice", "show", "--format", wanted).stdout == (folder / name).read_text()
    facts = json.loads(unlocked("notice", "show", "--json").stdout)
    assert {"key": "footage.retention_days", "bound": "at_most", "value": 14, "of": ""} in facts

    published = unlocked("notice", "publish", "--json")
    assert json.loads(published.stdout)["documents"] == hashes
    (event,) = told(config)
    assert event.subject == "notice"
    assert event.data["documents"] == hashes
    assert event.data["policy"] == sha256(profile.read_bytes()).hexdigest()
    assert event.data["notice"] == sha256(Paths.of(load(config)).notice.read_bytes()).hexdigest()
    assert event.data["user"] == account().user

    checked = unlocked("notice", "check")
    assert (checked.exit_code, checked.stdout) == (0, "profile and settings are as the recorder wants them\n")
    page = folder / "notice.html"
    assert f"{page}: notice.html, as published" in unlocked("notice", "check", page).stdout
    change(page, "14 days", "13 days")
    other = unlocked("notice", "check", page)
    assert (other.exit_code, "this was not published" in other.stdout) == (1, True)
    assert json.loads(unlocked("notice", "check", page, "--json").stdout)["document"] is None


def test_what_differs_since_is_told_and_what_is_laxer_forbids(
    unlocked: Unlocked, config: Path, profile: Path
) -> None:
    assert unlocked("notice", "publish").exit_code == 0
    change(config, "#retention_days = 14", "retention_days = 12")
    stricter = unlocked("notice", "check")
    assert stricter.exit_code == 1
    assert "footage.retention_days: the notice says 14, and it is 12 now" in stricter.stdout
    change(config, "retention_days = 12", "retention_days = 15")
    laxer = unlocked("notice", "check")
    assert laxer.exit_code == 3
    assert "nothing is recorded: more is done than the published notice says" in laxer.stdout
    said = json.loads(unlocked("notice", "check", "--json").stdout)
    assert not said["may_record"]
    assert said["differences"] == [{"key": "footage.retention_days", "laxer": True, "notice": 14, "live": 15}]
    checked = unlocked("check", config).stdout
    assert "hint: nothing is recorded: more is done than the published notice says" in checked


def test_another_text_needs_another_date(unlocked: Unlocked, config: Path, profile: Path) -> None:
    assert unlocked("notice", "publish").exit_code == 0
    assert unlocked("notice", "publish").exit_code == 0
    change(config, "#retention_days = 14", "retention_days = 15")
    refused = unlocked("notice", "publish")
    assert refused.exit_code == 1
    assert f"{profile}: notice.dated: this notice differs" in refused.stderr
    change(profile, "dated = 2025-03-04", "dated = 2026-11-22")
    assert unlocked("notice", "publish").exit_code == 0
    assert unlocked("notice", "check").exit_code == 0
    assert len(told(config)) == 3


def test_a_published_notice_that_was_exchanged_forbids_until_it_is_published_again(
    unlocked: Unlocked, config: Path, profile: Path
) -> None:
    unlocked("notice", "publish")
    change(Paths.of(load(config)).notice, '"value":14', '"value":29')
    spoilt = unlocked("notice", "check")
    assert spoilt.exit_code == 3
    assert "is not the notice that the journal says was published" in spoilt.stdout
    assert unlocked("notice", "publish").exit_code == 0
    assert unlocked("notice", "check").exit_code == 0


def test_publishing_needs_a_role(unlocked: Unlocked, config: Path, profile: Path) -> None:
    change(config, f'account = "{account().user}"', 'account = "somebody-else"')
    refused = unlocked("notice", "publish")
    assert refused.exit_code == 1
    assert 'the role "dpo" or "supervisor"' in refused.stderr
    assert told(config) == []
    assert not Paths.of(load(config)).notice.exists()


def test_a_draft_can_be_looked_at_and_says_so(unlocked: Unlocked, config: Path) -> None:
    assert "DRAFT: NOT IN FORCE" in unlocked("notice", "show").stdout
    assert "the profile is a draft" in unlocked("notice", "publish").stderr
    assert unlocked("notice", "check").exit_code == 3
    (hint,) = [
        line for line in unlocked("check", config).stdout.splitlines() if "nothing is recorded" in line
    ]
    assert hint.endswith("policy.draft is not set; `unlocked policy check` says what is left")


def test_a_branch_without_cameras_is_told_that_a_faulty_profile_keeps_its_events(
    unlocked: Unlocked, config: Path, profile: Path
) -> None:
    text = config.read_text()
    begin = text.index("[[cameras]]")
    config.write_text(text[:begin] + text[text.index("[footage]", begin) :])
    assert "fall due" not in unlocked("check", config).stdout
    change(profile, 'nation = "ENG"', 'nation = "XX"')
    checked = unlocked("check", config).stdout
    assert f"hint: no journal's events fall due: {profile}: nation: " in checked
    assert "nothing is recorded" not in checked


def test_without_a_profile_there_is_no_notice(unlocked: Unlocked, config: Path) -> None:
    was = load(config).policy.profile
    change(config, f'profile = "{was}"', "")
    for arguments in (("show",), ("write", "x"), ("publish",)):
        result = unlocked("notice", *arguments)
        assert (result.exit_code, "policy.profile" in result.stderr) == (2, True)
    assert "policy.profile is not set" in unlocked("notice", "check").stdout
