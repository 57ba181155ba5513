from __future__ import annotations

from pathlib import Path

import pytest

from controller.core.journal_head import JournalHead
from controller.devices import Clock
from controller.keeping.head_signing import head_signing
from controller.secrets.journal_key import JournalKey
from controller.secrets.signed_note import Note
from drivers.system_clock import SystemClock

HEAD = bytes(32)
JOURNAL_ID = "019aa700-0000-7aaa-8bbb-000000000001"


@pytest.fixture
def clock() -> Clock:
    return SystemClock()


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    return tmp_path


def test_a_service_signs_with_its_own_key(handed: Path, clock: Clock) -> None:
    key = JournalKey.generate("org", "branch", "door")
    (handed / "journal-key-door").write_text(key.secret().reveal() + "\n")
    signing = head_signing("door", clock)
    assert signing is not None
    note = Note.parse(signing.key.note(JOURNAL_ID, 7, HEAD, signing.now()).encode())
    assert note.signers([key.public]) == (key.public,)
    head = JournalHead.parse(note.text)
    assert (head.key_name, head.journal_id, head.seq) == ("org/branch/door", JOURNAL_ID, 7)


@pytest.mark.parametrize("content", [None, "\n", "hunter2\n"])
def test_a_service_without_a_key_goes_on_and_says_so(
    handed: Path, clock: Clock, content: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    if content is not None:
        (handed / "journal-key-door").write_text(content)
    assert head_signing("door", clock) is None
    assert "not signed" in caplog.text
    assert "hunter2" not in caplog.text
