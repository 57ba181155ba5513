"""One door: its readers, contacts, timers and machine. For the acting thread alone.

Here: what is done about what happens at this door. Never here: what concerns the whole building, or
whether a card is good (``admission``).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from controller.core.access import Reason
from controller.core.card import CardNumber
from controller.core.door import IN_FORCE, LEAVE, Effect, Input
from controller.core.event import EventType, JsonValue
from controller.core.framing.framer import Key
from controller.core.hours import Mode as HoursMode
from controller.core.outcome import Outcome
from controller.devices import Lock, ReaderTamper
from controller.door.contacts import SETTLE_S, Contacts
from controller.door.entry import STALE_US, Entry
from controller.door.event_log import DoorLog
from controller.door.inputs import DoorInput, LookedUpLive, PinAnswered, ReaderSaid
from controller.door.journal_writer import Ticket
from controller.door.machine import Machine, staffed_hours
from controller.door.panel import Panel
from controller.door.reader import Reader
from controller.door.shared import Shared
from controller.door.supervision import Supervision
from controller.door.swipes import NotRead
from controller.door.timers import Timer, Timers
from controller.settings.door import Door as DoorSettings

log = logging.getLogger(__name__)

LASTS_S = 3.0
"""For how long a text stays that is told again every second."""

TIMED: dict[Timer, Input] = {
    Timer.RELEASE: Input.RELEASE_ENDED,
    Timer.EXIT: Input.EXIT_ENDED,
    Timer.HOLD_OPEN: Input.HOLD_OPEN_ENDED,
}


@dataclass(frozen=True, slots=True)
class DoorParts:
    """What one door works with; made and closed by the composition root. panels: by the reader's id."""

    lock: Lock
    contacts: Contacts[DoorInput]
    panels: Mapping[str, Panel]


