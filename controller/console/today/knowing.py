"""Finds out how the branch is: follows the journals, asks the door, looks at the disks.

Here: what is looked at, and how often, so that no door notices. Never here: words, or who looks on.
"""

from __future__ import annotations

import logging
import shutil
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from controller.console.today.happenings import SHOWN, TYPES
from controller.console.today.known import Disk, Known, Registered
from controller.console.today.registers_shown import registered
from controller.console.web.handles import CACHE_KB
from controller.core.event import Event, Stamp
from controller.core.states.backup import BackupState
from controller.core.states.broker import BrokerState
from controller.core.states.camera import CameraState
from controller.core.states.certificates import CertificatesState
from controller.core.states.door import DoorState
from controller.core.states.footage import FootageState
from controller.core.states.imported import ImportedState
from controller.core.states.memberships import MembershipsState
from controller.core.states.reader import ReaderState
from controller.core.states.service import ServiceState
from controller.ipc.client import NoAnswer, WrongServer, ask
from controller.ipc.messages import Request
from controller.ipc.peer import uids_of
from controller.keeping.known_holds import KnownHolds
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.staff import hidden
from controller.staff.door_answer import Answer, NotUnderstood, understand
from controller.staff.doors import ask_the_door
from controller.staff.refusal import Refused
from controller.store.following import Followed, State
from controller.store.journal_reader import JournalReader
from controller.store.registers import RegistersReader

log = logging.getLogger(__name__)

ASK_US = 1_000_000
"""How often the door is asked at most: it has swipes to see to."""
ANYHOW_US = 5_000_000
"""How often what tells of no change by itself is looked at."""
DISK_US = 60_000_000
QUIET_US = 150_000_000
"""A recorder that runs leaves a sign every half minute."""
DEADLINE_S = 1.0
MEMBERSHIP_USER = "unlocked-membership"
REMEMBERED = 40
"""Happenings of which some may be restricted."""


@dataclass(slots=True)
class _Slow:
    """What is not told by journals, as of the last look. no_answer: why the door's is none."""

    answer: Answer | None = None
    no_answer: str = ""
    members_answer: bool = True
    recorder_quiet: bool = False
    hidden: hidden.Hidden = field(default_factory=lambda: hidden.Hidden(frozenset()))
    disks: tuple[Disk, ...] = ()
    registered: Registered = field(default_factory=Registered)


