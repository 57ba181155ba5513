"""``unlocked policy``: what is right, what is left to do, and when what is destroyed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from controller.commands.main import main
from controller.settings import shipped
from controller.settings.policy.profile import Profile

Unlocked = Callable[..., Result]
CONFIG = Path(__file__).parents[2] / "config"


def policy(*arguments: str, exits: int = 0) -> Result:
    result = CliRunner().invoke(main, ["policy", *arguments])
    assert result.exit_code == exits, result.output
    return result


def test_the_schema_in_config_is_the_current_one() -> None:
    result = policy("check", "--schema")
    assert json.loads(result.output) == Profile.model_json_schema()
    written = (CONFIG / "policy.schema.json").read_text()
    assert written == result.output, "run: unlocked policy check --schema > config/policy.schema.json"


@pytest.mark.parametrize("name", ["south-ayrshire", "suffolk", "worcestershire"])
def test_a_draft_is_right_and_what_is_left_is_told(name: str) -> None:
    lines = policy("check", "--profile", name, exits=1).stdout.splitlines()
    assert lines[0].endswith("not live")
    keys = {line.removeprefix(f"{shipped.profiles()[name]}: ").split(": ")[0] for line in lines[1:]}
    assert {"assumptions[access-log-days].accepted_by", "review_on", "status"} <= keys
    data = json.loads(policy("check", "--profile", name, "--json", exits=1).stdout)
    assert data["live"] is False
    assert "status" in {each["key"] for each in data["left"]}
    assert any("nothing is recorded" in hint for hint in data["hints"]) == (name != "worcestershire")


def test_faults_are_told_a_line_each(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(shipped.profiles()["south-ayrshire"].read_text().replace('year_basis = "calendar"', ""))
    result = policy("check", "-p", str(file), exits=2)
    assert result.stdout == ""
    assert result.stderr.startswith(
        f"{file}: (whole file): year_basis is missing, and without it categories["
    )


def test_a_borrower_of_south_ayrshire_who_left() -> None:
    shown = policy("explain", "customers", "2026-11-21", "-p", "south-ayrshire").stdout
    for told in (
        "the termination of the membership, 2026-11-21",
        "the rest of the year and 1 year more (calendar year)",
        "kept through:  2027-12-31",
        "due from:      2028-01-01 00:00:00, by the rule",
        "by the authority, which keeps it elsewhere",
        "Current year + 1 year (from",
        "year-basis (not accepted)",
    ):
        assert told in shown
    assert max(map(len, shown.splitlines())) <= 100
    data = json.loads(policy("explain", "customers", "2026-11-21", "-p", "south-ayrshire", "--json").stdout)
    assert (data["retained_through"], data["due_on"], data["by"]) == ("2027-12-31", "2028-01-01", "rule")
    assert data["sentence"].endswith("(from termination of your membership)")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        # As the privacy notice's own example has it, in winter, when local time is UTC.
        (
            ("footage", "2026-11-01 10:00", "--to", "2026-11-01 10:01", "-p", "worcestershire"),
            ("due from:      2026-11-15 10:01:00", "gone by:       2026-12-01 10:00:00", "within the hour"),
        ),
        (
            ("footage", "2026-11-01", "--footage-days", "29", "-p", "worcestershire"),
            ("due from:      2026-12-01 00:00:00",),
        ),
        (
            ("access_events", "2026-11-21", "-p", "worcestershire"),
            ("not before the end of the membership", "due from:      2027-02-20 00:00:00, by the rule"),
        ),
        (
            ("access_events", "2026-11-21", "--ceiling-date", "2024-12-10", "-p", "worcestershire"),
            ("by it due from 2026-12-11 00:00:00; the earlier counts", "2026-12-11 00:00:00, by the ceiling"),
        ),
        (("donations", "2026-11-21", "-p", "south-ayrshire"), ("never: it is kept for good",)),
        (("suspended", "2026-11-21", "-p", "south-ayrshire"), ("unless:        the suspension is",)),
        (
            ("local_history_enquiries", "2026-11-21", "-p", "south-ayrshire"),
            ("then:          somebody",),
        ),
        (("footage", "2026-11-21", "-p", "suffolk"), ("not known: no period is set", "sets no period")),
    ],
)
def test_what_is_explained(arguments: tuple[str, ...], told: tuple[str, ...]) -> None:
    shown = policy("explain", *arguments).stdout
    for each in told:
        assert each in shown


def test_every_category_is_explained_in_brief() -> None:
    shown = policy("explain", "all", "2026-11-21", "-p", "south-ayrshire").stdout
    for told in (
        "footage (the recording, 2026-11-21): not known: no period is set\n    not said: that there is CCTV",
        "access_events (the event, 2026-11-21): kept through 2027-02-19, due from 2027-02-20\n",
        "donations (the donation, 2026-11-21): never: it is kept for good\n",
        "due from 2032-01-01, for\n    somebody to look at\n    “If you make an enquiry",
        "device_events (the event, 2026-11-21): kept through 2027-11-21, due from 2027-11-22\n    no",
    ):
        assert told in shown
    lines = policy("explain", "all", "2026-11-21", "-p", "worcestershire", "--json").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert found[0]["category"] == "footage"
    # Of a whole day of pictures the last is from before midnight: 14 days of 24 hours.
    assert found[0]["due_on"] == "2026-12-06"
    assert len(found) == 10


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("all", "2026-11-21", "--to", "2026-11-22"), "of all categories it is one day"),
        (("photos", "2026-11-21"), "has no category photos; it has footage, access_events"),
        (("footage", "yesterday"), '"yesterday" is not a date such as 2026-11-21'),
        (("footage", "2026-11-21 noon"), "is not a time such as"),
        (("footage", "2026-11-21 10:00", "--to", "2026-11-21 09:00"), "it ends before it begins"),
        (("footage", "2026-11-21", "--footage-days", "31"), "not 10 to 30"),
        (("registers", "2026-11-21", "--to", "2026-11-22"), "--to is for footage"),
        (("registers", "2026-11-21", "--ceiling-date", "2026-11-22"), "no ceiling that counts from another"),
        (("staff_actions", "9999-01-01"), "there is no year 10001"),
    ],
)
def test_what_cannot_be_explained(arguments: tuple[str, ...], remedy: str) -> None:
    assert remedy in policy("explain", *arguments, "-p", "worcestershire", exits=2).stderr.replace("\n", " ")


def test_a_profile_is_shown_whole() -> None:
    shown = policy("show", "-p", "worcestershire").stdout
    for told in (
        "Worcestershire: Libraries Unlocked (worcestershire), draft",
        "from the recording: 10 to 30 days of 24 hours each",
        "from the event: 90 days; ceiling: 2 years",
        "the notice does not say how long the contact details of groups",
        "the notice has no sentence on it: see the assumptions",
        "erasure: case by case",
        "reviewed within 90 days, ended by 1 person, 7 days more after the end",
        "no_regular_export: footage leaves by a command given by hand",
        "elapsed-days (not accepted): ",
    ):
        assert told in shown
    data = json.loads(policy("show", "-p", "worcestershire", "--json").stdout)
    assert data["sha256"] in shown
    assert data["categories"][0]["rule"] == {"kind": "window", "min_days": 10, "max_days": 30}


def test_without_a_profile_it_is_the_branchs_own(unlocked: Unlocked, config: Path, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    text = shipped.profiles()["worcestershire"].read_text().replace("max_days = 30", "max_days = 12")
    file.write_text(text.replace("#review_on =", "review_on = 2026-01-01"))
    own = re.sub(r"^profile = .*", f'profile = "{file}"', config.read_text(), flags=re.MULTILINE)
    config.write_text(own.replace("#draft = false", "draft = true"))
    shown = unlocked("policy", "check").stdout
    assert "footage.retention_days = 14 at the branch, which is not 10 to 12" in shown
    assert "review_on: 2026-01-01 is past" in shown
    assert "policy.draft is on" in shown


def test_a_branch_without_a_profile_is_told_what_to_do(unlocked: Unlocked, config: Path) -> None:
    config.write_text(re.sub(r"^profile = .*", "", config.read_text(), flags=re.MULTILINE))
    result = unlocked("policy", "show")
    assert result.exit_code == 2
    assert (
        "policy.profile: no profile is named; name one there, or look at one with --profile" in result.stderr
    )
    assert "south-ayrshire, suffolk, worcestershire" in result.stderr
