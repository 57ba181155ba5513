"""Files of answers, and the settings that are written of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from controller.commands.setup.answers import Answers, complete, read
from controller.settings.filled import filled
from controller.settings.model import Settings
from controller.settings.toml_file import SettingsError

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

EXAMPLE = (Path(__file__).parents[2] / "config" / "branch.example.toml").read_text()
LEAST = b"""
[branch]
authority = "a"
branch = "b"
name = "B"
[[doors]]
[[doors.readers]]
port = "/dev/x"
[doors.lock]
pin = 17
[console]
pages = false
[setup]
policy = "none"
[setup.authority_key]
throw_away = true
"""
TABLES = [
    b'[hours.dates]\n"2026-12-24" = { staffed = ["10:00-13:00"] }\n[texts]\ngranted = ["Croeso"]\n',
    b'[categories."a b"]\nopens_up = true\n[categories."a b".hours]\nmon = ["06:00-08:00"]\n',
    b'[[cameras]]\nid = "c"\nurl = "rtsp://c/1"\n[[cameras.zones]]\npolygon = [[0, 0], [1, 0.5], [1, 1]]\n',
    b'[[staff]]\naccount = "a"\nroles = ["dpo"]\ntrained_until = 2027-11-01\n[inputs.fire]\npin = 23\n',
    b'[setup.secrets]\nx = "/dev/null"\n[setup.account]\nname = "a"\n',
]


def test_answers(hostile: Hostile, tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"

    def parse(content: bytes) -> Answers:
        file.write_bytes(content)
        return complete(read([file]), file, tmp_path / "policy.toml")

    def holds(answers: Answers, _document: bytes) -> None:
        written = Settings.model_validate(tomllib.loads(filled(EXAMPLE, answers.settings)))
        assert written.model_dump_json() == answers.branch.model_dump_json()

    hostile.try_documents(parse, SettingsError, [LEAST, *(LEAST + more for more in TABLES)], holds=holds)