class Door:
    """Made for as long as the process runs; ``begin`` comes first."""

    def __init__(self, settings: DoorSettings, parts: DoorParts, log: DoorLog, shared: Shared) -> None:
        self.settings = settings
        self._contacts = parts.contacts
        self._log = log
        self._admission = shared.admission
        self._people = shared.people
        self._timers = Timers()
        self.supervision = Supervision(settings, parts.contacts, log, self._tell_all)
        observe = partial(self._people.happened, settings.id)
        self.machine = Machine(settings, parts.lock, log, self._timers, self.supervision.tell, observe)
        self.entry = Entry(self.machine, log, shared)
        self._lock = parts.lock
        self.readers = {
            reader.id: Reader(
                reader,
                shared.cards,
                parts.panels[reader.id],
                log,
                shared.pins.at(settings.id, reader.id),
                shared.live.at(settings.id, reader.id),
            )
            for reader in settings.readers
        }

    @property
    def open(self) -> bool | None:
        """Whether the leaf is open; None where no contact is fitted."""
        return self._contacts.active(DoorInput.CONTACT) if self.settings.contact else None

    def begin(self, *, lockdown: bool, evacuation: bool) -> None:
        """Secure the lock and take the inputs as they are. Raises DeviceError."""
        contact_open = self._contacts.active(DoorInput.CONTACT)
        self.machine.begin(contact_open=contact_open, lockdown=lockdown, evacuation=evacuation)
        self._watch()

    def secure(self) -> None:
        """Whatever the state: for the end of the process. Raises DeviceError."""
        self._lock.secure()

    # --- time -----------------------------------------------------------------------------------

    def next_s(self, now_us: int) -> float | None:
        """Seconds until ``due`` has something to do; None for never."""
        times_us = [reader.next_us() for reader in self.readers.values()]
        waits = [max(0, at_us - now_us) / 1_000_000 for at_us in times_us if at_us is not None]
        if (timer_s := self._timers.next_s(now_us)) is not None:
            waits.append(timer_s)
        return min(waits, default=None)

    def due(self) -> None:
        """Act on every timer that is due, and on what nobody has typed or answered in time."""
        for reader in self.readers.values():
            self.entry.due(reader)
        while (timer := self._timers.pop_due(self._log.now_us())) is not None:
            match timer:
                case Timer.RELEASE | Timer.EXIT | Timer.HOLD_OPEN:
                    self.machine.happened(TIMED[timer])
                case Timer.WARNING:
                    self._open_for_long()
                case Timer.HELD:
                    self._open_too_long()
                case Timer.RENEW:
                    self.machine.renew()
                case Timer.SETTLE:
                    self.look_at_all()
                case Timer.LASTING:
                    pass  # looked at below, as whenever anything happened
                case _:
                    assert_never(timer)
        self._watch()

    def tick(self) -> None:
        """Once a second or so."""
        self.look_at_all()  # an edge that was lost is made good
        if self._admission.mode(self._log.stamp()) not in (HoursMode.STAFFED, None):
            self.machine.staffed_hours_are_over()
        self.supervision.tell_again(self.machine.state)
        leave = bool(IN_FORCE[self.machine.state.mode] & LEAVE)
        cards_count = self._hours() is HoursMode.UNSTAFFED
        for reader in self.readers.values():
            reader.health.tick(
                cards_count=cards_count and reader.usable, display_lost=reader.panel.display_lost
            )
            if leave:
                reader.panel.keep_telling(Outcome.EVACUATION, for_s=LASTS_S)
            elif not reader.usable:
                reader.panel.keep_telling(Outcome.NO_READER, for_s=LASTS_S)

    # --- the readers ----------------------------------------------------------------------------

    def reader_found(self, reader_id: str) -> None:
        reader = self.readers[reader_id]
        reader.begin_anew()
        if reader.found is False:
            self._log.write(EventType.READER_FOUND, {"reader": reader_id})
        reader.found = True

    def reader_lost(self, reader_id: str) -> None:
        reader = self.readers[reader_id]
        reader.found = False
        self._log.write(EventType.READER_LOST, {"reader": reader_id})
        self.entry.interrupted(reader)

    def reader_floods(self, reader_id: str, begins: bool) -> None:
        """More comes from it than cards can account for, and is dropped; or no longer."""
        reader = self.readers[reader_id]
        reader.begin_anew()
        reader.health.flooding(begins)
        self.entry.interrupted(reader)

    def reader_said(self, item: ReaderSaid) -> None:
        reader = self.readers[item.reader]
        if isinstance(item.reading, ReaderTamper):
            self._reader_tampered(reader, item.reading)
        for swipe in reader.hear(item.reading, item.mono_us):
            if isinstance(swipe, NotRead):
                reader.health.garbage_came()
            elif isinstance(swipe, CardNumber):
                reader.health.card_came()
            if not reader.health.babbling:
                self._was_read(reader, swipe, item.mono_us)

    def _was_read(self, reader: Reader, swipe: CardNumber | Key | NotRead, mono_us: int) -> None:
        stale = self._log.now_us() - mono_us > STALE_US
        match swipe:
            case NotRead():
                self.entry.refuse(reader, Reason.HALF_READ if swipe.half else Reason.NOT_READ)
            case CardNumber() if stale:
                self.entry.interrupted(reader)
                self.entry.refuse(reader, Reason.TOO_LATE)
            case CardNumber():
                self.entry.swiped(reader, swipe, mono_us)
            case Key() if stale:
                self.entry.interrupted(reader)
            case Key():
                self.entry.pressed(reader, swipe)
            case _:
                assert_never(swipe)

    def pin_answered(self, item: PinAnswered) -> None:
        reader = self.readers[item.reader]
        settled = reader.second_factor.answered(item.token, item.result, self._log.now_us(), item.said)
        if settled is not None:
            self.entry.settled(reader, settled)

    def looked_up_live(self, item: LookedUpLive) -> None:
        reader = self.readers[item.reader]
        applied = reader.look_ups.answered(item.token, item.said, self._log.now_us())
        if applied is not None:
            self.entry.checked(reader, applied)

    def _reader_tampered(self, reader: Reader, said: ReaderTamper) -> None:
        if said.active == reader.tampered:
            return
        reader.tampered = said.active
        type = EventType.TAMPER_STARTED if said.active else EventType.TAMPER_ENDED
        self._log.write(type, {"device": "reader", "reader": reader.settings.id})

    # --- contacts -------------------------------------------------------------------------------

    def look_at_all(self) -> None:
        for name in self._contacts.fitted:
            self.look(name)

    def look(self, name: DoorInput) -> None:
        """Read an input's level and act on its change. Raises DeviceError."""
        now_us = self._log.now_us()
        if not self._contacts.look(name, now_us):
            return
        self._timers.start(Timer.SETTLE, SETTLE_S, now_us)
        active = self._contacts.active(name)
        match name:
            case DoorInput.CONTACT if active:
                self.machine.happened(Input.OPENED_STAFFED if self._staffed() else Input.OPENED)
            case DoorInput.CONTACT:
                self.machine.happened(Input.CLOSED)
            case DoorInput.EXIT_BUTTON if active:
                drives = self.settings.exit_drives_lock
                self.machine.happened(Input.EXIT_REQUEST_DRIVING if drives else Input.EXIT_REQUEST)
            case DoorInput.COUNTER_IN | DoorInput.COUNTER_OUT:
                if active:
                    self._people.counted(self.settings.id, inward=name is DoorInput.COUNTER_IN)
            case DoorInput.EXIT_BUTTON | DoorInput.LOCK_SENSOR | DoorInput.TAMPER | DoorInput.HELP:
                pass
            case _:
                assert_never(name)
        self._watch()

    def _open_for_long(self) -> None:
        if self._staffed():
            # While staff are in the door is theirs; it is looked at again when they may have left.
            self.machine.wait_on(Effect.START_WARNING_TIMER)
            self.machine.wait_on(Effect.START_HELD_TIMER)
        else:
            self.machine.happened(Input.HELD_WARNING)

    def _open_too_long(self) -> None:
        if self._staffed():
            self.machine.wait_on(Effect.START_HELD_TIMER)
        else:
            self.machine.happened(Input.HELD_TIMEOUT)

    def open_up(self, command: Ticket) -> bool:
        """Unlock the door until the staffed hours end; whether these are such hours, and it is set so."""
        left_s = self._admission.staffed_left_s(self._log.stamp())
        if left_s is None or not self.settings.unlocked_when_staffed:
            return False
        return self.machine.happened(Input.HOLD_OPEN, staffed_hours("command", command, left_s))

    def _staffed(self) -> bool:
        return self._hours() is HoursMode.STAFFED

    def _hours(self) -> HoursMode | None:
        return self._admission.mode(self._log.stamp())

    # --- what is seen of it ---------------------------------------------------------------------

    def status(self) -> dict[str, JsonValue]:
        state = self.machine.state
        return {
            "mode": state.mode.value,
            "contact": state.contact.value if self.settings.contact else None,
            "readers": {name: bool(reader.found) and reader.usable for name, reader in self.readers.items()},
            "tampered_readers": [name for name, reader in self.readers.items() if reader.tampered],
            **self.supervision.status(),
        }

    def _watch(self) -> None:
        """Whatever counts only when it has lasted."""
        self.supervision.look(self.machine.state)
        now_us, due_us = self._log.now_us(), self.supervision.due_us
        if due_us is None:
            self._timers.stop(Timer.LASTING)
        else:
            self._timers.start(Timer.LASTING, (due_us - now_us) / 1_000_000, now_us)

    def _tell_all(self, outcome: Outcome) -> None:
        for reader in self.readers.values():
            reader.tell(outcome)
