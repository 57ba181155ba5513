"""Which privacy notice was published last, told from the console's journal: hashes, for whoever compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.event import Event, EventType, JsonValue, Stamp


@dataclass(frozen=True, slots=True)
class NoticeState:
    """documents: SHA-256 by name of the document. policy: SHA-256 of the profile's file. Both None: none was
    ever published. seq, stamp: of the event that said so.
    """

    documents: JsonValue = None
    policy: JsonValue = None
    seq: int = 0
    stamp: Stamp | None = None

    def after(self, event: Event) -> NoticeState:
        """The state once this event has happened; the same object when it says nothing about it."""
        if event.type is not EventType.NOTICE_PUBLISHED:
            return self
        return NoticeState(event.data.get("documents"), event.data.get("policy"), event.seq, event.stamp)

    @property
    def said(self) -> Mapping[str, JsonValue]:
        """In the words of messages."""
        return {
            "documents": self.documents,
            "policy": self.policy,
        }
