from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.secrets import credentials, identity, site_key
from controller.secrets.credentials import Secret
from controller.secrets.pin import PinHasher
from controller.settings.paths import JOURNALS

Unlocked = Callable[..., Result]
PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "away" / "key.pem"


@pytest.fixture
def made(unlocked: Unlocked, key_file: Path) -> Result:
    key_file.parent.mkdir()
    return unlocked("init", "--private-key-to", key_file, input=f"{PASSPHRASE}\n{PASSPHRASE}\n")


def test_the_keys_fit_together(made: Result, tmp_path: Path, key_file: Path) -> None:
    assert made.exit_code == 0
    sealer = identity.Sealer.of(credentials.read("authority-public-key", tmp_path / "secrets"))
    private_key = identity.open_key_file(key_file.read_bytes(), Secret(PASSPHRASE))
    assert identity.open_box(private_key, sealer.seal(b"1", b"info"), b"info") == b"1"
    sheet = (key_file.parent / "key.recovery.txt").read_text()
    assert identity.key_id(identity.from_recovery_sheet(sheet).public_key()) == sealer.key_id
    assert len(site_key.key_id(credentials.read("site-key", tmp_path / "secrets"))) == 8
    assert len(PinHasher(credentials.read("pin-key", tmp_path / "secrets")).key_id) == 8


def test_secrets_are_for_their_owner_alone(made: Result, tmp_path: Path, key_file: Path) -> None:
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    files = [*(tmp_path / "secrets").iterdir(), *key_file.parent.iterdir()]
    assert len(files) == 11
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_the_private_key_is_not_in_the_secrets_folder(made: Result, tmp_path: Path) -> None:
    made_files = {file.name for file in (tmp_path / "secrets").iterdir()}
    keys = {"site-key", "pin-key", "authority-public-key", "export-signing-key"}
    assert made_files == keys | {credentials.journal_key(service) for service in JOURNALS}


def test_nothing_that_exists_is_overwritten(made: Result, unlocked: Unlocked, tmp_path: Path) -> None:
    before = (tmp_path / "secrets" / "site-key").read_text()
    again = unlocked("init", "--throw-away")
    assert again.exit_code == 1
    assert "there already" in again.stderr
    assert (tmp_path / "secrets" / "site-key").read_text() == before


def test_the_private_key_may_not_stay_on_the_device(unlocked: Unlocked, tmp_path: Path) -> None:
    result = unlocked("init", "--private-key-to", tmp_path / "secrets" / "key.pem")
    assert result.exit_code == 1
    assert "must leave" in result.stderr
    assert not (tmp_path / "secrets").exists()


def test_a_short_passphrase_is_refused_before_anything_is_made(unlocked: Unlocked, tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text("short\n")
    result = unlocked(
        "init", "--private-key-to", tmp_path / "key.pem", "--passphrase-file", tmp_path / "passphrase"
    )
    assert result.exit_code == 1
    assert not (tmp_path / "key.pem").exists()
    assert not (tmp_path / "secrets").exists()


def test_throw_away_keys_leave_no_private_key(unlocked: Unlocked, tmp_path: Path) -> None:
    result = unlocked("init", "--throw-away")
    assert result.exit_code == 0
    assert "thrown away" in result.output
    assert not list(tmp_path.rglob("*.pem"))
    identity.Sealer.of(credentials.read("authority-public-key", tmp_path / "secrets"))


def test_a_second_branch_takes_the_authoritys_public_key(unlocked: Unlocked, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text("11" * 32 + "\n")
    assert unlocked("init", "--authority-public-key", given).exit_code == 0
    assert (tmp_path / "secrets" / "authority-public-key").read_text() == given.read_text()
    assert not list(tmp_path.rglob("*.pem"))


def test_passwords_that_are_still_needed_are_named(unlocked: Unlocked, config: Path, tmp_path: Path) -> None:
    config.write_text(config.read_text().replace('#username = ""', 'username = "viewer"'))
    result = unlocked("init", "--throw-away")
    for name in ("camera-entrance-password", "mqtt-password"):
        assert f"Still needed: {tmp_path / 'secrets' / name}" in result.output


def test_a_key_file_that_cannot_be_is_an_error_in_a_line(unlocked: Unlocked, tmp_path: Path) -> None:
    result = unlocked("init", "--private-key-to", tmp_path / ("x" * 300))
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].endswith("File name too long")
