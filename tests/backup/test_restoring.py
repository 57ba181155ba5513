"""An old backup brings back what was lost, and nothing that was destroyed since."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from controller.backup.packing import Manifest, packed
from controller.backup.restoring.received import NotReceived
from controller.backup.restoring.restoring import NotRestored, Restored, Wanted, restore
from controller.backup.unpacking import BackupUnusable
from controller.core.event import Event, EventType, Stamp
from controller.core.hold import DAY_US, Category
from controller.keeping.edge_rules import CATEGORIES
from controller.keeping.journal_disposal import JournalDisposal
from controller.keeping.journal_keeper import JournalKeeper
from controller.keeping.opening import edge_rule, known_holds
from controller.secrets import age_file, credentials
from controller.secrets.minisign_signing import SigningKey
from controller.store.journal_reader import JournalReader
from controller.store.position import Position, Positions
from controller.store.registers import Registers, RegistersReader
from controller.store.verify import verify
from controller.uplink.cloudevent import Source, encode

from .conftest import NOW_US, Branch, at

HOLD, LATER_HOLD = "019aa700-0000-7aaa-8bbb-000000000001", "019aa700-0000-7aaa-8bbb-000000000002"


def backed_up(branch: Branch, days: float = 0) -> Path:
    return branch.target / str(branch.make(at(days)).name)


def put_back(branch: Branch, file: Path, days: float, **more: object) -> Restored:
    """In another boot, as after an accident."""
    now = at(days, boot="boot-2")
    return restore(Wanted(file, branch.identity, branch.config, now, **more))  # type: ignore[arg-type]


def events(branch: Branch, service: str, *types: EventType) -> list[Event]:
    with closing(JournalReader(branch.paths.journal(service))) as reader:
        return reader.read(0, 100_000, types)


def ages(branch: Branch, service: str = "door", type: EventType = EventType.ACCESS_GRANTED) -> list[int]:
    """Of what is left of these, in days before NOW_US."""
    return [(NOW_US - event.stamp.wall_us) // DAY_US for event in events(branch, service, type)]


def sweep(branch: Branch, service: str, now: Stamp) -> None:
    """What the service itself does."""
    from contextlib import ExitStack

    with ExitStack() as closing_all, closing(branch.journal(service, now)) as journal:
        known = known_holds(branch.paths, closing_all)
        rule = edge_rule(branch.settings, CATEGORIES[service])
        site = branch.settings.branch.branch
        JournalKeeper(JournalDisposal(journal, rule, site, "assumed", known.read)).sweep(now)


def whole(branch: Branch) -> None:
    for service in CATEGORIES:
        found = verify(branch.paths.journal(service))
        assert found.ok, (service, found.fault)


def test_a_new_card_gets_everything_back_but_what_is_due_by_now(lived: Branch) -> None:
    """Nothing tells what was destroyed since: whatever the rules destroyed is due by now."""
    file = backed_up(lived)
    before = ages(lived)
    assert before[0] == 361
    lived.paths.state.rename(lived.paths.state.with_name("old-card"))
    config = lived.config.read_bytes()
    lived.config.unlink()
    shutil.rmtree(lived.settings.branch.secrets_dir)
    profile = lived.settings.policy.profile
    assert profile is not None
    profile.unlink()
    done = put_back(lived, file, 10)
    assert done.undone == []
    assert lived.config.read_bytes() == config
    assert profile.exists()
    # Events of a door are kept for 90 days.
    assert ages(lived) == [age for age in before if age + 10 <= 90]
    whole(lived)
    secrets = lived.settings.branch.secrets_dir
    assert {one.name for one in secrets.iterdir()} == {
        credentials.EXPORT_SIGNING_KEY,
        credentials.AUTHORITY_PUBLIC_KEY,
    }
    assert (secrets / credentials.EXPORT_SIGNING_KEY).stat().st_mode & 0o777 == 0o600
    assert not (lived.paths.state / "restoring").exists()
    (told,) = events(lived, "door", EventType.JOURNAL_RESTORED)
    assert (told.data["seq"], told.data["old"]) == (len(before), {})


def test_no_sealed_card_of_what_is_gone_is_in_the_file(lived: Branch) -> None:
    file = backed_up(lived)
    shutil.rmtree(lived.paths.state)
    put_back(lived, file, 13)
    with closing(sqlite3.connect(lived.paths.journal("door"))) as door:
        seqs = {seq for (seq,) in door.execute("SELECT seq FROM event WHERE type = 'access.granted'")}
        boxes = {seq for (seq,) in door.execute("SELECT seq FROM sealed")}
    assert boxes == seqs != set()


def test_what_a_newer_journal_says_was_destroyed_stays_destroyed(lived: Branch) -> None:
    """Though it would not be due by the rules of now: the policy has become laxer since."""
    before = ages(lived)
    file = backed_up(lived)
    profile = lived.settings.policy.profile
    assert profile is not None
    was = profile.read_text()
    # For a week the events of doors went after 30 days.
    profile.write_text(was.replace('{ kind = "duration", days = 90 }', '{ kind = "duration", days = 30 }', 1))
    lived.happened("door", at(0.5))
    sweep(lived, "door", at(1))
    assert ages(lived) == [1, -1]
    assert [age for age in before if age <= 60] == [31, 1]
    lived.happened("door", at(2), EventType.ACCESS_REFUSED, reason="expired")
    profile.write_text(was)
    last = events(lived, "door")[-1].seq
    done = put_back(lived, file, 3, replace=True)
    assert done.undone == []
    assert ages(lived) == [1]  # what followed the backup is lost, and nothing came back
    (told,) = events(lived, "door", EventType.JOURNAL_RESTORED)
    old = told.data["old"]
    assert isinstance(old, dict)
    assert old["seq"] == last
    whole(lived)
    aside = lived.paths.journal("door").with_name("journal.db.damaged-1")
    assert verify(aside).ok


def test_a_hold_that_is_newer_than_the_backup_still_protects(lived: Branch) -> None:
    lived.place_hold(at(-1), HOLD, start_us=NOW_US - 400 * DAY_US, end_us=NOW_US - 300 * DAY_US)
    file = backed_up(lived)
    held = {"start_us": NOW_US - 250 * DAY_US, "end_us": NOW_US - 200 * DAY_US}
    lived.place_hold(at(1), LATER_HOLD, **held)
    with closing(Registers.open(lived.paths.registers)) as registers:
        registers.end_hold(HOLD, NOW_US + 2 * DAY_US, "case closed", by="ann")
    done = put_back(lived, file, 13, replace=True)
    assert done.undone == []
    with closing(RegistersReader(lived.paths.registers)) as reader:
        found = {one.id: one for one in reader.holds()}
    assert set(found) == {HOLD, LATER_HOLD}
    assert found[HOLD].ended_us == NOW_US + 2 * DAY_US
    # The first cooled off for a week, and protects nothing any more.
    assert [age for age in ages(lived) if age > 90] == [241, 211]
    whole(lived)


def test_where_a_newer_hold_is_lost_nothing_is_destroyed_and_that_is_said(lived: Branch) -> None:
    lived.place_hold(at(-1), HOLD, start_us=NOW_US, end_us=NOW_US + 1)
    file = backed_up(lived)
    lived.place_hold(at(1), LATER_HOLD, end_us=NOW_US)
    before = ages(lived)
    lived.paths.registers.write_bytes(b"rubbish" * 999)
    for left in lived.paths.registers.parent.glob("registers.db-*"):
        left.unlink()
    done = put_back(lived, file, 2, replace=True)
    assert ages(lived) == before
    assert any(LATER_HOLD in line for line in done.undone)


def test_a_journal_that_is_whole_and_newer_stays(lived: Branch) -> None:
    file = backed_up(lived)
    seq = lived.happened("door", at(1))
    lived.paths.journal("recorder").unlink()
    done = put_back(lived, file, 2)
    assert events(lived, "door")[-1].seq == seq
    assert events(lived, "door", EventType.JOURNAL_RESTORED) == []
    assert events(lived, "recorder", EventType.JOURNAL_RESTORED) != []
    assert any(line.startswith("door: kept") for line in done.lines)


def test_a_damaged_journal_is_restored_and_what_can_be_read_of_it_counts(lived: Branch) -> None:
    file = backed_up(lived)
    sweep(lived, "door", at(1))
    path = lived.paths.journal("door")
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    path.write_bytes(content)
    put_back(lived, file, 2)
    assert max(ages(lived)) <= 90
    whole(lived)


def test_a_service_begins_from_it_without_waiting_a_day(lived: Branch) -> None:
    """A journal of days ago reads like a clock that jumped; whoever restored has vouched for the time."""
    file = backed_up(lived)
    shutil.rmtree(lived.paths.state)
    put_back(lived, file, 5)
    due_tomorrow = max(ages(lived))
    sweep(lived, "door", at(5 + 91 - due_tomorrow - 5, boot="boot-2"))
    assert max(ages(lived)) < due_tomorrow


def test_the_uplink_sends_what_follows(lived: Branch) -> None:
    file = backed_up(lived)
    seq = lived.happened("door", at(1))
    with closing(JournalReader(lived.paths.journal("door"))) as reader:
        journal_id = reader.journal_id
    with closing(Positions.open(lived.paths.positions)) as positions:
        positions.advance(journal_id, Position(seq, seq))
    put_back(lived, file, 2, replace=True)
    with closing(Positions.open(lived.paths.positions)) as positions:
        assert positions.get(journal_id) == Position(seq - 1, seq - 1, 1)


def test_while_anything_runs_nothing_is_restored(lived: Branch) -> None:
    file = backed_up(lived)
    door = lived.paths.journal("door")
    program = "import sys; f = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(door)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(NotRestored, match=rf"process {other.pid} .* stop everything"):
            put_back(lived, file, 1)
        other.communicate()


def test_a_backup_that_must_not_be_used_is_refused(lived: Branch) -> None:
    file = backed_up(lived)
    before = {path: path.stat().st_mtime_ns for path in lived.paths.state.rglob("*")}
    with pytest.raises(NotRestored, match="expired"):
        put_back(lived, file, 14)
    with pytest.raises(NotRestored, match="did not make it"):
        put_back(lived, file, 1, public_key=SigningKey.generate().public)
    with pytest.raises(NotRestored, match="clock"):
        restore(Wanted(file, lived.identity, lived.config, replace(at(1), clock_trusted=False)))
    text = lived.config.read_text()
    lived.config.write_text(text.replace('branch = "', 'branch = "not-'))
    with pytest.raises(NotRestored, match="another branch"):
        put_back(lived, file, 1)
    lived.config.write_text(text)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(BackupUnusable, match="cut off"):
        put_back(lived, file, 1, replace=True)
    after = {path: path.stat().st_mtime_ns for path in lived.paths.state.rglob("*")}
    assert {path: time for path, time in after.items() if path.is_file()} == {
        path: time for path, time in before.items() if path.is_file()
    }


def test_registers_that_went_since_do_not_come_back(lived: Branch) -> None:
    """By the rules alone: the console's journal in which their certificate stood is lost."""
    lived.place_hold(at(-800), HOLD, start_us=0, end_us=1)
    with closing(Registers.open(lived.paths.registers)) as registers:
        registers.end_hold(HOLD, NOW_US - 729 * DAY_US, "over", by="ann")
    lived.happened("console", at(-729), EventType.HOLD_ENDED, hold=HOLD)
    file = backed_up(lived)
    shutil.rmtree(lived.paths.state)
    put_back(lived, file, 13)
    with closing(RegistersReader(lived.paths.registers)) as reader:
        assert reader.holds() == []
    certificates = events(lived, "console", EventType.DISPOSAL_CERTIFICATE)
    assert Category.REGISTERS.value in {event.data["category"] for event in certificates}


