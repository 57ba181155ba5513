from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from controller.commands.main import main

SetUp = Callable[..., Result]
ANSWERS = """\
[branch]
authority = "testshire"
branch = "market-street"
name = "Market Street Library"
state_dir = "{folder}/state"
run_dir = "{folder}/run"
secrets_dir = "{folder}/secrets"

[[doors]]

[[doors.readers]]
port = "/dev/ttyUSB0"

[doors.lock]
pin = 17

[mqtt]
enabled = false

[console]
pages = false

[setup]
policy = "worcestershire"

[setup.authority_key]
throw_away = true
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "branch.toml"


@pytest.fixture
def units(tmp_path: Path) -> Path:
    return tmp_path / "units"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """All that is needed for a branch without staff pages and broker."""
    file = tmp_path / "answers.toml"
    file.write_text(ANSWERS.format(folder=tmp_path))
    return file


@pytest.fixture
def more(tmp_path: Path) -> Path:
    """A second file of answers, to be written."""
    return tmp_path / "more.toml"


@pytest.fixture
def set_up(config: Path, units: Path) -> SetUp:
    def run(*arguments: object) -> Result:
        command = ["setup", *map(str, arguments), "--config", str(config), "--units", str(units)]
        result = CliRunner().invoke(main, command)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
