"""Stamps what happens and hands it to the journal's writer.

Here too: that the clock came to be trusted or stopped being so is itself an event.
"""

from __future__ import annotations

from collections.abc import Mapping

from controller import service
from controller.core.clock import ClockJudge
from controller.core.event import CONTROLLER, EventType, JsonValue, NewEvent, Stamp
from controller.devices import Clock
from controller.door.journal_writer import JournalWriter, Ticket


class EventLog:
    """For the acting thread alone."""

    def __init__(self, clock: Clock, judge: ClockJudge, writer: JournalWriter) -> None:
        self._clock = clock
        self._judge = judge
        self._writer = writer
        self._trusted: bool | None = None
        self._last: Ticket | None = None

    def now_us(self) -> int:
        """``mono_us`` of the clock."""
        return self._clock.since_boot_us()

    def stamp(self) -> Stamp:
        """The time now. Writes an event first if the clock's trust has changed."""
        stamp = service.stamp(self._clock, self._judge)
        if stamp.clock_trusted != self._trusted:
            trusted_before, self._trusted = self._trusted, stamp.clock_trusted
            if trusted_before is not None or not stamp.clock_trusted:
                changed = EventType.CLOCK_TRUSTED if stamp.clock_trusted else EventType.CLOCK_UNTRUSTED
                self._writer.write(NewEvent(changed, CONTROLLER, stamp))
        return stamp

    def tick(self) -> None:
        """A change of the clock's trust is noticed without a swipe, and what is due by now may go."""
        self._writer.may_dispose(self.stamp())

    def write(
        self,
        type: EventType,
        data: Mapping[str, JsonValue] | None = None,
        *,
        subject: str = CONTROLLER,
        private: Mapping[str, bytes] | None = None,
        about: tuple[str, Ticket] | None = None,
    ) -> Ticket:
        """Hand over an event. Waits for nothing. private: sealed to the authority, see NewEvent."""
        event = NewEvent(type, subject, self.stamp(), data or {}, private or {})
        self._last = self._writer.write(event, about)
        return self._last

    @property
    def last(self) -> Ticket:
        """The event handed over last. There is always one: that the service has started."""
        if self._last is None:
            raise LookupError("no event yet")
        return self._last

    @property
    def journal_available(self) -> bool:
        return self._writer.available

    def take_lost(self) -> int:
        return self._writer.take_lost()


class DoorLog:
    """The same for what happens at one door, which is then the events' subject."""

    def __init__(self, log: EventLog, door_id: str) -> None:
        self._log = log
        self.door_id = door_id

    def now_us(self) -> int:
        return self._log.now_us()

    def stamp(self) -> Stamp:
        return self._log.stamp()

    def write(
        self,
        type: EventType,
        data: Mapping[str, JsonValue] | None = None,
        *,
        private: Mapping[str, bytes] | None = None,
        about: tuple[str, Ticket] | None = None,
    ) -> Ticket:
        """As ``EventLog.write``."""
        return self._log.write(type, data, subject=self.door_id, private=private, about=about)
