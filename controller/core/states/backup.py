"""The last backup of the branch, told from the console's journal, and whether one failed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.core.event import Event, EventType

CAUSES: Mapping[str, str] = {
    "clock": "the clock could not be believed",
    "unreadable": "something that is to be in it could not be read",
    "key": "a key it is to be encrypted to is wrong",
    "disk": "there was no room to make it",
    "place": "it did not arrive where it was to go",
}
"""Why none was made, in words."""
HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class BackupState:
    """made_us: when the last was made; None: none is known of. until_us: until when it may exist.

    failed: why the last attempt came to nothing; empty: it did not. failed_us: when that was.
    """

    made_us: int | None = None
    until_us: int | None = None
    failed: str = ""
    failed_us: int | None = None

    def after(self, event: Event) -> BackupState:
        """The state once this event has happened; the same object when it says nothing about it."""
        at_us, until_us = event.data.get("at_us"), event.data.get("until_us")
        if event.type is EventType.BACKUP_MADE and isinstance(at_us, int) and isinstance(until_us, int):
            return BackupState(at_us, until_us)
        if event.type is EventType.BACKUP_FAILED and isinstance(at_us, int):
            return replace(self, failed=str(event.data.get("cause", "")), failed_us=at_us)
        return self

    @property
    def why(self) -> str:
        """Why the last attempt failed, in words."""
        return CAUSES.get(self.failed, self.failed)

    def late(self, now_us: int, after_h: int) -> bool:
        """Whether the last is older than that, or there was none."""
        return self.made_us is None or now_us - self.made_us > after_h * HOUR_US
