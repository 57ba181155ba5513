"""Backups on an SFTP server, with OpenSSH's own client."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.backup.making import make
from controller.backup.name import BackupName
from controller.backup.places import PlaceUnusable
from controller.backup.sftp_place import SftpPlace
from controller.core.hold import DAY_US
from controller.sftp import SftpClient
from simulator.sftp_server import SftpServer

from .conftest import NOW_US, Branch, at


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    root = tmp_path / "server"
    (root / "out").mkdir(parents=True)
    server = SftpServer(root)
    yield server
    server.close()


def test_a_backup_is_sent_and_what_has_expired_goes(lived: Branch, server: SftpServer) -> None:
    spool = lived.paths.backup
    spool.mkdir()
    place = SftpPlace(
        SftpClient(server.settings, server.secret, spool, threading.Event(), Exception), server.settings
    )
    folder, ours = server.root / "out", lived.settings.branch
    old = BackupName(ours.authority, ours.branch, NOW_US - 20 * DAY_US, NOW_US)
    for name in (str(old), "other", f"{old}.part"):
        (folder / name).write_text("")
    made = make(lived.source, lived.backup, [place], at())
    assert made.report.removed == 1
    assert {path.name for path in folder.iterdir()} == {str(made.name), "other", f"{old}.part"}
    assert (folder / str(made.name)).stat().st_size == made.report.size_bytes
    assert place.names() == [str(made.name)]
    assert [path.name for path in spool.iterdir()] == ["last.json"], "no key is left"
    server.writable = False
    with pytest.raises(PlaceUnusable, match="its rights"):
        place.put(lived.config, str(old))


def test_no_name_but_a_backups_becomes_part_of_a_command(server: SftpServer, tmp_path: Path) -> None:
    client = SftpClient(server.settings, server.secret, tmp_path, threading.Event(), Exception)
    with pytest.raises(ValueError, match="no name"):
        SftpPlace(client, server.settings).remove("x\n!id")
    assert server.connections == 0


def test_the_key_is_put_in_memory_alone_while_it_is_used(server: SftpServer, tmp_path: Path) -> None:
    """On the disk it may be encrypted; and what a kill has left goes."""
    spool, memory = tmp_path / "spool", tmp_path / "run"
    for folder in (spool, memory):
        (folder / "fetch-left").mkdir(parents=True)
    client = SftpClient(server.settings, server.secret, spool, threading.Event(), Exception, memory)
    with client.ran(["ls -1"]):
        assert [path.name for path in memory.rglob("*") if path.is_file()] == ["key"]
        assert not list(spool.rglob("key"))
    assert [*memory.iterdir(), *spool.iterdir()] == []
