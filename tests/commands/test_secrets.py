"""``unlocked secrets``, with systemd's real program and a machine's key of the test's own."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.secrets import credentials, encrypted
from controller.secrets.encrypted import Binding

Unlocked = Callable[..., Result]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "machine").mkdir()
    monkeypatch.setenv("SYSTEMD_CREDENTIAL_SECRET", str(tmp_path / "machine" / "credential.secret"))


@pytest.fixture
def folder(unlocked: Unlocked, tmp_path: Path) -> Path:
    """The secrets folder of a branch whose keys are made."""
    assert unlocked("init", "--throw-away").exit_code == 0
    return tmp_path / "secrets"


@pytest.fixture
def secrets(unlocked: Unlocked, tmp_path: Path) -> Callable[..., Result]:
    def run(*arguments: str) -> Result:
        where = () if arguments[0] == "list" else ("--units", tmp_path / "units")
        return unlocked("secrets", *arguments, *where)

    return run


def drop_in(tmp_path: Path, service: str) -> str:
    return (tmp_path / f"units/unlocked-{service}.service.d/secrets.conf").read_text()


def states(secrets: Callable[..., Result]) -> dict[str, str]:
    lines = secrets("list", "--json").stdout.splitlines()
    return {said["secret"]: said["state"] for said in map(json.loads, lines)}


def test_each_is_encrypted_handed_out_and_gone_in_plain(
    folder: Path, secrets: Callable[..., Result], tmp_path: Path
) -> None:
    was = {file.name: file.read_text() for file in folder.iterdir()}
    result = secrets("encrypt")
    assert result.exit_code == 0, result.output
    assert "whoever takes the whole disk away" in result.stdout
    assert {file.name for file in folder.iterdir()} == {f"{name}.cred" for name in was}
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    for name, content in was.items():
        assert credentials.read(name, folder).reveal() == content.removesuffix("\n")
        assert content.strip() not in result.output
    assert f"LoadCredentialEncrypted=site-key:{folder}/site-key.cred\n" in drop_in(tmp_path, "door")
    assert "site-key" not in drop_in(tmp_path, "console")
    assert set(states(secrets).values()) == {"host"}


def test_what_is_encrypted_already_stays_as_it_is(folder: Path, secrets: Callable[..., Result]) -> None:
    secrets("encrypt")
    was = (folder / "site-key.cred").read_bytes()
    assert secrets("encrypt").exit_code == 0
    assert (folder / "site-key.cred").read_bytes() == was
    assert secrets("encrypt", "--again").exit_code == 0
    assert (folder / "site-key.cred").read_bytes() != was


def test_a_secret_put_there_anew_waits_to_be_encrypted(folder: Path, secrets: Callable[..., Result]) -> None:
    secrets("encrypt")
    (folder / "site-key").write_text("another\n")
    assert secrets("list").exit_code == 1
    assert states(secrets)["site-key"] == "replaced"
    refused = secrets("decrypt")
    assert refused.exit_code == 1
    assert "unlocked secrets encrypt" in refused.stderr
    assert secrets("encrypt").exit_code == 0
    assert credentials.read("site-key", folder).reveal() == "another"
    assert not (folder / "site-key").exists()


def test_back_in_plain_all_is_as_before(folder: Path, secrets: Callable[..., Result], tmp_path: Path) -> None:
    was = {file.name: file.read_text() for file in folder.iterdir()}
    secrets("encrypt")
    assert secrets("decrypt").exit_code == 0
    assert {file.name: file.read_text() for file in folder.iterdir()} == was
    assert f"LoadCredential=site-key:{folder}/site-key\n" in drop_in(tmp_path, "door")


def test_nothing_in_plain_goes_where_one_cannot_be_encrypted(
    folder: Path, secrets: Callable[..., Result]
) -> None:
    if encrypted.TPM.exists():
        pytest.skip("there is a TPM")
    refused = secrets("encrypt", "--key", "tpm")
    assert refused.exit_code == 1
    assert "nothing in plain was removed" in refused.stderr
    assert (folder / "site-key").exists()


def test_a_secret_that_others_can_read_is_told(folder: Path, secrets: Callable[..., Result]) -> None:
    assert secrets("list").exit_code == 0
    (folder / "site-key").chmod(0o640)
    told = secrets("list")
    assert told.exit_code == 1
    assert f"{folder / 'site-key'} must be its owner's alone" in told.stdout


def test_a_secret_that_is_missing_is_told(folder: Path, secrets: Callable[..., Result]) -> None:
    (folder / "site-key").unlink()
    told = secrets("list")
    assert told.exit_code == 1
    assert "missing" in next(line for line in told.stdout.splitlines() if line.startswith("site-key"))


def test_what_nobody_needs_is_told_as_well(folder: Path, secrets: Callable[..., Result]) -> None:
    (folder / "camera-old-password").write_text("x")
    (line,) = (line for line in secrets("list").stdout.splitlines() if line.startswith("camera-old-password"))
    assert "nobody, by these settings" in line


def test_drop_ins_that_say_the_same_are_left_alone(folder: Path, secrets: Callable[..., Result]) -> None:
    assert "unlocked-door.service.d/secrets.conf written" in secrets("units").stdout
    assert secrets("units").stdout == "Nothing has changed.\n"


def test_a_key_that_is_replaced_stays_encrypted(
    folder: Path, secrets: Callable[..., Result], unlocked: Unlocked, tmp_path: Path
) -> None:
    secrets("encrypt")
    (tmp_path / "passphrase").write_text("correct horse battery staple")
    away = tmp_path / "away.pem"
    changed = unlocked(
        "key", "rotate", "--private-key-to", away, "--passphrase-file", tmp_path / "passphrase"
    )
    assert changed.exit_code == 0, changed.output
    sealed = folder / "authority-public-key.cred"
    assert encrypted.binding_of(sealed.read_bytes()) is Binding.HOST
    assert not (folder / "authority-public-key").exists()
    # Nor does anything that makes what is missing make a second one.
    assert " made" not in unlocked("journal", "keys", "--make").stderr
    assert " made" not in unlocked("clip", "key").stderr
    assert unlocked("init", "--throw-away").exit_code == 1
