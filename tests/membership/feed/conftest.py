"""A branch that takes a feed out of a folder, and an SFTP server on loopback, with faults."""

from __future__ import annotations

import asyncio
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

import asyncssh
import pytest

from controller.core.card import CardNumber, CardRules
from controller.core.event import EventType, JsonValue, Stamp
from controller.membership.feed.folder_place import FolderPlace
from controller.membership.feed.importer import Importer
from controller.membership.feed.inbox import FeedInbox
from controller.membership.feed.place import Place
from controller.secrets import site_key
from controller.secrets.credentials import Secret
from controller.secrets.minisign import PublicKey
from controller.settings.sftp import Sftp
from controller.store.journal import JournalUnavailable
from controller.store.members import Members
from controller.store.members_owner import MembersOwner
from controller.store.owner import open_owner

WAIT_S = 20.0


RULES = CardRules(14, 14, "digits", "off")
SITE_KEY = site_key.generate()
HEADER = "card_number,status,induction,granted_from,expires\n"


def card(n: int) -> str:
    return f"{n:014d}"


def stamped(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


class Crash(BaseException):
    pass


@dataclass
class Journal:
    """crash: at the next record, before or after it is kept."""

    events: list[tuple[EventType, dict[str, JsonValue]]] = field(default_factory=list)
    fails: bool = False

    def record(self, type: EventType, data: dict[str, JsonValue]) -> None:
        if self.fails:
            raise JournalUnavailable("disk full")
        self.events.append((type, data))

    def last_imported(self) -> Mapping[str, JsonValue] | None:
        return next(
            (data for type, data in reversed(self.events) if type is EventType.MEMBERSHIP_IMPORTED), None
        )

    def types(self) -> list[EventType]:
        return [type for type, _ in self.events]

    def reasons(self) -> list[JsonValue]:
        return [data["reason"] for type, data in self.events if type is EventType.MEMBERSHIP_FEED_REFUSED]


class Quietly:
    """Progress that nobody sees. crash: called when rows are filled in."""

    crash = False

    def read(self, size: int) -> None:
        pass

    def filled(self, _rows: int) -> None:
        if self.crash:
            raise Crash

    def hashed(self, pins: int, of: int) -> None:
        pass


class Rig:
    Crash = Crash

    def __init__(self, folder: Path) -> None:
        self.feed = folder / "feed"
        self.feed.mkdir()
        self.path = folder / "membership" / "members.db"
        self.engine = open_owner(self.path, "members")
        self.owner = MembersOwner(self.path, self.engine)
        self.journal = Journal()
        self.progress = Quietly()
        self.keys = folder / "keys"
        self.keys.mkdir()
        self.key: PublicKey | None = None
        self.place: Place = FolderPlace(self.feed, self.path.parent)
        self.inbox = self.made()

    def made(self) -> FeedInbox:
        """As after a start."""
        return FeedInbox(
            self.place,
            Importer(self.owner, RULES, SITE_KEY, None),
            self.key,
            self.journal.record,
            self.journal.last_imported,
            self.progress,
        )

    def restart(self) -> None:
        self.inbox = self.made()

    def full(self, as_of: datetime, count: int, name: str = "members") -> Path:
        file = self.feed / f"{name}-full-{stamped(as_of)}.csv"
        rows = (f"{card(n)},active,2025-01-12,2025-01-12,2099-12-31\n" for n in range(count))
        file.write_text(HEADER + "".join(rows))
        return file

    def delta(self, since: datetime, to: datetime, *removed: int) -> Path:
        file = self.feed / f"members-delta-{stamped(since)}-{stamped(to)}.csv"
        file.write_text("change,card_number\n" + "".join(f"remove,{card(n)}\n" for n in removed))
        return file

    def look(self, later_us: int = 60_000_000, *, trusted: bool = True) -> bool:
        return self.inbox.look(Stamp(time.time_ns() // 1000 + later_us, 1, "boot", trusted))

    def known(self) -> list[int]:
        members = Members(self.path)
        try:
            return [
                n
                for n in range(12)
                if members.find(site_key.member_ref(SITE_KEY, CardNumber(card(n)))).membership
            ]
        finally:
            members.close()

    def left(self) -> list[str]:
        return sorted(file.name for file in self.feed.iterdir())

    def make_key(self) -> None:
        self.minisign("-G", "-W", "-p", self.keys / "pub", "-s", self.keys / "secret")
        self.key = PublicKey.parse((self.keys / "pub").read_text().splitlines()[1])
        self.restart()

    def sign(self, file: Path) -> None:
        self.minisign("-S", "-s", self.keys / "secret", "-m", file.name)

    def minisign(self, *arguments: object) -> None:
        command = ["minisign", *map(str, arguments)]
        subprocess.run(command, cwd=self.feed, check=True, capture_output=True, stdin=subprocess.DEVNULL)


class SftpServer:
    """OpenSSH's client sees ``root`` as ``/``. Whether it may change anything there is ``writable``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.writable = True
        self.stalls = False
        self.endless = False
        self.connections = 0
        self.files: list[IO[bytes]] = []
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self.secret = Secret(self._key.export_private_key().decode().removesuffix("\n"))
        self._connected: list[asyncssh.SSHServerConnection] = []
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, _about: None)  # of clients that were cut off
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp server")
        self._thread.start()
        self._acceptor = self._do(self._listen())
        self.settings = Sftp(
            host="127.0.0.1",
            port=self._acceptor.get_port(),
            username="unlocked",
            folder="out",
            host_key=self._host_key.export_public_key().decode().strip(),
        )

    async def _listen(self) -> asyncssh.SSHAcceptor:
        server = self

        class Files(asyncssh.SFTPServer):
            def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
                server.connections += 1
                super().__init__(channel, chroot=bytes(server.root))

            def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
                file = super().open(path, pflags, attrs)
                server.files.append(file)
                return file

            def _may(self) -> None:
                if not server.writable:
                    raise asyncssh.SFTPPermissionDenied("read only")

            def remove(self, path: bytes) -> None:
                self._may()
                super().remove(path)

            def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
                self._may()
                super().posix_rename(oldpath, newpath)

            def rename(self, oldpath: bytes, newpath: bytes, _flags: int = 0) -> None:
                self._may()
                super().rename(oldpath, newpath)

            async def read(self, file_obj: object, offset: int, size: int) -> bytes:
                if server.stalls:
                    await asyncio.sleep(3600)
                if server.endless:
                    return b"x" * size
                found: bytes = super().read(file_obj, offset, size)
                return found

            async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
                if server.stalls:
                    await asyncio.sleep(3600)
                if server.endless:
                    for n in range(10**9):
                        yield asyncssh.SFTPName(f"{n:0200}".encode(), attrs=asyncssh.SFTPAttrs(size=1))
                async for name in super().scandir(path):
                    yield name

        class Connections(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                server._connected.append(conn)

        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Connections,
            server_host_keys=[self._host_key],
            authorized_client_keys=asyncssh.import_authorized_keys(self._key.export_public_key().decode()),
            sftp_factory=Files,
        )

    @property
    def files_read(self) -> int:
        return len(self.files)

    def _do(self, what: object) -> asyncssh.SSHAcceptor:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(WAIT_S)  # type: ignore[arg-type]

    def close(self) -> None:
        async def end() -> None:
            self._acceptor.close()
            await self._acceptor.wait_closed()
            for connection in self._connected:
                connection.abort()
                await connection.wait_closed()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self._loop.shutdown_asyncgens()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(WAIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        for file in self.files:
            file.close()  # a client that was cut off has closed none
        self._loop.close()


@pytest.fixture
def sftp_server(tmp_path: Path) -> Iterator[SftpServer]:
    root = tmp_path / "server"
    (root / "out").mkdir(parents=True)
    server = SftpServer(root)
    yield server
    server.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.owner.close()
