"""How secrets are handed to a service."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.supervisor import hand_out


def test_what_was_handed_out_before_is_gone(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a key of a test")
    folder = tmp_path / "run" / "door"
    hand_out({"old": tmp_path / "key"}, folder)
    hand_out({"new": tmp_path / "key"}, folder)
    assert [(file.name, file.read_text()) for file in folder.iterdir()] == [("new", "a key of a test")]


def test_only_its_user_can_read_them(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a key of a test")
    (tmp_path / "key").chmod(0o644)
    hand_out({"key": tmp_path / "key"}, tmp_path / "door")
    assert (tmp_path / "door").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "door" / "key").stat().st_mode & 0o777 == 0o400


def test_a_secret_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="key"):
        hand_out({"key": tmp_path / "key"}, tmp_path / "door")
