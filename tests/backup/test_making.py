"""A backup holds what it should, opens for the authority alone, and goes when it has expired."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from controller.backup import places, report
from controller.backup.contents import KEYS, NOTICE, POLICY, REGISTERS, SETTINGS, journal
from controller.backup.expiry import until_us
from controller.backup.making import BackupFailed, make
from controller.backup.name import BackupName
from controller.backup.packing import Manifest
from controller.backup.places import FolderPlace
from controller.backup.report import Cause, Report
from controller.backup.unpacking import BackupUnusable, Part, unpack
from controller.core.event import EventType, NewEvent
from controller.core.hold import DAY_US
from controller.secrets import age_file
from controller.secrets.minisign import BadSignature
from controller.secrets.minisign_signing import SigningKey
from controller.settings.paths import JOURNALS
from controller.store.verify import verify

from .conftest import CARD, NOW_US, Branch, at


def content(branch: Branch, file: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}

    def take(_manifest: Manifest, name: str, size: int, part: Part) -> None:
        found[name] = part.read()
        assert len(found[name]) == size

    unpack(file, branch.identity, take).check_signature(branch.key.public)
    return found


def test_everything_that_cannot_be_made_again_is_in_it_and_opens(lived: Branch, tmp_path: Path) -> None:
    lived.place_hold(at(), "019aa700-0000-7aaa-8bbb-000000000001", end_us=NOW_US)
    lived.paths.notice.write_text("{}")
    made = lived.make(at())
    found = content(lived, lived.target / str(made.name))
    journals = {journal(service) for service in JOURNALS}
    keys = {f"{KEYS}authority-public-key", f"{KEYS}export-signing-key"}
    assert set(found) == {SETTINGS, POLICY, NOTICE, REGISTERS, *journals, *keys}
    assert found[SETTINGS] == lived.config.read_bytes()
    for name in journals:
        file = tmp_path / "copy.db"
        file.write_bytes(found[name])
        assert verify(file).ok
        file.unlink()


def test_what_its_owner_has_not_moved_into_the_database_yet_is_in_it(lived: Branch, tmp_path: Path) -> None:
    """The write-ahead log is what a copy of the file alone would lose."""
    journal_ = lived.journal("door", at())
    journal_.append([NewEvent(EventType.DOOR_OPENED, "front", at(), {"last": True})])
    made = lived.make(at())
    found = content(lived, lived.target / str(made.name))
    (tmp_path / "copy.db").write_bytes(found[journal("door")])
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT data FROM event ORDER BY seq DESC").fetchone() == ('{"last":true}',)
    copy.close()
    journal_.close()


def test_nothing_in_the_clear_leaves_and_nothing_stays(lived: Branch) -> None:
    made = lived.make(at())
    file = lived.target / str(made.name)
    assert CARD not in file.read_bytes()
    assert b"stays-at-the-branch" not in b"".join(content(lived, file).values())
    assert [path.name for path in lived.paths.backup.iterdir()] == [report.FILE]
    assert file.stat().st_mode & 0o777 == 0o600
    assert report.read(lived.paths.backup) == made.report


def test_it_may_exist_for_as_long_as_the_shortest_rule(branch: Branch) -> None:
    made_us = NOW_US
    assert until_us(branch.settings, branch.backup, made_us) == made_us + 14 * DAY_US
    long = branch.backup.model_copy(update={"keep_days": 90})
    policy = branch.settings.policy.profile
    assert policy is not None
    text = policy.read_text()
    policy.write_text(text.replace('{ kind = "duration", days = 90 }', '{ kind = "duration", days = 20 }', 1))
    # The day after the twentieth, at its beginning.
    assert until_us(branch.settings, long, made_us) == made_us + 21 * DAY_US


def test_what_has_expired_goes_and_nobody_elses(lived: Branch) -> None:
    ours = lived.settings.branch
    for name in (
        BackupName(ours.authority, ours.branch, NOW_US - 20 * DAY_US, NOW_US - DAY_US),
        BackupName(ours.authority, "another", NOW_US - 20 * DAY_US, NOW_US - DAY_US),
    ):
        (lived.target / str(name)).write_text("")
        (lived.target / f".{name}.part").write_text("")  # it is being put there, or was
    (lived.target / "holiday.jpg").write_text("")
    made = lived.make(at())
    assert made.report.removed == 1
    there = {path.name for path in lived.target.iterdir()}
    assert len(there) == 4
    assert f".{name}.part" in there
    assert {"holiday.jpg", str(made.name)} < there


def test_what_has_expired_goes_also_where_no_new_one_comes(
    lived: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no room for a new one while they are there, or nothing to make it of."""
    ours = lived.settings.branch
    old = lived.target / str(BackupName(ours.authority, ours.branch, NOW_US - 20 * DAY_US, NOW_US - DAY_US))
    old.touch()
    with monkeypatch.context() as full:
        full.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=0))
        with pytest.raises(BackupFailed, match="no room"):
            lived.make(at())
    assert not old.exists()
    old.touch()
    lived.paths.registers.write_bytes(b"rubbish" * 1000)
    with pytest.raises(BackupFailed, match=r"registers\.db"):
        lived.make(at())
    assert not old.exists()


