"""What became of a backup is journalled once, by the console."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from controller.backup import report
from controller.backup.report import Cause, Report
from controller.console.backups import LOOK_US, Backups
from controller.core.event import EventType, Stamp
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader

NOW = Stamp(1_795_219_200_000_000, 1_000_000, "boot-1", clock_trusted=True)
MADE = Report(NOW.wall_us, None, NOW.wall_us + 1, 4711, "ab" * 32, ("folder",), 1)


def test_each_report_is_told_once_and_not_again_after_a_start(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal.db", service="console", stamp=NOW)
    backups = Backups(journal, tmp_path, "droitwich")
    later = NOW

    def look(which: Backups) -> list[tuple[EventType, object]]:
        nonlocal later
        later = replace(later, mono_us=later.mono_us + LOOK_US)
        assert not which.look(later)
        reader = JournalReader(tmp_path / "journal.db")
        found = [
            (event.type, event.data.get("cause", event.data.get("size_bytes"))) for event in reader.read(0)
        ]
        reader.close()
        return found

    assert look(backups) == []
    report.write(tmp_path, MADE)
    assert look(backups) == [(EventType.BACKUP_MADE, 4711)]
    assert look(backups) == look(Backups(journal, tmp_path, "droitwich")) == [(EventType.BACKUP_MADE, 4711)]
    report.write(tmp_path, Report(NOW.wall_us + 5, Cause.PLACE))
    assert look(backups)[1:] == [(EventType.BACKUP_FAILED, "place")]
    (tmp_path / report.FILE).write_text("rubbish")
    assert len(look(backups)) == 2
    journal.close()
