"""What is not shown: restricted events, what is tied to them, and their clips.

While nobody knows what is restricted, since the register is lost or cannot be read, nothing that tells of
members is shown. Never here: what a restriction means (``core.restriction``).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.core.event import Event
from controller.core.protection import hidden, hidden_ids
from controller.staff.refusal import Refused
from controller.store.engine import DatabaseUnusable

if TYPE_CHECKING:
    from controller.keeping.known_holds import KnownHolds
    from controller.settings.paths import Paths
    from controller.store.footage import Clip

OF_PEOPLE = ("access", "clip")
"""What types of events begin with that may tell of a member."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """event_ids: those that are restricted. unknown: why nobody knows which are; then None is."""

    event_ids: frozenset[str]
    unknown: str | None = None

    def hides(self, event: Event) -> bool:
        if self.unknown is not None:
            return event.type.partition(".")[0] in OF_PEOPLE
        return hidden(event, self.event_ids)

    def check_clip(self, clip: Clip) -> None:
        """Raises Refused if it may not be shown."""
        self.check_known()
        if clip.event_id in self.event_ids:
            raise Refused(
                f"the event of clip {clip.id} is restricted: it is stored only (unlocked restrict list)"
            )

    def check_known(self) -> None:
        """Raises Refused."""
        if self.unknown is not None:
            raise Refused(f"nobody knows what is restricted: {self.unknown}")


def look_up(paths: Paths) -> Hidden:
    """As it is now."""
    from controller.keeping.known_holds import KnownHolds
    from controller.store.journal_reader import JournalReader
    from controller.store.registers import RegistersReader

    with (
        closing(RegistersReader(paths.registers)) as registers,
        closing(JournalReader(paths.journal("console"))) as console,
    ):
        return hidden_by(KnownHolds(registers, console))


def hidden_by(known: KnownHolds) -> Hidden:
    """As it is now, for who asks often."""
    try:
        return Hidden(hidden_ids(known.read()))
    except DatabaseUnusable as error:
        return Hidden(frozenset(), str(error))
