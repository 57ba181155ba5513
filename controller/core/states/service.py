"""Whether a service is running, told from its own journal. One that was killed has not said so."""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.event import Event, EventType, Stamp

UNKNOWN = "unknown"
STARTED = "started"
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ServiceState:
    """word: started or stopped, as it said last. seq, stamp: of the event that said so."""

    word: str = UNKNOWN
    seq: int = 0
    stamp: Stamp | None = None

    def after(self, event: Event) -> ServiceState:
        """The state once this event has happened; the same object when it says nothing about it."""
        match event.type:
            case EventType.SERVICE_STARTED:
                return ServiceState(STARTED, event.seq, event.stamp)
            case EventType.SERVICE_STOPPED:
                return ServiceState(STOPPED, event.seq, event.stamp)
            case _:
                return self
