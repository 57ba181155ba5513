"""Whether there is room for footage, and none that should be gone, told from the recorder's journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.core.hold import Category


@dataclass(frozen=True, slots=True)
class FootageState:
    """full: the disk takes no more. days_left: until it is, by the last forecast; None: it is not foreseen.

    overdue: segments that are still there and must not be. seq, stamp: of the event that said so last.
    """

    full: bool = False
    days_left: JsonValue = None
    overdue: JsonValue = 0
    seq: int = 0
    stamp: Stamp | None = None

    def after(self, event: Event) -> FootageState:
        """The state once this event has happened; the same object when it says nothing about it."""
        match event.type:
            case EventType.STORAGE_FULL:
                changed = replace(self, full=True)
            case EventType.STORAGE_FREED:
                changed = replace(self, full=False)
            case EventType.STORAGE_FORECAST:
                changed = replace(self, days_left=event.data.get("days_left"))
            case EventType.RETENTION_OVERDUE if _of_footage(event):
                changed = replace(self, overdue=event.data.get("count", 0))
            case EventType.DISPOSAL_CERTIFICATE | EventType.RETENTION_HELD if self.overdue and _of_footage(
                event
            ):
                # The sweep that destroyed these, or told what is held, says so again if some are left.
                changed = replace(self, overdue=0)
            case _:
                return self
        return replace(changed, seq=event.seq, stamp=event.stamp)

    @property
    def said(self) -> Mapping[str, JsonValue]:
        """In the words of messages."""
        return {
            "full": self.full,
            "days_left": self.days_left,
            "overdue": self.overdue,
        }


def _of_footage(event: Event) -> bool:
    """The recorder disposes of its journal's events, too."""
    return event.data.get("category") == Category.FOOTAGE.value
