"""Whether events reach the broker now, told from the uplink's journal."""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.event import Event, EventType, Stamp

UNKNOWN = "unknown"
CONNECTED = "connected"
LOST = "lost"
REFUSED = "refused"

_SAYS = {
    EventType.SERVICE_STARTED: UNKNOWN,
    EventType.SERVICE_STOPPED: UNKNOWN,
    EventType.UPLINK_CONNECTED: CONNECTED,
    EventType.UPLINK_LOST: LOST,
    EventType.UPLINK_REFUSED: REFUSED,
}


@dataclass(frozen=True, slots=True)
class BrokerState:
    """word: connected, lost (or never reached since the start: unknown), or it refused an event since.

    seq, stamp: of the event that said so last.
    """

    word: str = UNKNOWN
    seq: int = 0
    stamp: Stamp | None = None

    def after(self, event: Event) -> BrokerState:
        """The state once this event has happened; the same object when it says nothing about it."""
        if event.type not in _SAYS:
            return self
        return BrokerState(_SAYS[event.type], event.seq, event.stamp)
