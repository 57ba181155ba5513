"""What every page needs of the branch: its settings, its files, the time, and the journal of what staff do.

Never here: what a page shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from django.core.signals import request_finished
from django.http import HttpRequest

from controller.console.web.handles import Lending
from controller.core.event import Event, EventType, JsonValue, Stamp
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
    """For any number of threads; what is read, each reads with handles that it is lent.

    config: the file that the settings are from, for commands that read it anew.
    """

    def __init__(self, settings: Settings, staff: StaffJournal, config: Path) -> None:
        self.settings = settings
        self.config = config
        self.paths = Paths.of(settings)
        self.zone = ZoneInfo(settings.branch.timezone)
        self.staff = staff
        self._lending = Lending(self.paths)

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
        """Lent to this thread. See JournalReader for what its calls raise."""
        return self._lending.handles().journal(service)

    def hidden(self) -> Hidden:
        """What may not be shown, as it is now."""
        return hidden_by(self._lending.handles().known_holds)

    def registers(self) -> RegistersReader:
        """Lent to this thread."""
        return self._lending.handles().registers

    def footage(self) -> FootageReader:
        """Lent to this thread."""
        return self._lending.handles().footage

    def give_back(self) -> None:
        """This thread has answered, and reads no more with what it was lent."""
        self._lending.give_back()


_served: list[Branch] = []
"""The one of this process."""


def serve(branch: Branch) -> None:
    """Every page is of this branch from now on."""
    _served[:] = [branch]
    request_finished.connect(_answered, dispatch_uid="branch")


def _answered(**_signal: object) -> None:
    """All of an answer is sent, a stream to its end."""
    _served[0].give_back()


def branch_of(request: HttpRequest) -> Branch:  # noqa: ARG001 -- one branch a process; a page need not know
    return _served[0]


def standing_of(request: HttpRequest) -> Standing | None:
    """The roles and training of whoever is logged in; None: nobody is."""
    return cast("Standing", request.user) if request.user.is_authenticated else None


def account_of(request: HttpRequest) -> Account:
    """Whoever is logged in."""
    return Account(None, request.user.get_username())
