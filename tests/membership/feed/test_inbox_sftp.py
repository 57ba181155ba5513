"""The whole way: from an SFTP server, through OpenSSH's client, into the memberships."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from controller.core.event import EventType
from controller.membership.feed.sftp_place import SftpPlace
from controller.membership.feed.thread import Stopped
from controller.sftp import SftpClient

if TYPE_CHECKING:
    from conftest import Rig, SftpServer

SIX, SEVEN, EIGHT = (datetime(2025, 11, 22, hour, tzinfo=UTC) for hour in (6, 7, 8))
IMPORTED, REFUSED = EventType.MEMBERSHIP_IMPORTED, EventType.MEMBERSHIP_FEED_REFUSED
MINUTE_US = 60_000_000


@pytest.fixture
def remote(rig: Rig, sftp_server: SftpServer) -> Rig:
    """The rig, its feed on the server."""
    rig.feed = sftp_server.root / "out"
    client = SftpClient(sftp_server.settings, sftp_server.secret, rig.path.parent, threading.Event(), Stopped)
    rig.place = SftpPlace(client)
    rig.restart()
    return rig


def look(rig: Rig) -> None:
    """Until what is there has been equally large for long enough."""
    assert rig.look(MINUTE_US)
    rig.look(2 * MINUTE_US)


def test_signed_files_are_fetched_in_order_and_deleted_there(remote: Rig) -> None:
    remote.make_key()
    files = [remote.full(SIX, 5), remote.delta(SIX, SEVEN, 2)]
    for file in files:
        remote.sign(file)
    bad = remote.delta(SEVEN, EIGHT, 1)
    remote.sign(bad)
    bad.write_text(bad.read_text() + "\n")
    look(remote)
    assert remote.known() == [0, 1, 3, 4]
    assert remote.journal.types() == [IMPORTED, IMPORTED, REFUSED]
    assert remote.journal.reasons() == ["bad_signature"]
    assert remote.left() == [f"{bad.name}.refused"]
    kept = {path.name for path in remote.path.parent.iterdir()}
    assert kept <= {"members.db", "members.db-wal", "members.db-shm"}


def test_a_server_that_keeps_its_files_is_read_once(remote: Rig, sftp_server: SftpServer) -> None:
    sftp_server.writable = False
    remote.full(SIX, 5)
    remote.full(SEVEN, 6)
    look(remote)
    fetched = sftp_server.files_read
    remote.restart()
    for _ in range(2):
        remote.look(2 * MINUTE_US)
    assert sftp_server.files_read == fetched == 2
    assert remote.known() == [0, 1, 2, 3, 4, 5]
    assert remote.journal.types() == [IMPORTED, IMPORTED]
    assert len(remote.left()) == 2


def test_a_server_that_is_away_is_told_once_and_waited_for(
    remote: Rig, sftp_server: SftpServer, caplog: pytest.LogCaptureFixture
) -> None:
    remote.full(SIX, 5)
    away = sftp_server.root / "away"
    remote.feed.rename(away)
    for _ in range(2):
        assert not remote.look(MINUTE_US)
    assert caplog.text.count("WARNING") == 1
    away.rename(remote.feed)
    look(remote)
    assert remote.known() == [0, 1, 2, 3, 4]
