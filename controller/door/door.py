"""One door: its readers, contacts, timers and machine. For the acting thread alone.

Here: what is done about what happens at this door. Never here: what concerns the whole building, or
whether a card is good (``admission``).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from controller.core.access import Granted, NotNeeded, OpensUp, PinNeeded, Reason, Refused
from controller.core.card import CardNumber, CardRules
from controller.core.door import Input, Mode
from controller.core.event import EventType, JsonValue
from controller.core.hours import Mode as HoursMode
from controller.devices import Lock, Signal
from controller.door.admission import Admission
from controller.door.contacts import SETTLE_S, Contacts
from controller.door.durability import Durability
from controller.door.event_log import DoorLog
from controller.door.inputs import DoorInput, ReaderSaid
from controller.door.journal_writer import Ticket
from controller.door.machine import Cause, Machine
from controller.door.signals import Pattern
from controller.door.swipes import NotRead, Swipes
from controller.door.timers import Timer, Timers
from controller.settings.door import Door as DoorSettings
from controller.settings.reader import Reader as ReaderSettings

log = logging.getLogger(__name__)

STALE_US = 5_000_000
"""A swipe that waited this long for the acting thread opens nothing: whoever swiped has stopped waiting."""

SHOWN: dict[Reason, Pattern] = {
    Reason.NOT_READ: Pattern.NOT_READ,
    Reason.UNKNOWN_CARD: Pattern.REFUSED,
    Reason.NOT_ENROLLED: Pattern.REFUSED,
    Reason.EXPIRED: Pattern.REFUSED,
    Reason.SUSPENDED: Pattern.REFUSED,
    Reason.BLOCKED: Pattern.REFUSED,
    Reason.LOCKED_OUT: Pattern.REFUSED,
    Reason.ENTITLEMENT_NOT_BEGUN: Pattern.REFUSED,
    Reason.ENTITLEMENT_ENDED: Pattern.REFUSED,
    Reason.UNDER_AGE: Pattern.REFUSED,
    Reason.PASSBACK: Pattern.REFUSED,
    Reason.PIN_MISSING: Pattern.NOT_READ,
    Reason.PIN_WRONG: Pattern.NOT_READ,
    Reason.CLOSED_HOURS: Pattern.CLOSED,
    Reason.CLEAR_OUT: Pattern.CLOSED,
    Reason.LAST_ENTRY: Pattern.CLOSED,
    Reason.EVACUATION: Pattern.CLOSED,
    Reason.FULL: Pattern.CLOSED,
    Reason.LOCKDOWN: Pattern.CLOSED,
    # It is not the card that is at fault.
    Reason.MEMBERSHIP_STALE: Pattern.OUT_OF_ORDER,
    Reason.CLOCK_UNTRUSTED: Pattern.OUT_OF_ORDER,
    Reason.PIN_UNAVAILABLE: Pattern.OUT_OF_ORDER,
    Reason.JOURNAL_UNAVAILABLE: Pattern.OUT_OF_ORDER,
}
TIMED: dict[Timer, Input] = {
    Timer.RELEASE: Input.RELEASE_ENDED,
    Timer.EXIT: Input.EXIT_ENDED,
    Timer.HOLD_OPEN: Input.HOLD_OPEN_ENDED,
    Timer.WARNING: Input.HELD_WARNING,
}


@dataclass(frozen=True, slots=True)
class DoorParts:
    """What one door works with; made and closed by the composition root. signals: by the reader's id."""

    lock: Lock
    contacts: Contacts[DoorInput]
    signals: Mapping[str, Signal]


class Reader:
    """A reader of this door. found: whether its line is open; None before that is known."""

    def __init__(self, settings: ReaderSettings, rules: CardRules, signal: Signal) -> None:
        self.settings = settings
        self.found: bool | None = None
        self._rules = rules
        self._signal = signal
        self.swipes = Swipes(settings, rules)

    def begin_anew(self) -> None:
        """Half a line from before belongs to nothing."""
        self.swipes = Swipes(self.settings, self._rules)

    def show(self, pattern: Pattern) -> None:
        self._signal.play(pattern.value)


