"""What a swipe at one door comes to: the decision, its record, and what is told at the reader.

Journal first: a grant is durable before the machine is told of it. For the acting thread alone. Never here:
whether a card is good (``admission``), or the lock (``machine``).
"""

from __future__ import annotations

from typing import assert_never

from controller.core.access import (
    Decision,
    Granted,
    NotNeeded,
    OpensUp,
    PinNeeded,
    Reason,
    Refused,
    Side,
)
from controller.core.card import CardNumber
from controller.core.door import IN_FORCE, Emergency, Input
from controller.core.event import EventType, JsonValue, Stamp
from controller.core.outcome import Outcome, outcome_of
from controller.door.admission import Admission, Here, Known
from controller.door.durability import Durability
from controller.door.event_log import DoorLog
from controller.door.journal_writer import Ticket
from controller.door.lockouts import Lockouts
from controller.door.machine import Cause, Machine
from controller.door.people import People
from controller.door.reader_at_door import Reader


class Entry:
    """The way in, and out, by card."""

    def __init__(
        self,
        machine: Machine,
        log: DoorLog,
        admission: Admission,
        lockouts: Lockouts,
        durability: Durability,
        people: People,
        *,
        companion_s: int | None,
        admit_unjournalled: bool,
    ) -> None:
        """companion_s: how long after a guardian members under the minimum age are let in; None: never.

        admit_unjournalled: let a member in although the grant could not be made durable.
        """
        self._machine = machine
        self._log = log
        self._admission = admission
        self._durability = durability
        self._lockouts = lockouts
        self._people = people
        self._companion_us = None if companion_s is None else companion_s * 1_000_000
        self._guardian_until_us = 0
        self._admit_unjournalled = admit_unjournalled

    def swiped(self, reader: Reader, card: CardNumber) -> None:
        stamp = self._log.stamp()
        known = self._admission.look_up(card)
        # A stranger's card is kept nowhere, a member's only where the authority alone can read it.
        private = {"card": card.reveal().encode()} if known.anything else {}
        decision = self._admission.decide(known, stamp, self._here(reader, known))
        self._act(reader, known, stamp, private, decision)

    def _here(self, reader: Reader, known: Known) -> Here:
        emergencies = IN_FORCE[self._machine.state.mode]
        place = (self._log.door_id, reader.settings.id)
        return Here(
            lockdown=Emergency.LOCKDOWN in emergencies,
            side=reader.settings.side,
            evacuation=not emergencies.isdisjoint((Emergency.EVACUATION, Emergency.FIRE)),
            guardian_admitted=self._log.now_us() < self._guardian_until_us,
            full=self._people.full,
            passback=self._people.passback(known.member_ref, reader.settings.side),
            locked_out=self._lockouts.holds_up(place, known.member_ref),
        )

    def _act(
        self, reader: Reader, known: Known, stamp: Stamp, private: dict[str, bytes], decision: Decision
    ) -> None:
        match decision:
            case Granted() | OpensUp():
                passback = isinstance(decision, Granted) and decision.passback
                granted = self._grant(reader, known, stamp, private, passback=passback)
                if granted and self._admission.vouches(known, stamp):
                    self._guardian_until_us = self._log.now_us() + (self._companion_us or 0)
            case PinNeeded():
                self.refuse(reader, Reason.PIN_UNAVAILABLE, private)
            case Refused(reason):
                self.refuse(reader, reason, private)
                if reader.settings.side is Side.IN:
                    self._lockouts.refused((self._log.door_id, reader.settings.id), known.member_ref, reason)
            case NotNeeded():
                self._log.write(EventType.ACCESS_NOT_NEEDED, {"reader": reader.settings.id})
                reader.tell(Outcome.NOT_NEEDED)
            case _:
                assert_never(decision)

    def _grant(
        self,
        reader: Reader,
        known: Known,
        stamp: Stamp,
        private: dict[str, bytes],
        *,
        passback: bool,
    ) -> bool:
        """Whether the door was released. passback: the card has not left since it came in."""
        mode = self._admission.mode(stamp)
        data: dict[str, JsonValue] = {"mode": mode.value if mode else None, "reader": reader.settings.id}
        if passback:
            data["passback"] = True
        grant = self._log.write(EventType.ACCESS_GRANTED, data, private=private)
        if not self._durability.wait(grant):
            admitted = self._admit_unjournalled
            self._say_outcome(("grant", grant), Reason.JOURNAL_UNAVAILABLE.value, admitted=admitted)
            if not admitted:
                reader.tell(Outcome.OUT_OF_ORDER)
                return False
        way = Input.GRANT if reader.settings.side is Side.IN else Input.LET_OUT
        if self._machine.happened(way, Cause("grant", grant, member_ref=known.member_ref)):
            reader.tell_granted()
            return True
        state = self._machine.state.mode.value
        self._say_outcome(("grant", grant), state, admitted=False)
        reader.tell(outcome_of(state), state)
        return False

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