def test_where_the_journal_is_lost_what_a_receiver_has_stored_counts(lived: Branch, tmp_path: Path) -> None:
    lived.place_hold(at(-1), HOLD, start_us=NOW_US, end_us=NOW_US + 1)
    file = backed_up(lived)
    profile = lived.settings.policy.profile
    assert profile is not None
    was = profile.read_text()
    profile.write_text(was.replace('{ kind = "duration", days = 90 }', '{ kind = "duration", days = 30 }', 1))
    sweep(lived, "door", at(1))
    lived.place_hold(at(1), LATER_HOLD, end_us=1)
    profile.write_text(was)
    stored = tmp_path / "events.jsonl"
    with stored.open("w") as lines:
        for service in ("door", "console"):
            with closing(JournalReader(lived.paths.journal(service))) as reader:
                of = Source(lived.settings.branch.authority, lived.settings.branch.branch, service)
                for event in reader.read(0, 1000):
                    lines.write(encode(event, of, reader.journal_id).decode() + "\n")
    shutil.rmtree(lived.paths.state)
    done = put_back(lived, file, 2, events=(stored,))
    assert ages(lived) == [1]
    # Of a hold only its id is told: nothing goes until somebody has placed it anew, or ended it.
    assert all(LATER_HOLD in line for line in done.undone)
    assert done.undone != []
    whole(lived)
    stored.write_text("rubbish\n")
    with pytest.raises(NotReceived, match="line 1"):
        put_back(lived, file, 2, events=(stored,), replace=True)


def test_a_forged_backup_chooses_no_file_of_its_own(lived: Branch, tmp_path: Path) -> None:
    """Its settings name the folder of the secrets, where something else might run what lies there."""
    manifest = Manifest(
        lived.settings.branch.authority, lived.settings.branch.branch, NOW_US, NOW_US + DAY_US, "0.1.0"
    )
    text = lived.config.read_text().replace(f'"{tmp_path / "secrets"}"', f'"{tmp_path / "cron.d"}"')
    parts = [("settings/branch.toml", text.encode()), ("keys/every-night", b"* * * * * root reboot")]
    file = tmp_path / "forged.age"
    with file.open("wb") as out:
        age_file.encrypt(packed(manifest, iter(parts), None), out, lived.backup.recipients)
    lived.config.unlink()
    put_back(lived, file, 0)
    assert not (tmp_path / "cron.d").exists()
