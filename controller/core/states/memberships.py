"""How good the branch's knowledge of its members is now, told from the membership service's journal.

Counts and words only: nothing here tells of any one member.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.core.event import Event, EventType, JsonValue, Stamp

UNKNOWN = "unknown"
_COPY = {EventType.MEMBERSHIP_STALE: "stale", EventType.MEMBERSHIP_FRESH: "fresh"}
_LMS = {
    EventType.LMS_LOST: "lost",
    EventType.LMS_FOUND: "answers",
    EventType.LMS_UNUSABLE: "unusable",
    EventType.LMS_PLAUSIBLE: "answers",
}


@dataclass(frozen=True, slots=True)
class MembershipsState:
    """copy: whether the imported memberships are believed. lms: how the system that is asked live is, and
    reason why it is lost; until it was lost once nothing is known of it. seq, stamp: of the event that said
    so last.
    """

    copy: str = UNKNOWN
    lms: str = UNKNOWN
    reason: str = ""
    seq: int = 0
    stamp: Stamp | None = None

    def after(self, event: Event) -> MembershipsState:
        """The state once this event has happened; the same object when it says nothing about it."""
        kind = event.type
        if kind in _COPY:
            return replace(self, copy=_COPY[kind], seq=event.seq, stamp=event.stamp)
        if kind in _LMS:
            reason = str(event.data.get("reason", "")) if kind is EventType.LMS_LOST else ""
            return replace(self, lms=_LMS[kind], reason=reason, seq=event.seq, stamp=event.stamp)
        return self

    @property
    def said(self) -> Mapping[str, JsonValue]:
        """In the words of messages."""
        return {
            "copy": self.copy,
            "lms": self.lms,
            "reason": self.reason,
        }
