"""The staff pages without a web server: a branch's files, written as the services write them, and clients."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client

from controller.console.assure import memory as examinations
from controller.console.footage import workshop
from controller.console.today import serving as today
from controller.console.web import configure
from controller.console.web.branch import Branch, serve
from controller.core.clock import ClockJudge
from controller.core.event import Event, EventType, NewEvent, Stamp
from controller.devices import ClockReading
from controller.footage.segment_name import SegmentName
from controller.secrets.identity import Sealer
from controller.service import stamp
from controller.settings.load import load
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.staff import Role
from controller.staff.journal import StaffJournal
from controller.store.footage import Clip, Footage, Segment
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from simulator.settings import CAMERA, Layout, branch_toml

TRAINED_UNTIL = date(2099, 12, 31)
NOW_US = 1_790_000_000_000_000
"""Monday 21 September 2026, 15:13:20 BST."""
SECOND = 1_000_000
NEED = "INC-2026-014"


class DrivenClock:
    """Time that only tests move; trusted."""

    def __init__(self) -> None:
        self.wall_us, self.mono_us = NOW_US, 100_000_000

    def read(self) -> ClockReading:
        return ClockReading(self.wall_us, self.mono_us, "boot", synchronised=True)

    def since_boot_us(self) -> int:
        return self.mono_us

    def sleep(self, seconds: float) -> None:
        self.wall_us += round(seconds * 1_000_000)
        self.mono_us += round(seconds * 1_000_000)


class Console:
    """branch: what every page has; its paths tell where the files are. clock: the time of every page.

    key: the authority's, to which card numbers are sealed.
    """

    def __init__(self, branch: Branch, clock: DrivenClock, key: X25519PrivateKey) -> None:
        self.branch = branch
        self.clock = clock
        self.key = key

    def account(self, role: Role | str, *, name: str = "", trained_until: date | None = TRAINED_UNTIL) -> Any:
        """An account of this role, called after it unless it has a name; made if it is not there.

        "everything" has all roles.
        """
        from controller.console.accounts.models import StaffAccount

        held = [role.value for role in Role] if role == "everything" else [str(role)]
        found, _ = StaffAccount.objects.get_or_create(
            name=name or str(role), defaults={"roles_held": held, "trained_until": trained_until}
        )
        return found

    def client(self, role: Role | str | None, *, host: str = "localhost", **account: object) -> Client:
        """A browser in which this account is logged in; None: nobody is."""
        client = Client(headers={"host": host})
        if role is not None:
            client.force_login(
                self.account(role, **account), backend="django.contrib.auth.backends.ModelBackend"
            )  # type: ignore[arg-type]
        return client

    def stamp(self, before_s: float = 0) -> Stamp:
        """A trusted time, so many seconds ago."""
        us = round(before_s * 1_000_000)
        return Stamp(self.clock.wall_us - us, max(1, self.clock.mono_us - us), "boot", clock_trusted=True)

    def write(self, service: str, events: Sequence[NewEvent]) -> list[Event]:
        """What this service journalled."""
        path = self.branch.paths.journal(service)
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(
            Journal.open(path, service=service, stamp=self.stamp(), seal=Sealer(self.key.public_key()))
        ) as journal:
            return journal.append(events)

    def events(self, *types: EventType) -> list[Event]:
        """What the console journalled (of these types), in order."""
        with closing(JournalReader(self.branch.paths.journal("console"))) as reader:
            return reader.read(0, 10_000, types)


def _settings(folder: Path, more: str = "") -> Settings:
    layout = Layout(folder, folder / "run")
    text = branch_toml(
        layout,
        broker=None,
        camera_url="rtsp://127.0.0.1:9/entrance",
        pulse_s=1,
        held_open_s=30,
        segment_s=10,
        retention_days=14,
        pages=True,
    )
    layout.config.write_text(text + MORE_SETTINGS + more)
    return load(layout.config)


MORE_SETTINGS = os.environ.get("UNLOCKED_TEST_SETTINGS", "")
"""For the tests of pages that other settings need: Django is set up once a process (``test_sso``)."""

# Django is set up once a process, before any test module imports a model.
_folder = tempfile.TemporaryDirectory(prefix="unlocked-console-")
DATABASE, TEMPLATE = Path(_folder.name) / "console.db", Path(_folder.name) / "template.db"
APPLICATION = configure.configure(_settings(Path(_folder.name)), DATABASE, "no secret, for tests only " * 3)


@pytest.fixture(scope="session")
def application() -> WSGIHandler:
    """What a server serves; of the branch of the fixture ``console``."""
    return APPLICATION


@pytest.fixture(scope="session")
def database_template() -> Path:
    """The migrated database of accounts and sessions that each test gets a copy of."""
    configure.migrate()
    connection.close()
    shutil.copy(DATABASE, TEMPLATE)
    return TEMPLATE


@pytest.fixture
def console_settings() -> str:
    """More of branch.toml for the tests of a module that overrides it."""
    return ""


@pytest.fixture
def console(database_template: Path, tmp_path: Path, console_settings: str) -> Iterator[Console]:
    """A branch that has just begun: no journal but the console's own, nobody's account."""
    connection.close()
    for file in DATABASE.parent.glob(f"{DATABASE.name}*"):
        file.unlink()
    shutil.copy(database_template, DATABASE)
    clock, settings = DrivenClock(), _settings(tmp_path, console_settings)
    paths = Paths.of(settings)
    paths.journal("console").parent.mkdir(parents=True)
    key = X25519PrivateKey.generate()
    seal = Sealer(key.public_key())
    judge = ClockJudge(battery_clock=False, assume_trusted=True, last_trusted_wall_us=None)
    with closing(
        Journal.open(paths.journal("console"), service="console", stamp=stamp(clock, judge), seal=seal)
    ) as journal:
        branch = Branch(settings, StaffJournal(journal, clock, judge), tmp_path / "branch.toml")
        serve(branch)
        yield Console(branch, clock, key)
        workshop.close()
        examinations.close()  # a test of all pages has begun one
        today.close()
    connection.close()


@pytest.fixture(scope="session")
def h264() -> Any:
    """Three seconds of film."""
    from simulator.camera.square import encode

    return encode([n * 9 for n in range(30)], width=160, height=144)


@dataclass
class Recorded:
    """segments: of three seconds each, at ``start_us`` and ten seconds later. event: of the clip."""

    folder: Path
    start_us: int
    segments: list[Segment]
    event: Event
    clip: Clip

    def form(self, **changes: Any) -> dict[str, Any]:
        """What somebody types to see both."""
        return {
            "need": NEED,
            "camera": CAMERA,
            "day": "2026-09-21",
            "begin": "15:00:00",
            "end": "15:00:13",
            **changes,
        }


def record(folder: Path, video: Any, start_us: int, camera: str = CAMERA) -> Segment:
    """A file of footage, as a recorder leaves it."""
    from controller.recorder.books import row
    from controller.recorder.segments.segment_writer import SegmentWriter

    name = SegmentName(camera, start_us, 1, "boot", True)
    with SegmentWriter(folder, name, video.format) as writer:
        writer.write_all(video.packets)
        return row(writer.close(start_us + 3 * SECOND), recovered=False)


@pytest.fixture
def recorded(console: Console, h264: Any) -> Recorded:
    """Six seconds of the entrance in two films, with a gap between them, and a clip."""
    paths = console.branch.paths
    paths.footage_dir.mkdir(parents=True)
    paths.footage.parent.mkdir(parents=True, exist_ok=True)
    start_us = console.clock.wall_us - 800 * SECOND  # 15:00:00 BST
    at = replace(console.stamp(), wall_us=start_us + SECOND)
    (event,) = console.write("door", [NewEvent(EventType.DOOR_FORCED, "front", at)])
    segments = [record(paths.footage_dir, h264, start_us + after * SECOND) for after in (0, 10)]
    clip = Clip(str(uuid.uuid4()), CAMERA, "door", event.seq, event.id, start_us, start_us + 2 * SECOND)
    footage = Footage.open(paths.footage)
    for one in segments:
        footage.add_segment(one)
    footage.add_clip(clip)
    footage.close()
    return Recorded(paths.footage_dir, start_us, segments, event, clip)
