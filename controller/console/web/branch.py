"""What every page needs of the branch: its settings, its files, the time, and the journal of what staff do.

Here: handles that are opened once a thread. Never here: what a page shows.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.keeping.known_holds import KnownHolds
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.staff.account import Account
from controller.staff.hidden import Hidden, hidden_by
from controller.staff.journal import StaffJournal
from controller.staff.roles import Standing
from controller.store.footage import FootageReader
from controller.store.journal_reader import JournalReader
from controller.store.registers import RegistersReader


class Branch:
    """For any number of threads; what is read, each reads with handles of its own, kept until it ends.

    config: the file that the settings are from, for commands that read it anew.
    """

    def __init__(self, settings: Settings, staff: StaffJournal, config: Path) -> None:
        self.settings = settings
        self.config = config
        self.paths = Paths.of(settings)
        self.zone = ZoneInfo(settings.branch.timezone)
        self.staff = staff
        self._handles = threading.local()

    def now(self) -> Stamp:
        """The time, and whether it is to be believed."""
        return self.staff.now()

    def record(
        self,
        type: EventType,
        subject: str,
        data: Mapping[str, JsonValue],
        *,
        by: Account,
        private: Mapping[str, bytes] | None = None,
    ) -> Event:
        """Durable on return. subject: a device or register, never a person. Raises JournalUnavailable."""
        return self.staff.record(type, subject, {**data, **by.data}, private=private)

    def journal(self, service: str) -> JournalReader:
        """Of this thread. See JournalReader for what its calls raise."""
        readers: dict[str, JournalReader] = self._handles.__dict__.setdefault("journals", {})
        if service not in readers:
            readers[service] = JournalReader(self.paths.journal(service))
        return readers[service]

    def hidden(self) -> Hidden:
        """What may not be shown, as it is now. With handles of this thread."""
        known: KnownHolds = self._handles.__dict__.get("known_holds") or KnownHolds(
            self.registers(), self.journal("console")
        )
        self._handles.__dict__["known_holds"] = known
        return hidden_by(known)

    def registers(self) -> RegistersReader:
        """Of this thread."""
        found: RegistersReader = self._handles.__dict__.get("registers") or RegistersReader(
            self.paths.registers
        )
        self._handles.__dict__["registers"] = found
        return found

    def footage(self) -> FootageReader:
        """Of this thread."""
        found: FootageReader = self._handles.__dict__.get("footage") or FootageReader(self.paths.footage)
        self._handles.__dict__["footage"] = found
        return found


_served: list[Branch] = []
"""The one of this process."""


def serve(branch: Branch) -> None:
    """Every page is of this branch from now on."""
    _served[:] = [branch]


def branch_of(request: HttpRequest) -> Branch:  # noqa: ARG001 -- one branch a process; a page need not know
    return _served[0]


def standing_of(request: HttpRequest) -> Standing | None:
    """The roles and training of whoever is logged in; None: nobody is."""
    return cast("Standing", request.user) if request.user.is_authenticated else None


def account_of(request: HttpRequest) -> Account:
    """Whoever is logged in."""
    return Account(None, request.user.get_username())
