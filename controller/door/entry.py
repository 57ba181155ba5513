"""What a swipe at one door comes to: the decision, its record, and what is told at the reader.

Journal first: a grant is durable before the machine is told of it. For the acting thread alone. Never here:
whether a card is good (``admission``), or the lock (``machine``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from controller.core.access import (
    Decision,
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
from controller.core.refusal_day import day_behind
from controller.door.admission import Here, Known
from controller.door.asking.applied import Applied
from controller.door.event_log import DoorLog
from controller.door.journal_writer import Ticket
from controller.door.machine import Cause, Machine, staffed_hours
from controller.door.reader import Reader
from controller.door.second_factor import Pressed, Settled
from controller.door.shared import Shared

STALE_US = 5_000_000
"""What is decided so long after a swipe opens nothing: whoever swiped has stopped waiting."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A card at a reader, and all that is known of it now."""

    reader: Reader
    applied: Applied
    known: Known
    stamp: Stamp
    private: Mapping[str, bytes] = field(repr=False)

    @property
    def pin(self) -> PinResult | None:
        return self.applied.pin

    @property
    def data(self) -> dict[str, JsonValue]:
        """What its events say, whatever comes of it."""
        data: dict[str, JsonValue] = {"reader": self.reader.settings.id}
        if self.applied.checked is not None:
            data["checked"] = self.applied.checked.word
        membership = self.known.found.membership
        if membership is not None:
            data["age_s"] = max(0, self.stamp.wall_us - membership.as_of_us) // 1_000_000
        return data


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
        self._refresh = shared.live.refresh
        self._companion_us = (shared.companion_s or 0) * 1_000_000
        self._guardian_until_us = 0
        self._admit_unjournalled = shared.admit_unjournalled

    def swiped(self, reader: Reader, card: CardNumber, mono_us: int) -> None:
        """A card was held to the reader, no later than at ``mono_us``."""
        self.interrupted(reader, by=card)
        self._decide(reader, Applied(card, mono_us))

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
        applied = Applied(settled.card, self._log.now_us(), settled.checked, settled.result)
        self._decide(reader, applied)

    def checked(self, reader: Reader, applied: Applied) -> None:
        """The library management system has said something of a card, or nothing in time."""
        if self._log.now_us() - applied.swiped_us > STALE_US:
            self.refuse(reader, Reason.TOO_LATE)
        else:
            self._decide(reader, applied)

    def due(self, reader: Reader) -> None:
        """Act on what nobody has typed or answered in time."""
        while (settled := reader.second_factor.due(self._log.now_us())) is not None:
            self.settled(reader, settled)
        while (applied := reader.look_ups.due(self._log.now_us())) is not None:
            self.checked(reader, applied)

    def _decide(self, reader: Reader, applied: Applied) -> None:
        card = applied.card
        known = self._admission.look_up(card, applied.said)
        # A stranger's card is kept nowhere, a member's only where the authority alone can read it.
        private = {"card": card.reveal().encode()} if known.anything else {}
        attempt = _Attempt(reader, applied, known, self._log.stamp(), private)
        decision = self._admission.decide(known, attempt.stamp, self._here(attempt))
        if self._worth_asking(attempt, decision):
            reader.look_ups.wanted(applied, self._log.now_us())
            reader.tell(Outcome.CHECKING)
        else:
            reader.look_ups.settled(card)
            self._done(attempt, decision)

    def _worth_asking(self, attempt: _Attempt, decision: Decision) -> bool:
        side, applied = attempt.reader.settings.side, attempt.applied
        if applied.checked is not None or not applied.may_be_let_in:
            return False
        return self._admission.worth_asking(decision, attempt.known, attempt.stamp, side)

    def _done(self, attempt: _Attempt, decision: Decision) -> None:
        reader = attempt.reader
        match decision:
            case OpensUp():
                self._open_up(attempt)
            case Granted(passback):
                self._admit(attempt, passback=passback)
            case PinNeeded() if reader.second_factor.waiting:
                # Somebody else came to the keypad while this card was looked up.
                self._refuse(attempt, Reason.PIN_MISSING)
            case PinNeeded():
                reader.second_factor.wanted(attempt.applied.card, self._log.now_us(), attempt.applied.checked)
                reader.panel.tell(Outcome.PIN_WANTED, for_s=reader.second_factor.timeout_s)
            case Refused(reason):
                self._refuse(attempt, reason)
            case NotNeeded():
                self._log.write(EventType.ACCESS_NOT_NEEDED, {"reader": reader.settings.id})
                reader.tell(Outcome.NOT_NEEDED)
            case _:
                assert_never(decision)

    def _refuse(self, attempt: _Attempt, reason: Reason) -> None:
        reader = attempt.reader.settings
        data: dict[str, JsonValue] = {"reason": reason.value, **attempt.data}
        day = day_behind(reason, attempt.known.found.membership)
        if day is not None:
            data["day"] = day.isoformat()
        self._log.write(EventType.ACCESS_REFUSED, data, private=attempt.private)
        attempt.reader.tell(outcome_of(reason), reason)
        if reader.side is Side.IN:
            self._lockouts.refused((self._log.door_id, reader.id), attempt.known.member_ref, reason)

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
            asked_in_vain=attempt.applied.asked_in_vain,
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
        return self._carry_out(attempt, way, cause)

    def _open_up(self, attempt: _Attempt) -> None:
        """The first member of staff: the door stays unlocked until the staffed hours end."""
        if attempt.pin is PinResult.CORRECT:
            self._lockouts.pin_was_right(attempt.known.member_ref)
        grant, durable = self._journal_grant(attempt, passback=False)
        left_s = self._admission.staffed_left_s(attempt.stamp)
        if durable and left_s is not None:
            self._carry_out(attempt, Input.HOLD_OPEN, staffed_hours("grant", grant, left_s))
        elif durable or self._admit_unjournalled:
            self._carry_out(attempt, Input.GRANT, Cause("grant", grant))

    def _journal_grant(self, attempt: _Attempt, *, passback: bool) -> tuple[Ticket, bool]:
        """The grant, and whether it is durable. What is done where it isn't has been said then."""
        reader, mode = attempt.reader, self._admission.mode(attempt.stamp)
        data: dict[str, JsonValue] = {"mode": mode.value if mode else None, **attempt.data}
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

    def _carry_out(self, attempt: _Attempt, happened: Input, cause: Cause) -> bool:
        """Whether the door let them."""
        reader, applied = attempt.reader, attempt.applied
        if not self._machine.happened(happened, cause):
            state = self._machine.state.mode.value
            self._say_outcome(("grant", cause.ticket), state, admitted=False)
            reader.tell(outcome_of(state), state)
            return False
        reader.tell_granted()
        came_in = reader.settings.side is Side.IN
        if came_in and not applied.checked and self._admission.worth_refreshing(attempt.known, attempt.stamp):
            self._refresh(applied.card, self._log.now_us())
        return True

    def refuse(self, reader: Reader, reason: Reason) -> None:
        """Nothing was read that could be decided on, or not in time."""
        data: dict[str, JsonValue] = {"reason": reason.value, "reader": reader.settings.id}
        self._log.write(EventType.ACCESS_REFUSED, data)
        reader.tell(outcome_of(reason), reason)

    def not_done(self, command: Ticket) -> None:
        """A command was not obeyed because it could not be journalled."""
        self._say_outcome(("command", command), Reason.JOURNAL_UNAVAILABLE.value, admitted=False)

    def _say_outcome(self, about: tuple[str, Ticket], reason: str, *, admitted: bool) -> None:
        data: dict[str, JsonValue] = {"done": "admitted" if admitted else "refused", "reason": reason}
        self._log.write(EventType.ACCESS_OUTCOME, data, about=about)
