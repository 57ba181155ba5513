from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.secrets.signed_note import VerifierKey
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS

Unlocked = Callable[..., Result]


@pytest.fixture
def secrets(settings: Settings) -> Path:
    folder = settings.branch.secrets_dir
    folder.mkdir(exist_ok=True)
    return folder


def test_keys_are_made_once_and_shown(unlocked: Unlocked, settings: Settings, secrets: Path) -> None:
    made = unlocked("journal", "keys", "--make")
    assert made.exit_code == 0
    assert made.stderr.count(" made") == len(JOURNALS)
    names = [VerifierKey.parse(line).name for line in made.stdout.splitlines()]
    branch = settings.branch
    assert names == [f"{branch.authority}/{branch.branch}/{service}" for service in JOURNALS]
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets.glob("journal-key-*")} == {0o600}
    again = unlocked("journal", "keys", "--make")
    assert (again.stdout, again.stderr.count(" made")) == (made.stdout, 0)


def test_no_key_is_shown_that_could_sign(unlocked: Unlocked, secrets: Path) -> None:
    made = unlocked("journal", "keys", "--make")
    for file in secrets.glob("journal-key-*"):
        assert file.read_text().strip().split("+", 4)[-1] not in made.output


def test_journals_without_a_key_are_named(unlocked: Unlocked, secrets: Path) -> None:
    unlocked("journal", "keys", "--make")
    (secrets / "journal-key-door").unlink()
    result = unlocked("journal", "keys")
    assert result.exit_code == 1
    assert "door: " in result.stderr
    assert "unlocked journal keys --make" in result.stderr
    found = [json.loads(line) for line in unlocked("journal", "keys", "--json").stdout.splitlines()]
    assert found[0] == {"service": "door", "key": None}
    assert VerifierKey.parse(found[1]["key"]).name.endswith("/recorder")