def test_a_file_that_was_changed_or_cut_off_or_is_for_others_is_refused(lived: Branch) -> None:
    file = lived.target / str(lived.make(at()).name)
    whole = file.read_bytes()
    other, _ = age_file.new_identity()

    def take(*_: object) -> None: ...

    with pytest.raises(BackupUnusable, match="other keys"):
        unpack(file, other, take)
    for wrong in (
        b"",
        whole[:-1],
        whole[: len(whole) // 2],
        whole[:-50] + bytes([whole[-50] ^ 1]) + whole[-49:],
        b"junk" * 99,
    ):
        file.write_bytes(wrong)
        with pytest.raises(BackupUnusable, match="changed or cut off"):
            unpack(file, lived.identity, take)


def test_what_somebody_else_encrypted_to_the_same_key_is_not_signed(lived: Branch) -> None:
    def take(*_: object) -> None: ...

    forged = SigningKey.generate()
    secrets = lived.settings.branch.secrets_dir
    (secrets / "export-signing-key").write_text(forged.secret().reveal())
    file = lived.target / str(lived.make(at()).name)
    with pytest.raises(BadSignature):
        unpack(file, lived.identity, take).check_signature(lived.key.public)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "keys/../x", "door/other.db", "keys/"])
def test_a_part_that_no_backup_has_is_refused(branch: Branch, tmp_path: Path, name: str) -> None:
    from controller.backup.packing import packed

    file = tmp_path / "forged.age"
    manifest = Manifest("a", "b", NOW_US, NOW_US + DAY_US, "0.1.0")
    with file.open("wb") as out:
        age_file.encrypt(packed(manifest, iter([(name, b"x")]), None), out, branch.backup.recipients)

    def take(*_: object) -> None:
        raise AssertionError("it was taken")

    with pytest.raises(BackupUnusable, match="no part"):
        unpack(file, branch.identity, take)


def test_a_place_that_is_not_there_is_told_and_nothing_is_left(lived: Branch) -> None:
    elsewhere = FolderPlace(lived.target / "gone", None)
    both = [elsewhere, FolderPlace(lived.target, None)]
    with pytest.raises(BackupFailed, match="there is no such folder"):
        make(lived.source, lived.backup, both, at())
    told = report.read(lived.paths.backup)
    assert told is not None
    assert (told.cause, told.places) == (Cause.PLACE, ("folder",))


def test_a_stick_must_be_the_one_that_was_named(
    lived: Branch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the backup would go onto the card that is to be backed up."""
    monkeypatch.setattr(places, "UDEV", tmp_path)
    wanted = [FolderPlace(lived.target, "LABEL=BACKUP")]
    with pytest.raises(BackupFailed, match="LABEL=BACKUP is not mounted there"):
        make(lived.source, lived.backup, wanted, at())
    device = lived.target.stat().st_dev
    known = tmp_path / f"b{os.major(device)}:{os.minor(device)}"
    known.write_text("E:ID_FS_LABEL=BACKUP2\n")
    with pytest.raises(BackupFailed, match="not mounted"):
        make(lived.source, lived.backup, wanted, at())
    known.write_text("E:ID_FS_TYPE=ext4\nE:ID_FS_LABEL=BACKUP\n")
    assert make(lived.source, lived.backup, wanted, at()).report.places == ("folder",)


def test_a_clock_that_cannot_be_believed_makes_none(lived: Branch) -> None:
    with pytest.raises(BackupFailed, match="clock"):
        lived.make(replace(at(), clock_trusted=False))
    assert list(lived.target.iterdir()) == []


def test_a_damaged_register_makes_none(lived: Branch) -> None:
    lived.paths.registers.write_bytes(b"rubbish" * 1000)
    with pytest.raises(BackupFailed, match=r"registers\.db"):
        lived.make(at())
    told = report.read(lived.paths.backup)
    assert told is not None
    assert told.cause is Cause.UNREADABLE


@pytest.mark.parametrize("text", ["", "{}", "[" * 9000, '{"wall_us": 1, "cause": "x"}'])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / report.FILE).write_text(text)
    with pytest.raises((ValueError, TypeError), match=r"\w"):
        report.read(tmp_path)


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert report.read(tmp_path) is None
    told = Report(1, None, 2, 3, "ab" * 32, ("folder", "sftp"), 4)
    report.write(tmp_path, told)
    assert report.read(tmp_path) == told


def test_a_name_says_until_when() -> None:
    name = BackupName("testshire", "market-street", NOW_US, NOW_US + 14 * DAY_US)
    assert str(name) == "testshire_market-street_20261121T000000Z_until_20261205T000000Z.age"
    assert BackupName.parse(str(name)) == name
    for other in ("x.age", str(name).replace("20261205", "20261305"), str(name) + "x"):
        assert BackupName.parse(other) is None
