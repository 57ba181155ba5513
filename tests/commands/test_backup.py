"""``unlocked backup``, as people and the timer call it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.event import EventType, NewEvent, Stamp
from controller.secrets.minisign_signing import SigningKey
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal import Journal

Unlocked = Callable[..., Result]


@pytest.fixture
def stick(tmp_path: Path, config: Path, unlocked: Unlocked) -> Path:
    """Where backups go, with the authority's key beside."""
    made: Result = unlocked("backup", "key", tmp_path / "age.key")
    folder = tmp_path / "stick"
    folder.mkdir()
    table = f'[backup]\nrecipients = ["{made.output.strip()}"]\nfolder = "{folder}"\n\n'
    text = config.read_text().replace("[policy]\n", f"{table}[policy]\n")
    config.write_text(text)
    return folder


def test_without_a_table_it_says_what_to_add(unlocked: Unlocked) -> None:
    for command in ("make", "list"):
        result: Result = unlocked("backup", command)
        assert result.exit_code == 2
        assert "[backup]" in result.output


def test_make_list_and_verify(unlocked: Unlocked, stick: Path, settings: Settings, tmp_path: Path) -> None:
    secrets = settings.branch.secrets_dir
    secrets.mkdir()
    key = SigningKey.generate()
    (secrets / "export-signing-key").write_text(key.secret().reveal())
    (tmp_path / "branch.pub").write_text(key.public.file)

    def run(*arguments: object) -> Result:
        result: Result = unlocked("backup", *arguments)
        return result

    made = run("make", "--json")
    assert made.exit_code == 0, made.output
    said = json.loads(made.stdout.splitlines()[-1])
    file = stick / said["name"]
    assert (said["signed"], said["places"], file.stat().st_size) == (True, ["folder"], said["size_bytes"])
    listed = run("list", "--json")
    assert json.loads(listed.stdout.splitlines()[-1])["name"] == said["name"]
    assert said["name"] in run("list").output
    identity = ("--identity", tmp_path / "age.key")
    good = run("verify", file, *identity, "--public-key", tmp_path / "branch.pub")
    assert (good.exit_code, "Signature: good" in good.output) == (0, True), good.output
    (tmp_path / "branch.pub").write_text(SigningKey.generate().public.file)
    bad = run("verify", file, *identity, "--public-key", tmp_path / "branch.pub")
    assert (bad.exit_code, "WRONG" in bad.output) == (1, True)
    unsigned = json.loads(run("verify", file, *identity, "--json").stdout)
    assert "settings/branch.toml" in unsigned["parts"]
    file.write_bytes(file.read_bytes()[:-1])
    cut = run("verify", file, *identity)
    assert (cut.exit_code, "cut off" in cut.output) == (1, True)


def test_a_stick_that_is_not_there_is_said(unlocked: Unlocked, stick: Path) -> None:
    stick.rmdir()
    result: Result = unlocked("backup", "make")
    assert result.exit_code == 1
    assert "there is no such folder" in result.output
    assert (unlocked("backup", "list")).exit_code == 1


def test_restore_says_what_it_did_and_asks_for_the_date(
    unlocked: Unlocked, stick: Path, settings: Settings, tmp_path: Path
) -> None:
    begun = Paths.of(settings).journal("door")
    stamp = Stamp(1_795_219_200_000_000, 1, "boot", clock_trusted=True)
    with closing(Journal.open(begun, service="door", stamp=stamp)) as journal:
        journal.append([NewEvent(EventType.SERVICE_STARTED, "door", stamp)])
    file = stick / json.loads(unlocked("backup", "make", "--json").stdout.splitlines()[-1])["name"]
    begun.unlink()
    anybodys = unlocked("restore", file, "--identity", tmp_path / "age.key", "--yes")
    assert (anybodys.exit_code, begun.exists()) == (2, False)
    assert "--public-key" in anybodys.output
    asked = unlocked("restore", file, "--identity", tmp_path / "age.key", "--unsigned", input="n\n")
    assert (asked.exit_code, begun.exists()) == (1, False)
    assert "by this machine's clock" in asked.output
    done = unlocked("restore", file, "--identity", tmp_path / "age.key", "--unsigned", "--yes")
    assert done.exit_code == 0, done.output
    assert "door: restored up to 1, nothing was there" in done.output
    verified = unlocked("journal", "verify")
    assert verified.exit_code == 0, verified.output
    wrong = tmp_path / "wrong.key"
    unlocked("backup", "key", wrong)
    refused = unlocked("restore", file, "--identity", wrong, "--unsigned", "--yes")
    assert (refused.exit_code, "other keys" in refused.output) == (1, True)
