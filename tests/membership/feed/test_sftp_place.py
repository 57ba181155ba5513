"""OpenSSH's own client against a server that may do anything."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from controller import sftp
from controller.membership.feed import sftp_place
from controller.membership.feed.place import Changed, Offer, PlaceUnusable
from controller.membership.feed.sftp_place import SftpPlace
from controller.membership.feed.thread import Stopped
from controller.sftp import SftpClient

if TYPE_CHECKING:
    from conftest import SftpServer

FULL = "members-full-20251122T060000Z.csv"
NOW_US = 1_795_219_200_000_000
LATER_US = NOW_US + 60_000_000


class Rig:
    def __init__(self, server: SftpServer, spool: Path) -> None:
        self.server = server
        self.out = server.root / "out"
        self.spool = spool
        self.stopping = threading.Event()
        self.place = self.made()

    def made(self, **changed: object) -> SftpPlace:
        settings = self.server.settings.model_copy(update=changed)
        return SftpPlace(SftpClient(settings, self.server.secret, self.spool, self.stopping, Stopped))

    def put(self, name: str = FULL, content: str = "content") -> None:
        (self.out / name).write_text(content)

    def offers(self) -> list[Offer]:
        self.place.look(NOW_US)
        return list(self.place.look(LATER_US).files)


@pytest.fixture
def rig(sftp_server: SftpServer, tmp_path: Path) -> Rig:
    spool = tmp_path / "spool"
    spool.mkdir()
    return Rig(sftp_server, spool)


def test_a_file_is_complete_when_it_stays_as_large(rig: Rig) -> None:
    rig.put()
    first = rig.place.look(NOW_US)
    assert (first.files, first.growing) == ((), True)
    rig.put(content="longer content")
    assert rig.place.look(LATER_US).growing
    (offer,) = rig.place.look(LATER_US + 60_000_000).files
    assert (offer.text, offer.version, offer.signed) == (FULL, (14,), False)


def test_it_is_fetched_with_its_signature_and_leaves_nothing_behind(rig: Rig) -> None:
    rig.put()
    rig.put(f"{FULL}.minisig", "signature")
    (offer,) = rig.offers()
    file, signature = rig.place.take(offer)
    with file:
        assert (file.read(), signature) == (b"content", b"signature")
    assert list(rig.spool.iterdir()) == []
    assert rig.place.remove(offer)
    assert list(rig.out.iterdir()) == []


def test_without_a_signature_too(rig: Rig) -> None:
    rig.put()
    (offer,) = rig.offers()
    file, signature = rig.place.take(offer)
    file.close()
    assert signature is None
    assert rig.place.refuse(offer)
    assert [file.name for file in rig.out.iterdir()] == [f"{FULL}.refused"]
    assert rig.offers() == []


def test_a_server_that_may_only_be_read_says_so(rig: Rig) -> None:
    rig.put()
    (offer,) = rig.offers()
    rig.server.writable = False
    assert not rig.place.remove(offer)
    assert not rig.place.refuse(offer)
    assert (rig.out / FULL).exists()


def test_names_that_are_not_ours_never_become_commands(rig: Rig) -> None:
    for name in (
        "!touch hit",
        "members.csv",
        f"{FULL}.part",
        "a b-full-20251122T060000Z.csv",
        '"; rm *',
        "-x",
    ):
        rig.put(name)
    rig.put("x*-full-2025.csv")
    (rig.out / "link-full-20251122T060000Z.csv").symlink_to("/etc/passwd")
    rig.put("z-full-20259922T060000Z.csv")
    found = rig.offers()
    assert [(offer.text, offer.name) for offer in found] == [
        ("link-full-20251122T060000Z.csv", None),
        ("z-full-20259922T060000Z.csv", None),
    ]
    assert all(rig.place.refuse(offer) for offer in found)
    assert not list(rig.spool.rglob("hit"))


def test_another_host_key_is_not_trusted(rig: Rig) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    with pytest.raises(PlaceUnusable, match=r"sftp to 127\.0\.0\.1: its host key is not"):
        rig.made(host_key=other).look(NOW_US)
    assert rig.server.connections == 0


def test_nor_is_another_key_of_ours_let_in(rig: Rig) -> None:
    rig.server.secret = sftp.Secret("no key at all")
    with pytest.raises(PlaceUnusable):
        rig.made().look(NOW_US)


def test_nobody_there_is_told(rig: Rig) -> None:
    with pytest.raises(PlaceUnusable, match="refused"):
        rig.made(port=1).look(NOW_US)
    with pytest.raises(PlaceUnusable, match=r"No such file|not found"):
        rig.made(folder="elsewhere").look(NOW_US)


def test_a_server_that_stalls_is_cut_off(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.put()
    (offer,) = rig.offers()
    rig.server.stalls = True
    monkeypatch.setattr(sftp, "DEADLINE_S", 1.0)
    for do in (lambda: rig.place.look(NOW_US), lambda: rig.place.take(offer)):
        with pytest.raises(PlaceUnusable, match="longer than 1 s"):
            do()
    assert list(rig.spool.iterdir()) == []


def test_stopping_does_not_wait_for_it(rig: Rig) -> None:
    rig.server.stalls = True
    rig.stopping.set()
    with pytest.raises(Stopped):
        rig.place.look(NOW_US)


def test_an_endless_file_is_cut_off(rig: Rig) -> None:
    rig.put()
    (offer,) = rig.offers()
    rig.server.endless = True
    with pytest.raises((PlaceUnusable, Changed)):
        rig.place.take(offer)
    assert list(rig.spool.iterdir()) == []


def test_an_endless_folder_is_cut_off(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    # The client itself keeps all names until it has them all: there the deadline counts.
    monkeypatch.setattr(sftp, "DEADLINE_S", 2.0)
    rig.server.endless = True
    with pytest.raises(PlaceUnusable):
        rig.place.look(NOW_US)


def test_a_server_cannot_make_the_client_eat_the_machine_s_memory(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps all names of a folder until it has them all; the deadline would be reached much later."""
    monkeypatch.setattr(sftp, "MEMORY", 20 * 1024 * 1024)
    rig.server.endless = True
    with pytest.raises(PlaceUnusable, match="memory"):
        rig.place.look(NOW_US)


def test_a_file_that_changes_while_it_is_fetched_is_none(rig: Rig) -> None:
    rig.put()
    (offer,) = rig.offers()
    rig.put(content="short")
    with pytest.raises(Changed):
        rig.place.take(offer)
    (rig.out / FULL).unlink()
    with pytest.raises(PlaceUnusable):
        rig.place.take(offer)


def test_what_a_kill_has_left_is_deleted_at_the_next_start(rig: Rig) -> None:
    left = rig.spool / "fetch-1234"
    left.mkdir()
    (left / "key").write_text("key")
    rig.made()
    assert list(rig.spool.iterdir()) == []


def test_too_many_files_are_no_feed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sftp_place, "MOST", 2)
    for n in range(5):
        rig.put(f"members-full-2025112{n}T060000Z.csv")
    assert len(rig.offers()) == 2
