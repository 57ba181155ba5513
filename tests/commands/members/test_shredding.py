"""The imported file is the operator's to delete, and ``--shred`` does it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.event import EventType
from controller.keeping.shredding import NotShredded, shred
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader

Unlocked = Callable[..., Result]
EXAMPLE = Path(__file__).parents[3] / "config" / "members.example.csv"


@pytest.fixture
def file(tmp_path: Path, unlocked: Unlocked) -> Path:
    assert unlocked("init", "--throw-away").exit_code == 0
    return Path(shutil.copy(EXAMPLE, tmp_path / "members.csv"))


def test_it_is_removed_once_it_is_imported(unlocked: Unlocked, settings: Settings, file: Path) -> None:
    size = file.stat().st_size
    imported = unlocked("members", "import", file, "--shred")
    assert imported.exit_code == 0, imported.stderr
    assert not file.exists()
    told = JournalReader(Paths.of(settings).journal("console")).last(EventType.MEMBERSHIP_IMPORT_SHREDDED)
    assert told is not None
    assert told.data == {"bytes": size}


def test_without_it_the_file_is_named_as_the_operators_to_delete(unlocked: Unlocked, file: Path) -> None:
    imported = unlocked("members", "import", file)
    assert f"{file} holds card numbers and is yours to delete" in imported.stderr
    assert file.exists()


def test_a_file_that_was_refused_stays(unlocked: Unlocked, file: Path) -> None:
    file.write_text("nonsense\n")
    assert unlocked("members", "import", file, "--shred").exit_code == 1
    assert file.read_text() == "nonsense\n"


def test_a_file_with_another_name_is_not_believed_to_be_gone(unlocked: Unlocked, file: Path) -> None:
    os.link(file, file.with_name("copy.csv"))
    imported = unlocked("members", "import", file, "--shred")
    assert imported.exit_code == 1
    assert "it has another name as well" in imported.stderr
    assert file.read_bytes() == EXAMPLE.read_bytes()


def test_the_content_is_overwritten_before_the_name_goes(file: Path) -> None:
    content = file.read_bytes()
    with file.open("rb") as opened:  # what a thief of the disk would read
        assert shred(file) == len(content)
        opened.seek(0)
        left = opened.read()
    assert len(left) == len(content)
    assert content[:20] not in left


def test_a_link_is_not_followed(file: Path) -> None:
    link = file.with_name("link.csv")
    link.symlink_to(file)
    with pytest.raises(NotShredded):
        shred(link)
    assert file.read_bytes() == EXAMPLE.read_bytes()


def test_a_write_that_takes_less_than_it_was_given_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "members.csv"
    file.write_bytes(b"20000000000018\n" * 10)
    write, written = os.write, bytearray()

    def a_little(descriptor: int, content: bytes) -> int:
        written.extend(content[:7])
        return write(descriptor, content[:7])

    monkeypatch.setattr(os, "write", a_little)
    assert shred(file) == 150
    assert len(written) == 150
    assert not file.exists()
