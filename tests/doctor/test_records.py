"""Secrets, permissions, policy, journals and memberships."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from controller.core.event import EventType
from controller.doctor.checks import permissions
from controller.doctor.finding import State
from controller.secrets import credentials
from controller.secrets.inventory import State as Kept
from controller.secrets.inventory import inventory
from controller.settings.shipped import profiles
from controller.store.members_owner import MembersOwner

if TYPE_CHECKING:
    from conftest import Rig


# --- secrets -----------------------------------------------------------------------------------------


def give(rig: Rig, *names: str) -> None:
    rig.paths.secrets.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        (rig.paths.secrets / name).write_text("a-secret-of-the-branch")
        (rig.paths.secrets / name).chmod(0o600)


def test_a_branch_without_secrets(rig: Rig) -> None:
    assert "`unlocked init` makes it" in rig.look("secrets").faults


def test_those_that_are_missing_are_named_and_none_is_told(rig: Rig) -> None:
    give(rig, credentials.SITE_KEY)
    found = rig.look("secrets")

    assert "door does not start without authority-public-key" in found.faults
    assert "door does not start without site-key" not in found.faults
    assert "door would use journal-key-door" in found.hints
    assert "a-secret" not in str(found)


def test_so_is_the_key_of_the_server_that_backups_go_to(rig: Rig) -> None:
    give(rig, credentials.SITE_KEY)
    assert "backup" not in rig.look("secrets").faults
    rig.line(BACKUP + SFTP)
    assert "no backup arrives without backup-ssh-key" in rig.look("secrets").faults
    (kept,) = (one for one in inventory(rig.context.settings) if one.name == credentials.BACKUP_SSH_KEY)
    assert kept.state is Kept.MISSING


def test_all_are_there(rig: Rig) -> None:
    settings = rig.context.settings
    for names in credentials.needed(settings).values():
        give(rig, *names)

    assert "all that the services need" in rig.look("secrets").fine
    assert "in plain" not in rig.look("secrets").hints
    rig.machine.has("run/systemd/system/.here")
    assert "on the disk in plain: site-key" in rig.look("secrets").hints


# --- permissions -------------------------------------------------------------------------------------


def test_a_secret_that_everybody_may_read(rig: Rig) -> None:
    give(rig, credentials.SITE_KEY)
    assert not rig.look("permissions").faults
    (rig.paths.secrets / credentials.SITE_KEY).chmod(0o644)
    assert f"may read or enter {rig.paths.secrets}/site-key (mode 0644)" in rig.look("permissions").faults


def test_a_folder_that_everybody_may_enter_and_a_journal_that_the_group_may_write(rig: Rig) -> None:
    rig.happened("door", EventType.SERVICE_STARTED, "controller", doors={})
    journal = rig.paths.journal("door")
    assert not rig.look("permissions").faults
    journal.parent.chmod(0o755)
    journal.chmod(0o660)
    found = rig.look("permissions").faults

    assert f"everybody may read or enter {journal.parent} (mode 0755)" in found
    assert f"its group may write {journal} (mode 0660) → `chmod g-w {journal}`" in found


class Users:
    """Each service has one, and none is whose the files are."""

    def __getattr__(self, _name: str) -> Callable[[str], SimpleNamespace]:
        return lambda _user: SimpleNamespace(pw_uid=os.geteuid() + 1, gr_gid=os.getegid() + 1)


def test_where_services_have_users_what_they_write_is_theirs_and_settings_can_be_read(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.happened("door", EventType.SERVICE_STARTED, "controller", doors={})
    (rig.paths.journal("door").parent / "note").touch()
    monkeypatch.setattr(permissions, "pwd", Users())
    monkeypatch.setattr(permissions, "grp", Users())
    rig.config.chmod(0o640)
    found = rig.look("permissions").faults

    journal = rig.paths.journal("door")
    assert f"{journal} does not belong to unlocked-door → `chown unlocked-door:unlocked {journal}`" in found
    assert f"the services may not read {rig.config} (mode 0640)" in found
    assert "a file in" not in found


def test_a_file_of_somebody_elses_making_is_not_named(rig: Rig) -> None:
    give(rig, "agnes-whitcombe")
    (rig.paths.secrets / "agnes-whitcombe").chmod(0o644)
    found = rig.look("permissions").faults

    assert f"everybody may read or enter a file in {rig.paths.secrets}" in found
    assert "agnes" not in found


def test_settings_that_everybody_may_write(rig: Rig) -> None:
    rig.config.chmod(0o666)

    assert f"everybody may write {rig.config}" in rig.look("permissions").faults


# --- policy ------------------------------------------------------------------------------------------


def test_without_a_profile_nothing_is_recorded(rig: Rig) -> None:
    assert "nothing is recorded, and nothing falls due: " in rig.look("policy").faults


def test_a_profile_that_is_a_draft(rig: Rig) -> None:
    rig.edit(str(rig.config.with_name("policy.toml")), str(profiles()["worcestershire"]))
    assert "the profile is a draft" in rig.look("policy").faults
    rig.edit("#draft = false", "draft = true")
    assert "DRAFT POLICY PROFILE" in rig.look("policy").hints


# --- journals ----------------------------------------------------------------------------------------


def test_journals_that_are_whole(rig: Rig) -> None:
    rig.happened("door", EventType.SERVICE_STARTED, "controller", doors={})
    found = rig.look("journals")

    assert "undamaged: door" in found.fine
    assert "nobody signs how far the journal of door goes" in found.hints


def test_one_that_is_damaged(rig: Rig) -> None:
    rig.happened("door", EventType.SERVICE_STARTED, "controller", doors={})
    rig.paths.journal("door").write_bytes(b"this is no database" * 1000)

    assert "a database of door is damaged" in rig.look("journals").faults


def test_the_database_of_accounts_has_no_version_of_ours(rig: Rig) -> None:
    rig.paths.console.parent.mkdir(parents=True)
    with closing(sqlite3.connect(rig.paths.console)) as connection:
        connection.execute("CREATE TABLE account (name)")
    assert "undamaged: console/console.db" in rig.look("journals").fine
    rig.paths.console.write_bytes(b"this is no database" * 1000)
    assert "a database of console is damaged" in rig.look("journals").faults


def test_one_that_was_damaged_and_moved_aside(rig: Rig) -> None:
    rig.happened("door", EventType.SERVICE_STARTED, "controller", doors={})
    journal = rig.paths.journal("door")
    journal.write_bytes(b"this is no database" * 1000)
    rig.happened("door", EventType.SERVICE_STARTED, "controller", doors={})

    assert f"was damaged, and is kept as {journal}.damaged-1" in rig.look("journals").faults


def test_one_whose_end_was_changed(rig: Rig) -> None:
    for _ in range(3):
        rig.happened("door", EventType.SERVICE_STARTED, "controller", doors={})
    with closing(sqlite3.connect(rig.paths.journal("door"))) as connection:
        find = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%UPDATE ON chain%'"
        (trigger,) = connection.execute(find).fetchone()
        connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE chain SET head = randomblob(32) WHERE seq = 2")
        connection.commit()

    assert "its chain breaks at event" in rig.look("journals").faults


# --- memberships -------------------------------------------------------------------------------------


def test_without_any_no_card_opens(rig: Rig) -> None:
    assert "there are none: no card opens the door" in rig.look("memberships").faults


@pytest.mark.parametrize(
    ("hours", "state", "says"),
    [
        (2, State.OK, "0 memberships, 2 h old"),
        (100, State.HINT, "100 h old; they are believed for 168 h"),
        (200, State.FAULT, "too old: "),
    ],
)
def test_how_old_they_are(rig: Rig, hours: int, state: State, says: str) -> None:
    members = MembersOwner.open(rig.paths.members)
    members.import_set([], key_id="0a0b0c0d", as_of_us=rig.now.wall_us - hours * 3_600_000_000)
    members.close()

    assert says in rig.look("memberships").said(state)


def test_a_file_of_the_feed_that_was_not_taken_in(rig: Rig) -> None:
    rig.happened("membership", EventType.MEMBERSHIP_FEED_REFUSED, "membership", reason="bad_signature")

    assert "not taken in: bad signature" in rig.look("memberships").faults


# --- backups -----------------------------------------------------------------------------------------

BACKUP = """[backup]
recipients = ["age1h6cu85snscy9ntqwjrf7v25skl7a68xqyy8a5y87caqvhf97wduqehlqdq"]
folder = "/media/unlocked-backup"
"""
SFTP = """[backup.sftp]
host = "backups.example.org"
username = "droitwich"
host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0BBbBcZC1vmPm5hgsVNkb4BLsUFdGq4vEuTsVgJpCY"
"""


def test_a_branch_without_backups(rig: Rig) -> None:
    assert "none are made" in rig.look("backups").hints


def test_the_age_of_the_last_backup_and_why_none_came(rig: Rig) -> None:
    rig.line(BACKUP)
    assert "none was ever made" in rig.look("backups").faults
    now_us = rig.now.wall_us
    rig.happened("console", EventType.BACKUP_MADE, "x", at_us=now_us - 51 * 3_600_000_000, until_us=now_us)
    assert "51 h old, and one is expected every 50 h" in rig.look("backups").faults
    rig.happened("console", EventType.BACKUP_FAILED, "x", at_us=now_us, cause="place")
    assert "it did not arrive where it was to go" in rig.look("backups").faults
    rig.happened("console", EventType.BACKUP_MADE, "x", at_us=now_us - 3_600_000_000, until_us=now_us)
    found = rig.look("backups")
    assert (found.faults, "1 h old" in found.fine) == ("", True)
