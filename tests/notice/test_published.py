"""The published notice: read back as written, and only if it is the one that was journalled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.notice.facts import facts_of
from controller.notice.published import (
    NoticeUnreadable,
    Published,
    journalled,
    put_in_place,
    read,
    stage,
)
from controller.settings.model import Settings
from controller.settings.policy.profile import Profile
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader

NOW = Stamp(1_790_000_000_000_000, 1, "boot", True)


@pytest.fixture
def published(settings: Settings, profile: Callable[..., Profile]) -> Published:
    return Published(facts_of(settings, profile()), {"notice.html": "ab" * 32}, "cd" * 32, NOW.wall_us)


def test_it_is_read_as_it_was_written(tmp_path: Path, published: Published) -> None:
    file = tmp_path / "notice.json"
    staged = stage(file, published)
    assert read(file, None) is None
    put_in_place(staged, file)
    assert read(file, published.sha256) == published
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["notice.json"]


def test_a_file_that_is_gone_exchanged_or_spoilt_is_not_believed(
    tmp_path: Path, published: Published
) -> None:
    file = tmp_path / "notice.json"
    with pytest.raises(NoticeUnreadable, match="gone"):
        read(file, published.sha256)
    file.write_bytes(published.content)
    for journal in ("00" * 32, None):
        with pytest.raises(NoticeUnreadable, match="not the notice"):
            read(file, journal)
    for content in (b"", b"[]", b'{"facts": [], "documents": {"a": 1}, "policy": "", "wall_us": 1}', b"\xff"):
        file.write_bytes(content)
        with pytest.raises(NoticeUnreadable, match="publish"):
            read(file, sha256(content).hexdigest())


def test_the_journal_has_the_last_that_was_published(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(JournalReader(path)) as reader:
        assert journalled(reader) is None
        with closing(Journal.open(path, service="console", stamp=NOW)) as journal:
            assert journalled(reader) is None
            for digest in ("aa", "bb"):
                journal.append([NewEvent(EventType.NOTICE_PUBLISHED, "notice", NOW, {"notice": digest})])
        assert journalled(reader) == "bb"