class Door:
    """Made for as long as the process runs; ``begin`` comes first."""

    def __init__(
        self,
        settings: DoorSettings,
        rules: CardRules,
        parts: DoorParts,
        log: DoorLog,
        admission: Admission,
        durability: Durability,
        *,
        admit_unjournalled: bool,
    ) -> None:
        """admit_unjournalled: let a member in although the grant could not be made durable."""
        self.settings = settings
        self._contacts = parts.contacts
        self._log = log
        self._admission = admission
        self._durability = durability
        self._admit_unjournalled = admit_unjournalled
        self._timers = Timers()
        self.machine = Machine(settings, parts.lock, log, self._timers, self._show)
        self._lock = parts.lock
        self._readers = {
            reader.id: Reader(reader, rules, parts.signals[reader.id]) for reader in settings.readers
        }

    @property
    def open(self) -> bool | None:
        """Whether the leaf is open; None where no contact is fitted."""
        return self._contacts.active(DoorInput.CONTACT) if self.settings.contact else None

    def begin(self, *, lockdown: bool) -> None:
        """Secure the lock and take the inputs as they are. Raises DeviceError."""
        self.machine.begin(contact_open=self._contacts.active(DoorInput.CONTACT), lockdown=lockdown)

    def secure(self) -> None:
        """Whatever the state: for the end of the process. Raises DeviceError."""
        self._lock.secure()

    # --- time -----------------------------------------------------------------------------------

    def next_s(self, now_us: int) -> float | None:
        """Seconds until ``due`` has something to do; None for never."""
        return self._timers.next_s(now_us)

    def due(self) -> None:
        """Act on every timer that is due."""
        while (timer := self._timers.pop_due(self._log.now_us())) is not None:
            match timer:
                case Timer.RELEASE | Timer.EXIT | Timer.HOLD_OPEN | Timer.WARNING:
                    self.machine.happened(TIMED[timer])
                case Timer.HELD:
                    self._open_too_long()
                case Timer.RENEW:
                    self.machine.renew()
                case Timer.SETTLE:
                    self.look_at_all()
                case _:
                    assert_never(timer)

    def tick(self) -> None:
        """Once a second or so."""
        self.look_at_all()  # an edge that was lost is made good
        for reader in self._readers.values():
            if reader.found is False:
                reader.show(Pattern.NO_READER)

    # --- the readers ----------------------------------------------------------------------------

    def reader_found(self, reader_id: str) -> None:
        reader = self._readers[reader_id]
        reader.begin_anew()
        if reader.found is False:
            self._log.write(EventType.READER_FOUND, {"reader": reader_id})
        reader.found = True

    def reader_lost(self, reader_id: str) -> None:
        self._readers[reader_id].found = False
        self._log.write(EventType.READER_LOST, {"reader": reader_id})

    def reader_said(self, item: ReaderSaid) -> None:
        reader = self._readers[item.reader]
        for swipe in reader.swipes.feed(item.reading, item.mono_us):
            if isinstance(swipe, NotRead) or self._log.now_us() - item.mono_us > STALE_US:
                self._refuse(reader, Reason.NOT_READ)
            else:
                self._swiped(reader, swipe)

    def _swiped(self, reader: Reader, card: CardNumber) -> None:
        stamp = self._log.stamp()
        lockdown = self.machine.state.mode in (Mode.LOCKDOWN, Mode.FIRE_IN_LOCKDOWN)
        answer = self._admission.answer(card, stamp, lockdown=lockdown)
        # A stranger's card is kept nowhere, a member's only where the authority alone can read it.
        private = {"card": card.reveal().encode()} if answer.known else {}
        match answer.decision:
            case Granted() | OpensUp():
                self._grant(reader, private)
            case PinNeeded():
                self._refuse(reader, Reason.PIN_UNAVAILABLE, private)
            case Refused(reason):
                self._refuse(reader, reason, private)
            case NotNeeded():
                self._log.write(EventType.ACCESS_NOT_NEEDED, {"reader": reader.settings.id})
                reader.show(Pattern.NOT_NEEDED)
            case _:
                assert_never(answer.decision)

    def _grant(self, reader: Reader, private: dict[str, bytes]) -> None:
        data: dict[str, JsonValue] = {"mode": HoursMode.UNSTAFFED.value, "reader": reader.settings.id}
        grant = self._log.write(EventType.ACCESS_GRANTED, data, private=private)
        if not self._durability.wait(grant):
            admitted = self._admit_unjournalled
            self._say_outcome(("grant", grant), Reason.JOURNAL_UNAVAILABLE.value, admitted=admitted)
            if not admitted:
                reader.show(Pattern.OUT_OF_ORDER)
                return
        if self.machine.happened(Input.GRANT, Cause("grant", grant)):
            reader.show(Pattern.GRANTED)
        else:
            self._say_outcome(("grant", grant), self.machine.state.mode.value, admitted=False)
            reader.show(Pattern.CLOSED)

    def _refuse(self, reader: Reader, reason: Reason, private: dict[str, bytes] | None = None) -> None:
        data: dict[str, JsonValue] = {"reason": reason.value, "reader": reader.settings.id}
        self._log.write(EventType.ACCESS_REFUSED, data, private=private)
        reader.show(SHOWN[reason])

    def not_done(self, command: Ticket) -> None:
        """A command was not obeyed because it could not be journalled."""
        self._say_outcome(("command", command), Reason.JOURNAL_UNAVAILABLE.value, admitted=False)

    def _say_outcome(self, about: tuple[str, Ticket], reason: str, *, admitted: bool) -> None:
        data: dict[str, JsonValue] = {"done": "admitted" if admitted else "refused", "reason": reason}
        self._log.write(EventType.ACCESS_OUTCOME, data, about=about)

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
            case DoorInput.EXIT_BUTTON:
                pass
            case _:
                assert_never(name)

    def _open_too_long(self) -> None:
        if self._staffed():
            # While staff are in the door is theirs; it is looked at again when they may have left.
            self._timers.start(Timer.HELD, self.settings.held_open_s, self._log.now_us())
        else:
            self.machine.happened(Input.HELD_TIMEOUT)

    def _staffed(self) -> bool:
        return self._admission.mode(self._log.stamp()) is HoursMode.STAFFED

    # --- what is seen of it ---------------------------------------------------------------------

    def status(self) -> dict[str, JsonValue]:
        state = self.machine.state
        return {
            "mode": state.mode.value,
            "contact": state.contact.value if self.settings.contact else None,
            "readers": {name: bool(reader.found) for name, reader in self._readers.items()},
        }

    def _show(self, pattern: Pattern) -> None:
        for reader in self._readers.values():
            reader.show(pattern)