class Knowing:
    """For one thread at a time. now: the time, and whether it is to be believed."""

    def __init__(self, settings: Settings, now: Callable[[], Stamp]) -> None:
        self._settings = settings
        self._paths = Paths.of(settings)
        self._now = now
        self._latest: deque[Event] = deque(maxlen=REMEMBERED)
        self._slow = _Slow()
        self._trusted = True
        self._asked_us = self._looked_us = self._disks_us = -DISK_US
        self._ask_again = True
        self._registers = RegistersReader(self._paths.registers)
        self._restrictions = JournalReader(self._paths.journal("console"), cache_kb=CACHE_KB)
        self._known_holds = KnownHolds(self._registers, self._restrictions)
        self.journals = {service: self._follow(service) for service in JOURNALS}

    def look(self) -> Known:
        """How things are now. Takes a second at most, where the door does not answer; else no time."""
        now = self._now()
        self._trusted = now.clock_trusted
        changed = {service for service, journal in self.journals.items() if journal.look()}
        self._ask_again |= bool(changed)
        anyhow = now.mono_us >= self._looked_us + ANYHOW_US
        # A door that did not answer may take its time again.
        pause_us = ANYHOW_US if self._slow.answer is None else ASK_US
        if anyhow or (self._ask_again and now.mono_us >= self._asked_us + pause_us):
            self._ask_again, self._asked_us = False, now.mono_us
            self._ask_the_door()
        if anyhow or "console" in changed:
            # What was restricted is left out from now on, and what is no longer is shown again.
            self._slow.hidden = hidden.hidden_by(self._known_holds)
        if anyhow:
            self._looked_us = now.mono_us
            self._slow.members_answer = self._membership_answers()
            self._slow.recorder_quiet = self._recorder_is_quiet(now)
        if now.mono_us >= self._disks_us + DISK_US:
            self._disks_us = now.mono_us
            self._slow.disks = tuple(self._look_at_disks())
            self._slow.registered = self._look_at_registers(now)
        return self._known(now.wall_us)

    def close(self) -> None:
        for journal in self.journals.values():
            journal.close()
        self._registers.close()
        self._restrictions.close()

    def _known(self, now_us: int) -> Known:
        latest = [event for event in reversed(self._latest) if not self._slow.hidden.hides(event)]
        return Known(
            self._settings,
            self.journals,
            self._slow.answer,
            now_us,
            recorder_quiet=self._slow.recorder_quiet,
            members_answer=self._slow.members_answer,
            clock_trusted=self._trusted,
            disks=self._slow.disks,
            latest=latest[:SHOWN],
            hidden=len(self._latest) - len(latest),
            registered=self._slow.registered,
        )

    def _follow(self, service: str) -> Followed:
        reader = JournalReader(self._paths.journal(service), cache_kb=CACHE_KB)
        states: list[State] = [ServiceState()]
        match service:
            case "door":
                states += [DoorState(door.id) for door in self._settings.doors]
                states += [ReaderState(door.id, one.id) for door, one in self._settings.readers()]
                return Followed(reader, states, heard=self._heard, begun=self._latest.clear)
            case "recorder":
                states += [FootageState(), *(CameraState(one.id) for one in self._settings.cameras)]
            case "membership":
                states += [MembershipsState(), ImportedState()]
            case "uplink":
                states += [BrokerState(), CertificatesState()]
            case "console":
                states += [ImportedState(), BackupState()]
        return Followed(reader, states)

    def _heard(self, event: Event) -> None:
        if event.type in TYPES:
            self._latest.append(event)

    def _ask_the_door(self) -> None:
        try:
            reply = ask_the_door(self._settings, Request("status"), deadline_s=DEADLINE_S)
            self._slow.answer, self._slow.no_answer = understand(reply.data), ""
        except (Refused, NotUnderstood) as error:
            if str(error) != self._slow.no_answer:
                log.warning("%s", error)
            self._slow.answer, self._slow.no_answer = None, str(error)

    def _membership_answers(self) -> bool:
        """Whatever it answers."""
        path = self._paths.socket("membership")
        try:
            ask(path, Request("status"), server_uids=uids_of(MEMBERSHIP_USER), deadline_s=DEADLINE_S)
        except (NoAnswer, WrongServer):
            return False
        return True

    def _recorder_is_quiet(self, now: Stamp) -> bool:
        """It leaves no sign where it may not record, and then its journal says so."""
        if any(state.forbidden for state in self.journals["recorder"].all_of(CameraState)):
            return False
        try:
            alive_us = self._paths.recorder_alive.stat().st_mtime_ns // 1000
        except OSError:
            return False
        return now.wall_us - alive_us > QUIET_US

    def _look_at_registers(self, now: Stamp) -> Registered:
        with (
            closing(RegistersReader(self._paths.registers)) as registers,
            closing(JournalReader(self._paths.journal("console"))) as console,
        ):
            return registered(registers, console, now.wall_us)

    def _look_at_disks(self) -> list[Disk]:
        """Where services write; once where footage is on the same one."""
        found: dict[int, Disk] = {}
        for name, folder in (("records", self._paths.state), ("footage", self._paths.footage_dir)):
            if name == "footage" and not self._settings.cameras:
                continue
            try:
                device, usage = _there(folder).stat().st_dev, shutil.disk_usage(_there(folder))
            except OSError:
                continue
            name = "records and footage" if device in found else name
            found[device] = Disk(name, usage.free, usage.total)
        return list(found.values())


def _there(folder: Path) -> Path:
    """The folder, or what it will be in."""
    return folder if folder.exists() else folder.parent
