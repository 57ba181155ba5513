"""``unlocked staff``: accounts without the console."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from controller.commands.main import main
from controller.console.accounts.models import StaffAccount
from controller.core.event import EventType
from controller.settings.staff import Role

PASSWORD = "gravel teapot nine sparrows"
Unlocked = Callable[..., Result]


@pytest.fixture
def unlocked(console: Any, tmp_path: Path) -> Unlocked:
    (config,) = tmp_path.glob("**/branch.toml")

    def run(*arguments: str, input: str | None = None) -> Result:
        found = CliRunner().invoke(main, ["staff", *arguments, "--config", str(config)], input=input)
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    return run


def test_an_account_is_added_with_a_password_that_is_made(console: Any, unlocked: Unlocked) -> None:
    said = unlocked("add", "Head", "--role", "supervisor", "--role", "dpo", "--trained-until", "2027-03-31")
    assert said.exit_code == 0
    password = said.output.split()[-1]
    account = StaffAccount.objects.get(name="head")
    assert account.check_password(password)
    assert account.must_change_password
    assert account.roles == {Role.SUPERVISOR, Role.DPO}
    assert account.trained_until == date(2027, 3, 31)
    (event,) = console.events(EventType.STAFF_ADDED)
    assert {**event.data, "uid": 0, "user": ""} == {
        **{"account": "head", "roles": ["dpo", "supervisor"], "trained_until": "2027-03-31"},
        **{"uid": 0, "user": ""},
    }
    assert password not in repr(event)


def test_a_password_may_be_typed_and_is_looked_at(console: Any, unlocked: Unlocked) -> None:
    weak = unlocked("add", "desk", "--role", "desk", "--ask-password", input="password1234\npassword1234\n")
    assert weak.exit_code == 1
    assert "tried first" in weak.output
    said = unlocked("add", "desk", "--role", "desk", "--ask-password", input=f"{PASSWORD}\n{PASSWORD}\n")
    assert said.exit_code == 0
    assert PASSWORD not in said.output
    account = StaffAccount.objects.get()
    assert account.check_password(PASSWORD)
    assert not account.must_change_password


def test_accounts_are_listed(console: Any, unlocked: Unlocked) -> None:
    assert "no account yet" in unlocked("list").output
    console.account("desk")
    assert unlocked("list").output.splitlines()[-1] == "desk  desk  trained until 2099-12-31"
    line = json.loads(unlocked("list", "--json").output.splitlines()[-1])
    assert line == {"account": "desk", "roles": ["desk"], "trained_until": "2099-12-31", "active": True}


def test_roles_passwords_and_access_are_changed_and_journalled(console: Any, unlocked: Unlocked) -> None:
    console.account("desk")
    assert unlocked("roles", "desk", "--role", "cctv").exit_code == 0
    assert "nothing was changed" in unlocked("roles", "desk", "--role", "cctv").output
    password = unlocked("passwd", "desk").output.split()[-1]
    assert StaffAccount.objects.get().check_password(password)
    assert unlocked("disable", "desk").exit_code == 0
    assert not StaffAccount.objects.get().is_active
    assert unlocked("enable", "desk").exit_code == 0
    changes = [event.data["change"] for event in console.events(EventType.STAFF_CHANGED)]
    assert changes == ["roles", "password", "disabled", "enabled"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "desk", "--role", "desk"), "There is an account called desk already"),
        (("add", "two words", "--role", "desk"), "Use up to 64 small letters"),
        (("passwd", "nobody"), "there is no account nobody"),
        (("add", "other"), "Missing option '--role'"),
    ],
)
def test_what_cannot_be_done_is_told(
    console: Any, unlocked: Unlocked, arguments: tuple[str, ...], said: str
) -> None:
    console.account("desk")
    result = unlocked(*arguments)
    assert result.exit_code != 0
    assert said in result.output


def test_the_first_account_makes_a_database_that_nobody_else_reads(tmp_path: Path) -> None:
    """As a process of its own, where there is nothing yet."""
    example = Path(__file__).parents[2] / "config" / "branch.example.toml"
    text = example.read_text()
    for key in ("state_dir", "run_dir", "secrets_dir"):
        (line,) = (line for line in text.splitlines() if line.startswith(f"#{key} = "))
        text = text.replace(line, f'{key} = "{tmp_path / key}"')
    config = tmp_path / "branch.toml"
    config.write_text(text)
    owner = 4001 if os.geteuid() == 0 else os.getuid()  # as the unit's user
    (tmp_path / "state_dir" / "console").mkdir(parents=True)
    os.chown(tmp_path / "state_dir" / "console", owner, -1)
    arguments = ["staff", "add", "head", "--role", "supervisor", "--config", str(config)]
    subprocess.run([sys.executable, "-m", "controller", *arguments], check=True, timeout=60)
    database = tmp_path / "state_dir" / "console" / "console.db"
    assert database.stat().st_mode & 0o777 == 0o600
    assert {file.stat().st_uid for file in database.parent.glob("*.db*")} == {owner}
