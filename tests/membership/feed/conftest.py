"""A branch that takes a feed out of a folder, and an SFTP server on loopback, with faults."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from controller.core.card import CardNumber, CardRules
from controller.core.event import EventType, JsonValue, Stamp
from controller.membership.feed.folder_place import FolderPlace
from controller.membership.feed.importer import Importer
from controller.membership.feed.inbox import FeedInbox
from controller.membership.feed.place import Place
from controller.secrets import site_key
from controller.secrets.minisign import PublicKey
from controller.store.journal import JournalUnavailable
from controller.store.members import Members
from controller.store.members_owner import MembersOwner
from controller.store.owner import open_owner
from simulator.sftp_server import SftpServer

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
