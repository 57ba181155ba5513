"""What a swipe at one door comes to: the decision, its record, and what is told at the reader.

Journal first: a grant is durable before the machine is told of it. For the acting thread alone. Never here:
whether a card is good (``admission``), or the lock (``machine``).
"""

from __future__ import annotations

from typing import assert_never

from controller.core.access import Granted, NotNeeded, OpensUp, PinNeeded, Reason, Refused
from controller.core.card import CardNumber
from controller.core.door import Input, Mode
from controller.core.event import EventType, JsonValue
from controller.core.hours import Mode as HoursMode
from controller.core.outcome import Outcome, outcome_of
from controller.door.admission import Admission
from controller.door.durability import Durability
from controller.door.event_log import DoorLog
from controller.door.journal_writer import Ticket
from controller.door.machine import Cause, Machine
from controller.door.reader_at_door import Reader


class Entry:
    """The way in, and out, by card."""

    def __init__(
        self,
        machine: Machine,
        log: DoorLog,
        admission: Admission,
        durability: Durability,
        *,
        admit_unjournalled: bool,
    ) -> None:
        """admit_unjournalled: let a member in although the grant could not be made durable."""
        self._machine = machine
        self._log = log
        self._admission = admission
        self._durability = durability
        self._admit_unjournalled = admit_unjournalled

    def swiped(self, reader: Reader, card: CardNumber) -> None:
        stamp = self._log.stamp()
        lockdown = self._machine.state.mode in (Mode.LOCKDOWN, Mode.FIRE_IN_LOCKDOWN)
        answer = self._admission.answer(card, stamp, lockdown=lockdown)
        # A stranger's card is kept nowhere, a member's only where the authority alone can read it.
        private = {"card": card.reveal().encode()} if answer.known else {}
        match answer.decision:
            case Granted() | OpensUp():
                self._grant(reader, private)
            case PinNeeded():
                self.refuse(reader, Reason.PIN_UNAVAILABLE, private)
            case Refused(reason):
                self.refuse(reader, reason, private)
            case NotNeeded():
                self._log.write(EventType.ACCESS_NOT_NEEDED, {"reader": reader.settings.id})
                reader.tell(Outcome.NOT_NEEDED)
            case _:
                assert_never(answer.decision)

    def _grant(self, reader: Reader, private: dict[str, bytes]) -> None:
        data: dict[str, JsonValue] = {"mode": HoursMode.UNSTAFFED.value, "reader": reader.settings.id}
        grant = self._log.write(EventType.ACCESS_GRANTED, data, private=private)
        if not self._durability.wait(grant):
            admitted = self._admit_unjournalled
            self._say_outcome(("grant", grant), Reason.JOURNAL_UNAVAILABLE.value, admitted=admitted)
            if not admitted:
                reader.tell(Outcome.OUT_OF_ORDER)
                return
        if self._machine.happened(Input.GRANT, Cause("grant", grant)):
            reader.tell_granted()
        else:
            mode = self._machine.state.mode.value
            self._say_outcome(("grant", grant), mode, admitted=False)
            reader.tell(outcome_of(mode), mode)

    def refuse(self, reader: Reader, reason: Reason, private: dict[str, bytes] | None = None) -> None:
        data: dict[str, JsonValue] = {"reason": reason.value, "reader": reader.settings.id}
        self._log.write(EventType.ACCESS_REFUSED, data, private=private)
        reader.tell(outcome_of(reason), reason)

    def not_done(self, command: Ticket) -> None:
        """A command was not obeyed because it could not be journalled."""
        self._say_outcome(("command", command), Reason.JOURNAL_UNAVAILABLE.value, admitted=False)

    def _say_outcome(self, about: tuple[str, Ticket], reason: str, *, admitted: bool) -> None:
        data: dict[str, JsonValue] = {"done": "admitted" if admitted else "refused", "reason": reason}
        self._log.write(EventType.ACCESS_OUTCOME, data, about=about)
