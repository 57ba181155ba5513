"""Which memberships were imported last, told from a journal: the membership service's, and the console's of
what was imported by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from controller.core.event import Event, EventType, Stamp


@dataclass(frozen=True, slots=True)
class ImportedState:
    """members: how many there are since. as_of_us: when that was true. Both None: none was ever imported.

    refused: why the last file of the feed was not taken in, until one is. seq, stamp: of the event that said
    so last.
    """

    members: int | None = None
    as_of_us: int | None = None
    refused: str = ""
    seq: int = 0
    stamp: Stamp | None = None

    def after(self, event: Event) -> ImportedState:
        """The state once this event has happened; the same object when it says nothing about it."""
        match event.type:
            case EventType.MEMBERSHIP_IMPORTED:
                members, as_of_us = event.data.get("members"), event.data.get("as_of_us")
                if not isinstance(members, int) or not isinstance(as_of_us, int):
                    return self
                return ImportedState(members, as_of_us, "", event.seq, event.stamp)
            case EventType.MEMBERSHIP_FEED_REFUSED:
                why = str(event.data.get("reason", ""))
                return replace(self, refused=why, seq=event.seq, stamp=event.stamp)
            case _:
                return self
