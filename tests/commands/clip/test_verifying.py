from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.staff.account import account
from controller.store.footage import Clip

Unlocked = Callable[..., Result]
START_US = 1_790_000_000_000_000
START_CODE = b"\0\0\0\1"


def test_minisign_verifies_the_manifest_with_the_published_key(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path
) -> None:
    target = tmp_path / "out.mp4"
    assert unlocked("clip", "export", clip.id, target, "--need", "INC-1").exit_code == 0
    manifest = tmp_path / "out.mp4.json"
    command = ["minisign", "-V", "-m", str(manifest), "-P", key]
    checked = subprocess.run(command, capture_output=True, text=True, check=True)
    assert hashlib.sha256(target.read_bytes()).hexdigest() in checked.stdout  # of the trusted comment
    told = json.loads(manifest.read_text())
    assert told["need"] == "INC-1"
    assert told["exported_by"] == account().user
    assert told["clip"] == clip.id
    assert told["event"]["id"] == clip.event_id
    assert told["asked_from"] == "2026-09-21T14:13:21.000000Z"
    assert told["branch"]["branch"] == "droitwich"
    assert told["films"][0]["parts"][0]["clock"]["trusted"] is True
    for file in (target, manifest, tmp_path / "out.mp4.json.minisig"):
        assert file.stat().st_mode & 0o777 == 0o600


def test_an_export_is_verified_anywhere_with_the_published_key(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.mp4"
    assert unlocked("clip", "export", clip.id, target, "--need", "INC-1").exit_code == 0
    own = unlocked("clip", "verify", target)
    assert own.exit_code == 0, own.output
    monkeypatch.setenv("UNLOCKED_CONFIG", str(tmp_path / "no-such.toml"))
    (tmp_path / "key.pub").write_text(f"untrusted comment: published\n{key}\n")
    for given in (key, tmp_path / "key.pub"):
        result = unlocked("clip", "verify", target, "--public-key", given)
        assert (result.exit_code, result.stdout) == (0, own.stdout)
    assert own.stdout.splitlines()[-1] == "INTACT: this is what was exported"
    assert "for INC-1" in own.stdout
    for given, told in (((), "name the key"), (("--public-key", "nonsense"), "no public key of minisign")):
        refused = unlocked("clip", "verify", target, *given)
        assert refused.exit_code == 2
        assert told in refused.stderr


def test_what_was_altered_is_told_with_its_time(
    unlocked: Unlocked, clip: Clip, key: str, tmp_path: Path
) -> None:
    target = tmp_path / "out.mp4"
    assert unlocked("clip", "export", clip.id, target, "--need", "INC-1").exit_code == 0
    content = bytearray(target.read_bytes())
    content[-5] ^= 1
    target.write_bytes(content)
    result = unlocked("clip", "verify", target)
    assert result.exit_code == 1
    first, *_, last = result.stdout.splitlines()
    assert "PICTURES ALTERED: 2026-09-21 14:13:21 UTC to 2026-09-21 14:13:22 UTC" in first
    assert last == "NOT INTACT"
    told = json.loads(unlocked("clip", "verify", target, "--json").stdout)
    assert (told["intact"], told["signed"]) == (False, True)
    assert told["films"][0]["differs"][0]["what"] == "pictures_altered"
    manifest = tmp_path / "out.mp4.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"INC-1", b"INC-2"))
    result = unlocked("clip", "verify", target)
    assert "MANIFEST ALTERED" in result.stdout
    assert "what follows is not signed" in result.stdout
    manifest.write_bytes(manifest.read_bytes().replace(b"INC-2", b"\\u001b[2J\\nINTACT"))
    result = unlocked("clip", "verify", target)
    assert "for ?[2J?INTACT" in result.stdout
    assert "\x1b" not in result.stdout
