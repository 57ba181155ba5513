"""What the page is made from: the branch's journals, footage, memberships and registers, opened to be read.

Never here: what they show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from controller.core.event import Stamp
from controller.core.protection import Protection
from controller.keeping.known_holds import KnownHolds
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.settings.policy.profile import Profile
from controller.store.engine import DatabaseUnusable
from controller.store.footage import FootageReader
from controller.store.journal_reader import JournalReader
from controller.store.members_view import MembersView
from controller.store.registers import RegistersReader


@dataclass(frozen=True, slots=True)
class Sources:
    """protections: all holds and restrictions; None where they cannot be known, and ``lost`` says why."""

    settings: Settings
    profile: Profile
    now: Stamp
    journals: Mapping[str, JournalReader]
    footage: FootageReader
    members: MembersView
    protections: Sequence[Protection] | None
    lost: str = ""

    @classmethod
    def open(cls, settings: Settings, profile: Profile, now: Stamp, closing: ExitStack) -> Self:
        paths = Paths.of(settings)
        journals = {service: JournalReader(paths.journal(service)) for service in JOURNALS}
        footage, members = FootageReader(paths.footage), MembersView(paths.members)
        registers = RegistersReader(paths.registers)
        for journal in journals.values():
            closing.callback(journal.close)
        closing.callback(footage.close)
        closing.callback(members.close)
        closing.callback(registers.close)
        protections, lost = None, ""
        try:
            protections = KnownHolds(registers, journals["console"]).read()
        except DatabaseUnusable as error:
            lost = str(error)
        return cls(settings, profile, now, journals, footage, members, protections, lost)

    @property
    def paths(self) -> Paths:
        return Paths.of(self.settings)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.branch.timezone)
