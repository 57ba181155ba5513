from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from controller.commands.main import main
from controller.settings import shipped
from controller.settings.load import load
from controller.settings.model import Settings
from controller.staff.account import account

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"

Unlocked = Callable[..., Result]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example's branch, kept under ``tmp_path``, as the settings of every command.

    Whoever runs the tests is the supervisor, in training.
    """
    text = EXAMPLE.read_text()
    for key, folder in (("state_dir", "state"), ("run_dir", "run"), ("secrets_dir", "secrets")):
        (line,) = (line for line in text.splitlines() if line.startswith(f"#{key} = "))
        text = text.replace(line, f'{key} = "{tmp_path / folder}"')
    text = text.replace("#assume_trusted = false", "assume_trusted = true")
    text = text.replace('account = "head-librarian"', f'account = "{account().user}"')
    text = text.replace("trained_until = 2027-11-01", "trained_until = 2099-12-31")
    text = text.replace('"/etc/unlocked/policy.toml"', f'"{shipped.profiles()["worcestershire"]}"')
    file = tmp_path / "branch.toml"
    file.write_text(text)
    monkeypatch.setenv("UNLOCKED_CONFIG", str(file))
    return file


@pytest.fixture
def settings(config: Path) -> Settings:
    return load(config)


@pytest.fixture
def unlocked(config: Path) -> Unlocked:
    """Runs ``unlocked`` with these arguments at the branch of ``config``."""

    def run(*arguments: object, input: str | None = None) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Act as the account of this number, which has no name."""
    login_uid = tmp_path / "loginuid"

    def log_in(uid: int) -> None:
        login_uid.write_text(str(uid))
        monkeypatch.setattr("controller.staff.account.LOGIN_UID", login_uid)

    return log_in
