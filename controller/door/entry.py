"""What a swipe at one door comes to: the decision, its record, and what is told at the reader.

Journal first: a grant is durable before the machine is told of it. For the acting thread alone. Never here:
whether a card is good (``admission``), or the lock (``machine``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from controller.core.access import (
    Granted,
    NotNeeded,
    OpensUp,
    PinNeeded,
    PinResult,
    Reason,
    Refused,
    Side,
)
from controller.core.card import CardNumber
from controller.core.door import IN_FORCE, LEAVE, Emergency, Input
from controller.core.event import EventType, JsonValue, Stamp
from controller.core.framing.framer import Key
from controller.core.outcome import Outcome, outcome_of
from controller.door.admission import Here, Known
from controller.door.event_log import DoorLog
from controller.door.journal_writer import Ticket
from controller.door.machine import Cause, Machine, staffed_hours
from controller.door.reader import Reader
from controller.door.second_factor import Pressed, Settled
from controller.door.shared import Shared


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A card at a reader. pin: what came of asking for its PIN; None as long as nobody did."""

    reader: Reader
    known: Known
    stamp: Stamp
    private: Mapping[str, bytes] = field(repr=False)
    pin: PinResult | None


class Entry:
    """The way in, and out, by card."""

    def __init__(self, machine: Machine, log: DoorLog, shared: Shared) -> None:
        self._machine = machine
        self._log = log
        self._admission = shared.admission
        self._durability = shared.durability
        self._lockouts = shared.lockouts
        self._people = shared.people
        self._pin_needed = shared.pins.needed
        self._companion_us = (shared.companion_s or 0) * 1_000_000
        self._guardian_until_us = 0
        self._admit_unjournalled = shared.admit_unjournalled

    def swiped(self, reader: Reader, card: CardNumber) -> None:
        """A card was held to the reader."""
        self.interrupted(reader, by=card)
        self._decide(reader, card, None)

    def interrupted(self, reader: Reader, by: CardNumber | None = None) -> None:
        """Whoever was to type a PIN does not any more. by: the card that comes in between."""
        if (left := reader.second_factor.interrupted(by)) is not None:
            self.settled(reader, left)

    def pressed(self, reader: Reader, key: Key) -> None:
        came = reader.second_factor.pressed(key, self._log.now_us())
        if isinstance(came, Settled):
            self.settled(reader, came)
        elif came is Pressed.ASKED:
            reader.tell(Outcome.CHECKING)

    def settled(self, reader: Reader, settled: Settled) -> None:
        """What came of asking for a PIN is known. All else about the card may have changed meanwhile."""
        self._decide(reader, settled.card, settled.result)

    def _decide(self, reader: Reader, card: CardNumber, pin: PinResult | None) -> None:
        known = self._admission.look_up(card)
        # A stranger's card is kept nowhere, a member's only where the authority alone can read it.
        private = {"card": card.reveal().encode()} if known.anything else {}
        attempt = _Attempt(reader, known, self._log.stamp(), private, pin)
        decision = self._admission.decide(known, attempt.stamp, self._here(attempt))
        match decision:
            case OpensUp():
                self._open_up(attempt)
            case Granted(passback):
                self._admit(attempt, passback=passback)
            case PinNeeded():
                reader.second_factor.wanted(card, self._log.now_us())
                reader.panel.tell(Outcome.PIN_WANTED, for_s=reader.second_factor.timeout_s)
            case Refused(reason):
                self.refuse(reader, reason, private)
                if reader.settings.side is Side.IN:
                    self._lockouts.refused((self._log.door_id, reader.settings.id), known.member_ref, reason)
            case NotNeeded():
                self._log.write(EventType.ACCESS_NOT_NEEDED, {"reader": reader.settings.id})
                reader.tell(Outcome.NOT_NEEDED)
            case _:
                assert_never(decision)

    def _here(self, attempt: _Attempt) -> Here:
        emergencies = IN_FORCE[self._machine.state.mode]
        side, member_ref = attempt.reader.settings.side, attempt.known.member_ref
        place = (self._log.door_id, attempt.reader.settings.id)
        return Here(
            lockdown=Emergency.LOCKDOWN in emergencies,
            side=side,
            evacuation=bool(emergencies & LEAVE),
            awaits_first_person=self._machine.awaits_first_person,
            guardian_admitted=self._log.now_us() < self._guardian_until_us,
            full=self._people.full,
            passback=self._people.passback(member_ref, side),
            locked_out=self._lockouts.holds_up(place, member_ref),
            # Once it was asked for it is needed: nobody is let in by waiting until it no longer is.
            pin_needed=attempt.pin is not None or self._pin_needed(attempt.stamp.wall_us),
            pin=attempt.pin,
        )

    def _admit(self, attempt: _Attempt, *, passback: bool) -> None:
        """passback: the card has not left since it came in."""
        if attempt.pin is PinResult.CORRECT:
            self._lockouts.pin_was_right(attempt.known.member_ref)
        granted = self._grant(attempt, passback=passback)
        came_in = granted and attempt.reader.settings.side is Side.IN
        if came_in and self._admission.vouches(attempt.known, attempt.stamp):
            self._guardian_until_us = self._log.now_us() + self._companion_us

    def _grant(self, attempt: _Attempt, *, passback: bool) -> bool:
        """Whether the door was released."""
        grant, durable = self._journal_grant(attempt, passback=passback)
        if not durable and not self._admit_unjournalled:
            return False
        way = Input.GRANT if attempt.reader.settings.side is Side.IN else Input.LET_OUT
        cause = Cause("grant", grant, member_ref=attempt.known.member_ref)
        return self._carry_out(attempt.reader, way, cause)

    def _open_up(self, attempt: _Attempt) -> None:
        """The first member of staff: the door stays unlocked until the staffed hours end."""
        if attempt.pin is PinResult.CORRECT:
            self._lockouts.pin_was_right(attempt.known.member_ref)
        grant, durable = self._journal_grant(attempt, passback=False)
        left_s = self._admission.staffed_left_s(attempt.stamp)
        if durable and left_s is not None:
            self._carry_out(attempt.reader, Input.HOLD_OPEN, staffed_hours("grant", grant, left_s))
        elif durable or self._admit_unjournalled:
            self._carry_out(attempt.reader, Input.GRANT, Cause("grant", grant))

    def _journal_grant(self, attempt: _Attempt, *, passback: bool) -> tuple[Ticket, bool]:
        """The grant, and whether it is durable. What is done where it isn't has been said then."""
        reader, mode = attempt.reader, self._admission.mode(attempt.stamp)
        data: dict[str, JsonValue] = {"mode": mode.value if mode else None, "reader": reader.settings.id}
        if passback:
            data["passback"] = True
        if attempt.pin is PinResult.CORRECT:
            data["pin"] = True
        grant = self._log.write(EventType.ACCESS_GRANTED, data, private=attempt.private)
        durable = self._durability.wait(grant)
        if not durable:
            admitted = self._admit_unjournalled
            self._say_outcome(("grant", grant), Reason.JOURNAL_UNAVAILABLE.value, admitted=admitted)
            if not admitted:
                reader.tell(Outcome.OUT_OF_ORDER)
        return grant, durable

    def _carry_out(self, reader: Reader, happened: Input, cause: Cause) -> bool:
        """Whether the door let them."""
        if self._machine.happened(happened, cause):
            reader.tell_granted()
            return True
        state = self._machine.state.mode.value
        self._say_outcome(("grant", cause.ticket), state, admitted=False)
        reader.tell(outcome_of(state), state)
        return False

    def refuse(self, reader: Reader, reason: Reason, private: Mapping[str, bytes] | None = None) -> None:
        data: dict[str, JsonValue] = {"reason": reason.value, "reader": reader.settings.id}
        self._log.write(EventType.ACCESS_REFUSED, data, private=private)
        reader.tell(outcome_of(reason), reason)

    def not_done(self, command: Ticket) -> None:
        """A command was not obeyed because it could not be journalled."""
        self._say_outcome(("command", command), Reason.JOURNAL_UNAVAILABLE.value, admitted=False)

    def _say_outcome(self, about: tuple[str, Ticket], reason: str, *, admitted: bool) -> None:
        data: dict[str, JsonValue] = {"done": "admitted" if admitted else "refused", "reason": reason}
        self._log.write(EventType.ACCESS_OUTCOME, data, about=about)
