"""What the checks look at: the settings if they can be used, the journals, what the door says, the machine.

Each is looked at once, when the first check wants it. Never here: what any of it means.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from errno import EACCES
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from controller.core.states.broker import BrokerState
from controller.core.states.camera import CameraState
from controller.core.states.certificates import CertificatesState
from controller.core.states.door import DoorState
from controller.core.states.footage import FootageState
from controller.core.states.imported import ImportedState
from controller.core.states.memberships import MembershipsState
from controller.core.states.reader import ReaderState
from controller.core.states.service import ServiceState
from controller.doctor.machine import Machine
from controller.ipc.messages import Request
from controller.settings.load import SettingsError, load
from controller.settings.paths import JOURNALS, Paths
from controller.staff.door_answer import Answer, NotUnderstood, understand
from controller.staff.doors import ask_the_door
from controller.staff.refusal import Refused
from controller.store.following import Followed, State
from controller.store.journal_reader import JournalReader

if TYPE_CHECKING:
    from controller.devices import ClockReading
    from controller.settings.model import Settings

DEADLINE_S = 3.0
"""What the door may take to answer: it has swipes to see to."""
USUAL = Paths(
    state=Path("/var/lib/unlocked"),
    run=Path("/run/unlocked"),
    footage_dir=Path("/var/lib/unlocked/footage"),
    secrets=Path("/etc/unlocked/secrets"),
)
"""Where things are unless the settings say otherwise."""


class NoSettings(Exception):
    """The settings cannot be used, so that this part cannot be looked at."""


class Context:
    """For one examination, on one thread. Closing it closes what was opened.

    config: the settings file. now: the clock as it was read at the beginning. told: is called with what is
    looked at next, for whoever waits.
    """

    def __init__(
        self,
        config: Path,
        now: ClockReading,
        *,
        machine: Machine | None = None,
        told: Callable[[str], None] = lambda _what: None,
    ) -> None:
        self.config = config
        self.now = now
        self.machine = machine or Machine()
        self.told = told
        self.faults: tuple[str, ...] = ()
        """What is wrong with the settings, a line each; empty: they can be used."""
        self._settings: Settings | None = None
        self._closing = ExitStack()
        try:
            self._settings = load(config)
        except SettingsError as error:
            self.faults = tuple(error.faults)

    @property
    def settings(self) -> Settings:
        """Raises NoSettings."""
        if self._settings is None:
            raise NoSettings(str(self.config))
        return self._settings

    @property
    def settings_there(self) -> bool:
        """Whether there is such a file at all."""
        return os.path.lexists(self.config)

    @property
    def paths(self) -> Paths:
        """Where the settings say; the usual places where they cannot be used."""
        return USUAL if self._settings is None else Paths.of(self._settings)

    @cached_property
    def journals(self) -> Mapping[str, Followed]:
        """The last events of each, and how things are by them. Without settings, of the services alone."""
        found = {}
        for service in JOURNALS:
            self.told(f"reading what {service} has journalled")
            reader = JournalReader(self.paths.journal(service))
            found[service] = followed = Followed(reader, [ServiceState(), *self._states(service)])
            self._closing.callback(followed.close)
            followed.look()
        return found

    def journal(self, service: str) -> JournalReader:
        """To ask it more. Each question raises DatabaseUnusable."""
        reader = JournalReader(self.paths.journal(service))
        self._closing.callback(reader.close)
        return reader

    @cached_property
    def _asked(self) -> tuple[Answer | None, str]:
        self.told("asking the door")
        try:
            reply = ask_the_door(self.settings, Request("status"), deadline_s=DEADLINE_S)
            return understand(reply.data), ""
        except (Refused, NotUnderstood) as error:
            return None, str(error)

    @property
    def door(self) -> Answer | None:
        """What the door says of itself; None: nothing, see ``silence``. Raises NoSettings."""
        return self._asked[0]

    @property
    def silence(self) -> str:
        """Why it is not known what the door says."""
        if self.machine.is_root or os.strerror(EACCES) not in self._asked[1]:
            return "the door does not answer"
        return "the door may be asked by root alone"

    def close(self) -> None:
        self._closing.close()

    def _states(self, service: str) -> list[State]:
        if self._settings is None:
            return []
        match service:
            case "door":
                return [
                    *(DoorState(door.id) for door in self._settings.doors),
                    *(ReaderState(door.id, one.id) for door, one in self._settings.readers()),
                ]
            case "recorder":
                return [FootageState(), *(CameraState(one.id) for one in self._settings.cameras)]
            case "membership":
                return [MembershipsState(), ImportedState()]
            case "uplink":
                return [BrokerState(), CertificatesState()]
            case _:
                return [ImportedState()]
