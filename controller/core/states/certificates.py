"""Which certificates between branch and broker expire soon, told from the uplink's journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.certificates import DAY_US
from controller.core.event import Event, EventType, Stamp


@dataclass(frozen=True, slots=True)
class CertificatesState:
    """until_us: whose (branch, authority, broker) expires when, wall time, to the day.

    seq, stamp: of the event that said so last.
    """

    until_us: Mapping[str, int] = field(default_factory=dict)
    seq: int = 0
    stamp: Stamp | None = None

    def after(self, event: Event) -> CertificatesState:
        """The state once this event has happened; the same object when it says nothing about it."""
        whose, days = event.data.get("certificate"), event.data.get("days")
        match event.type:
            case EventType.SERVICE_STARTED:
                left: Mapping[str, int] = {}
            case EventType.CERTIFICATE_EXPIRING if isinstance(whose, str) and isinstance(days, int):
                left = {**self.until_us, whose: event.stamp.wall_us + days * DAY_US}
            case EventType.CERTIFICATE_RENEWED:
                left = {one: until_us for one, until_us in self.until_us.items() if one != whose}
            case _:
                return self
        return CertificatesState(left, event.seq, event.stamp)
