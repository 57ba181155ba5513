"""A branch whose journals are written by hand, and a door that says what it is told to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from controller.console.today.board import board_of
from controller.console.today.knowing import Knowing
from controller.console.today.shown import Board
from controller.core.event import CONTROLLER, EventType, JsonValue, NewEvent, Stamp
from controller.core.restriction import Ground, Restriction
from controller.ipc.messages import Reply
from controller.ipc.peer import uids_of
from controller.ipc.server import Call, Server
from controller.settings.load import load
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal import Journal
from controller.store.registers import Registers

BEGUN_US = 1_795_284_245_000_000
SETTINGS = """
[branch]
authority = "test"
branch = "today"
name = "Test Library"
run_dir = "{folder}/r"
state_dir = "{folder}/state"
[occupancy]
estimate = true
[lms.sip2]
dialect = "koha"
host = "lms.example"
institution = "test"
[[doors]]
[doors.contact]
pin = 27
[doors.exit_button]
pin = 22
[[doors.readers]]
port = "/dev/null"
[doors.lock]
pin = 17
[[cameras]]
id = "entrance"
url = "rtsp://camera.example/1"
"""
SAYS: dict[str, JsonValue] = {
    "hours": "unstaffed",
    "journal": True,
    "memberships": True,
    "clock_trusted": True,
    "fire": False,
    "evacuation": False,
    "alarms": [],
    "doors": {
        "front": {
            "mode": "locked",
            "contact": "closed",
            "readers": {"in": True},
            "tampered_readers": [],
            "alarms": [],
            "lock_faults": None,
        }
    },
}


@dataclass
class TodayRig:
    """now: seconds since the beginning; what is written happens then. says: what the door answers."""

    settings: Settings
    says: dict[str, JsonValue]
    now: int = 0
    trusted: bool = True
    asked: list[str] = field(default_factory=list)
    _journals: dict[str, Journal] = field(default_factory=dict)
    _knowing: Knowing | None = None
    _server: Server | None = None

    @property
    def begun_us(self) -> int:
        return BEGUN_US

    @property
    def paths(self) -> Paths:
        return Paths.of(self.settings)

    def stamp(self) -> Stamp:
        return Stamp(BEGUN_US + self.now * 1_000_000, 1 + self.now * 1_000_000, "boot", self.trusted)

    def write(self, service: str, kind: EventType, subject: str = "front", **data: JsonValue) -> None:
        if service not in self._journals:
            path = self.paths.journal(service)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._journals[service] = Journal.open(path, service=service, stamp=self.stamp())
        self._journals[service].append([NewEvent(kind, subject, self.stamp(), data)])

    def well(self) -> None:
        """Everything has begun and is in order."""
        doors: JsonValue = {"front": {"lockdown": False, "evacuation": False, "open": False}}
        self.write("door", EventType.SERVICE_STARTED, CONTROLLER, doors=doors)
        self.write("recorder", EventType.SERVICE_STARTED, "recorder")
        self.write("recorder", EventType.CAMERA_FOUND, "entrance")
        self.write("membership", EventType.SERVICE_STARTED, "membership")
        self.write("membership", EventType.MEMBERSHIP_IMPORTED, "members", members=1200, as_of_us=BEGUN_US)
        self.write("membership", EventType.MEMBERSHIP_FRESH, "members")
        self.write("uplink", EventType.SERVICE_STARTED, "uplink")
        self.write("uplink", EventType.UPLINK_CONNECTED, "uplink")
        self.write("console", EventType.SERVICE_STARTED, "console")

    def open_the_door(self) -> None:
        """It answers from now on; so does the membership service."""
        path = self.paths.socket("door")
        path.parent.mkdir(parents=True)
        self._server = Server(path, dict.fromkeys(("status", "lockdown"), uids_of()), self._answer)
        other = self.paths.socket("membership")
        other.parent.mkdir()
        other.symlink_to(path)

    def close_the_door(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _answer(self, call: Call) -> None:
        if call.begin():
            self.asked.append(call.request.command)
            call.answer(Reply(done=True, data=self.says))

    def spoil(self, service: str) -> None:
        self._journals.pop(service).close()
        self.paths.journal(service).write_bytes(b"no database at all" * 100)

    def alive(self) -> None:
        """The recorder's sign of life."""
        now_us = self.stamp().wall_us
        self.paths.recorder_alive.touch()
        os.utime(self.paths.recorder_alive, ns=(now_us * 1000, now_us * 1000))

    def restrict(self, event_id: str) -> None:
        now_us, number = self.stamp().wall_us, "019aa781-44a5-7c1e-9d0b-3f5a0c7e21d4"
        registers = Registers.open(self.paths.registers)
        registers.add_restriction(
            Restriction(number, "SAR 1", Ground.ACCURACY, frozenset({event_id}), now_us, "dpo")
        )
        registers.close()

    @property
    def knowing(self) -> Knowing:
        self._knowing = self._knowing or Knowing(self.settings, self.stamp)
        return self._knowing

    def board(self, after_s: int = 10) -> Board:
        """Looked at so much later."""
        self.now += after_s
        return board_of(self.knowing.look())

    def matters(self) -> list[str]:
        return [matter.title for matter in self.board().matters]

    def end(self) -> None:
        self.close_the_door()
        if self._knowing is not None:
            self._knowing.close()
        for journal in self._journals.values():
            journal.close()


@pytest.fixture
def today(tmp_path: Path) -> Iterator[TodayRig]:
    file = tmp_path / "branch.toml"
    file.write_text(SETTINGS.format(folder=tmp_path))
    rig = TodayRig(load(file), dict(SAYS))
    yield rig
    rig.end()
