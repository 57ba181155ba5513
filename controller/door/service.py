"""The acting thread: one queue, and the only one that decides, moves the lock or hands over events.

Everything that happens comes in as an item of the queue or as a timer that is due. An error that nobody
expected ends the process with the lock secured: the supervisor starts it anew, which is better than
to go on with a state that nobody knows.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import assert_never

from controller.core.access import Granted, NotNeeded, OpensUp, PinNeeded, Reason, Refused
from controller.core.card import CardNumber, CardRules
from controller.core.door import Input, Mode
from controller.core.event import EventType, JsonValue
from controller.core.hours import Mode as HoursMode
from controller.devices import Lock, Signal
from controller.door.admission import Admission
from controller.door.contacts import SETTLE_S, Contacts
from controller.door.control import BadArguments, Command, Order, as_data, understand
from controller.door.event_log import EventLog
from controller.door.inputs import (
    Broken,
    Contact,
    Edge,
    Happening,
    ReaderBytes,
    ReaderFound,
    ReaderLost,
    Stop,
)
from controller.door.journal_writer import Ticket
from controller.door.machine import Cause, Machine
from controller.door.signals import Pattern
from controller.door.swipes import NotRead, Swipes
from controller.door.timers import Timer, Timers
from controller.ipc.messages import Reply
from controller.ipc.server import Call
from controller.service import Notifier
from controller.settings.model import Door, OnJournalFailure

log = logging.getLogger(__name__)

TICK_S = 1.0
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
class Parts:
    """What the acting thread works with; made and closed by the composition root."""

    lock: Lock
    signal: Signal
    contacts: Contacts
    log: EventLog
    admission: Admission
    notifier: Notifier


class DoorService:
    """``handle`` and ``due`` are what ``run`` does for ever; tests call them themselves."""

    def __init__(self, settings: Door, rules: CardRules, parts: Parts, *, lockdown: bool) -> None:
        """lockdown: one was begun before the restart and not ended."""
        self._settings = settings
        self._rules = rules
        self._lock = parts.lock
        self._signal = parts.signal
        self._contacts = parts.contacts
        self._log = parts.log
        self._admission = parts.admission
        self._notifier = parts.notifier
        self._lockdown_before = lockdown
        self._timers = Timers()
        self._machine = Machine(settings, parts.lock, parts.log, self._timers, self._show)
        self._swipes = Swipes(settings.reader, rules)
        self._reader_found: bool | None = None
        self._stopping = False
        watchdog_s = parts.notifier.watchdog_s
        self._tick_s = TICK_S if watchdog_s is None else min(TICK_S, watchdog_s / 3)

    # --- the loop -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Secure the lock and take the inputs as they are. Raises DeviceError."""
        self._log.write(EventType.SERVICE_STARTED, {"lockdown": self._lockdown_before})
        self._machine.begin(contact_open=self._contacts.active(Contact.DOOR), lockdown=self._lockdown_before)
        if self._contacts.active(Contact.FIRE):
            self._machine.happened(Input.FIRE)
        self._tick()

    def run(self, queue: SimpleQueue[Happening]) -> None:
        """Act until told to stop. Raises whatever was not expected; the lock is secured either way."""
        try:
            while not self._stopping:
                self.due()
                try:
                    item = queue.get(timeout=self._timers.next_s(self._log.now_us()))
                except Empty:
                    continue
                self.handle(item)
            self._log.write(EventType.SERVICE_STOPPED)
        except Exception as error:
            self._log.write(EventType.DOOR_FAULT, {"device": "controller", "error": type(error).__name__})
            raise
        finally:
            self._lock.secure()

    def handle(self, item: Happening) -> None:
        """Act on one thing that happened."""
        match item:
            case ReaderBytes():
                self._bytes_came(item)
            case Edge():
                self._look(item.contact)
            case Call():
                self._called(item)
            case ReaderFound():
                self._reader_was_found()
            case ReaderLost():
                self._reader_was_lost()
            case Broken():
                raise item.error
            case Stop():
                self._stopping = True
            case _:
                assert_never(item)

    def due(self) -> None:
        """Act on every timer that is due."""
        while (timer := self._timers.pop_due(self._log.now_us())) is not None:
            match timer:
                case Timer.RELEASE | Timer.EXIT | Timer.HOLD_OPEN | Timer.WARNING:
                    self._machine.happened(TIMED[timer])
                case Timer.HELD:
                    self._open_too_long()
                case Timer.RENEW:
                    self._machine.renew()
                case Timer.SETTLE:
                    self._look_at_all()
                case Timer.TICK:
                    self._tick()
                case _:
                    assert_never(timer)

    def _tick(self) -> None:
        self._timers.start(Timer.TICK, self._tick_s, self._log.now_us())
        self._notifier.watchdog()
        self._log.stamp()  # a change of the clock's trust is noticed without a swipe
        self._look_at_all()  # an edge that was lost is made good
        if self._reader_found is False:
            self._show(Pattern.NO_READER)
        if self._log.journal_available and (lost := self._log.take_lost()):
            self._log.write(EventType.DOOR_FAULT, {"device": "journal", "lost_events": lost})

    # --- the reader -----------------------------------------------------------------------------

    def _reader_was_found(self) -> None:
        self._swipes = Swipes(self._settings.reader, self._rules)
        if self._reader_found is False:
            self._log.write(EventType.READER_FOUND)
        self._reader_found = True

    def _reader_was_lost(self) -> None:
        self._reader_found = False
        self._log.write(EventType.READER_LOST)

    def _bytes_came(self, item: ReaderBytes) -> None:
        for swipe in self._swipes.feed(item.data, item.mono_us):
            if isinstance(swipe, NotRead) or self._log.now_us() - item.mono_us > STALE_US:
                self._refuse(Reason.NOT_READ)
            else:
                self._swiped(swipe)

    def _swiped(self, card: CardNumber) -> None:
        stamp = self._log.stamp()
        lockdown = self._machine.state.mode in (Mode.LOCKDOWN, Mode.FIRE_IN_LOCKDOWN)
        answer = self._admission.answer(card, stamp, lockdown=lockdown)
        # A stranger's card is kept nowhere, a member's only where the authority alone can read it.
        private = {"card": card.reveal().encode()} if answer.known else {}
        match answer.decision:
            case Granted() | OpensUp():
                self._grant(private)
            case PinNeeded():
                self._refuse(Reason.PIN_UNAVAILABLE, private)
            case Refused(reason):
                self._refuse(reason, private)
            case NotNeeded():
                self._log.write(EventType.ACCESS_NOT_NEEDED)
                self._show(Pattern.NOT_NEEDED)
            case _:
                assert_never(answer.decision)

    def _grant(self, private: dict[str, bytes]) -> None:
        grant = self._log.write(
            EventType.ACCESS_GRANTED, {"mode": HoursMode.UNSTAFFED.value}, private=private
        )
        if not self._durable(grant):
            admitted = self._settings.on_journal_failure is OnJournalFailure.ADMIT
            self._say_outcome(("grant", grant), Reason.JOURNAL_UNAVAILABLE.value, admitted=admitted)
            if not admitted:
                self._show(Pattern.OUT_OF_ORDER)
                return
        if self._machine.happened(Input.GRANT, Cause("grant", grant)):
            self._show(Pattern.GRANTED)
        else:
            self._say_outcome(("grant", grant), self._machine.state.mode.value, admitted=False)
            self._show(Pattern.CLOSED)

    def _refuse(self, reason: Reason, private: dict[str, bytes] | None = None) -> None:
        self._log.write(EventType.ACCESS_REFUSED, {"reason": reason.value}, private=private)
        self._show(SHOWN[reason])

    def _say_outcome(self, about: tuple[str, Ticket], reason: str, *, admitted: bool) -> None:
        data: dict[str, JsonValue] = {"done": "admitted" if admitted else "refused", "reason": reason}
        self._log.write(EventType.ACCESS_OUTCOME, data, about=about)

    def _durable(self, ticket: Ticket) -> bool:
        """Wait for the journal, as long as settings allow, and stay alive to the watchdog meanwhile."""
        end_us = self._log.now_us() + self._settings.journal_wait_ms * 1000
        while (left_us := end_us - self._log.now_us()) > 0:
            if ticket.settled(min(self._tick_s, left_us / 1_000_000)):
                break
            self._notifier.watchdog()
        return ticket.event is not None

    # --- contacts -------------------------------------------------------------------------------

    def _look_at_all(self) -> None:
        for contact in Contact:
            self._look(contact)

    def _look(self, contact: Contact) -> None:
        now_us = self._log.now_us()
        if not self._contacts.look(contact, now_us):
            return
        self._timers.start(Timer.SETTLE, SETTLE_S, now_us)
        active = self._contacts.active(contact)
        match contact:
            case Contact.DOOR if active:
                self._machine.happened(Input.OPENED_STAFFED if self._staffed() else Input.OPENED)
            case Contact.DOOR:
                self._machine.happened(Input.CLOSED)
            case Contact.FIRE:
                self._machine.happened(Input.FIRE if active else Input.FIRE_ENDED)
            case Contact.EXIT_BUTTON if active:
                drives = self._settings.exit_drives_lock
                self._machine.happened(Input.EXIT_REQUEST_DRIVING if drives else Input.EXIT_REQUEST)
            case Contact.EXIT_BUTTON:
                pass

    def _open_too_long(self) -> None:
        if self._staffed():
            # While staff are in the door is theirs; it is looked at again when they may have left.
            self._timers.start(Timer.HELD, self._settings.held_open_s, self._log.now_us())
        else:
            self._machine.happened(Input.HELD_TIMEOUT)

    def _staffed(self) -> bool:
        return self._admission.mode(self._log.stamp()) is HoursMode.STAFFED

    # --- commands -------------------------------------------------------------------------------

    def _called(self, call: Call) -> None:
        if not call.begin():
            log.warning("a command died: whoever gave it has stopped waiting")
            return
        try:
            order = understand(call.request, hold_open_max_min=self._settings.lock.hold_open_max_min)
        except BadArguments as error:
            call.answer(Reply(done=False, reason="bad_request", data={"fault": str(error)}))
            return
        if order.command is Command.STATUS:
            call.answer(Reply(done=True, data=self.status()))
            return
        command = self._log.write(EventType.COMMAND_RECEIVED, as_data(order, call.uid, call.request.staff))
        call.answer(self._obey(order, command))

    def _obey(self, order: Order, command: Ticket) -> Reply:
        releases = order.command in (Command.UNLOCK, Command.HOLD_OPEN)
        if releases and not self._durable(command):
            self._say_outcome(("command", command), Reason.JOURNAL_UNAVAILABLE.value, admitted=False)
            return Reply(done=False, reason=Reason.JOURNAL_UNAVAILABLE.value)
        cause = Cause("command", command, hold_open_s=60.0 * order.minutes)
        match order.command:
            case Command.UNLOCK:
                done = self._machine.happened(Input.GRANT, cause)
            case Command.HOLD_OPEN:
                done = self._machine.happened(Input.HOLD_OPEN, cause)
            case Command.END_HOLD_OPEN:
                done = self._machine.state.mode is Mode.HOLD_OPEN
                self._machine.happened(Input.HOLD_OPEN_ENDED, cause)
            case Command.LOCKDOWN:
                done = self._machine.happened(Input.LOCKDOWN, cause)
            case Command.END_LOCKDOWN:
                done = self._machine.happened(Input.END_LOCKDOWN, cause)
            case Command.STATUS:
                raise AssertionError("status is answered without being journalled")
        # Securing does not wait for the journal, but "done" is not said before it would survive a power cut.
        durable = self._durable(self._log.last)
        mode = self._machine.state.mode.value
        return Reply(done=done, reason="" if done else mode, data={"mode": mode, "journalled": durable})

    def status(self) -> dict[str, JsonValue]:
        """What the door says of itself to whoever may ask."""
        stamp = self._log.stamp()
        state, hours = self._machine.state, self._admission.mode(stamp)
        return {
            "door": self._settings.id,
            "mode": state.mode.value,
            "contact": state.contact.value if self._settings.contact else None,
            "hours": hours.value if hours else None,
            "reader": bool(self._reader_found),
            "journal": self._log.journal_available,
            "memberships": self._admission.members_readable,
            "clock_trusted": stamp.clock_trusted,
            "fire": self._contacts.active(Contact.FIRE),
        }

    def _show(self, pattern: Pattern) -> None:
        self._signal.play(pattern.value)
