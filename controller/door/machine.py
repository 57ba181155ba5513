"""Carries out what the door's table says: lock, timers and events, in the table's order.

Never here: whether somebody may come in. A release is always one pulse long. To hold the door open the
acting thread renews the pulse again and again, so that a thread that hangs lets it end.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from controller.core import door
from controller.core.door import JOURNALLED, Effect, Input
from controller.core.event import EventType, JsonValue
from controller.core.outcome import Outcome
from controller.devices import Lock
from controller.door.event_log import DoorLog
from controller.door.journal_writer import Ticket
from controller.door.timers import Timer, Timers
from controller.settings.door import Door

RELEASES: dict[Effect, str] = {
    Effect.RELEASE_FOR_GRANT: "grant",
    Effect.RELEASE_FOR_EXIT: "exit",
    Effect.RELEASE_FOR_HOLD_OPEN: "hold_open",
}
STOPS: dict[Effect, Timer] = {
    Effect.STOP_RELEASE_TIMER: Timer.RELEASE,
    Effect.STOP_EXIT_TIMER: Timer.EXIT,
    Effect.STOP_WARNING_TIMER: Timer.WARNING,
    Effect.STOP_HELD_TIMER: Timer.HELD,
    Effect.STOP_HOLD_OPEN_TIMER: Timer.HOLD_OPEN,
}
TOLD: dict[Effect, Outcome] = {
    Effect.JOURNAL_HELD_WARNING: Outcome.CLOSE_THE_DOOR,
    Effect.JOURNAL_HELD: Outcome.DOOR_ALARM,
    Effect.JOURNAL_FORCED: Outcome.DOOR_ALARM,
    Effect.JOURNAL_EVACUATION_STARTED: Outcome.EVACUATION,
    Effect.JOURNAL_FIRE_STARTED: Outcome.EVACUATION,
}


ABOUT_A_COMMAND = frozenset(
    {
        EventType.DOOR_HOLD_OPEN_ENDED,
        EventType.LOCKDOWN_STARTED,
        EventType.LOCKDOWN_ENDED,
        EventType.EVACUATION_ENDED,
    }
)
"""Events that name the command that brought them about, if one did."""


CauseField = Literal["grant", "command"]


class HeldFor(StrEnum):
    """What the door is held open for, as events name it."""

    COMMAND = "command"
    """For as long as staff said."""
    STAFFED_HOURS = "staffed_hours"
    """Until these end, since a member of staff opened up."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is asked of the door: the event that says so.

    hold_open_s, held_for: how long, in seconds, and what for a hold-open is. member_ref: of the card that
    was swiped, for what is kept in memory only.
    """

    field: CauseField
    ticket: Ticket
    hold_open_s: float = 0
    held_for: HeldFor = HeldFor.COMMAND
    member_ref: bytes | None = dataclasses.field(default=None, repr=False)


def staffed_hours(field: CauseField, ticket: Ticket, left_s: float) -> Cause:
    """A member of staff opens up. left_s: until the staffed hours end."""
    return Cause(field, ticket, left_s, HeldFor.STAFFED_HOURS)


Observer = Callable[[Input, door.State, door.State, Cause | None], None]
"""Told of each input once it was acted on, with the state before it and after."""


class Machine:
    """The state of the door, and the only user of its lock. For the acting thread alone."""

    def __init__(
        self,
        settings: Door,
        lock: Lock,
        log: DoorLog,
        timers: Timers,
        tell: Callable[[Outcome], None],
        observe: Observer,
    ) -> None:
        self._settings = settings
        self._lock = lock
        self._log = log
        self._timers = timers
        self._tell = tell
        self._observe = observe
        self._released_for = ""
        self._held_for = HeldFor.COMMAND
        self.state = door.State(door.Mode.LOCKED, door.Contact.CLOSED)

    def begin(self, *, contact_open: bool, lockdown: bool, evacuation: bool) -> None:
        """Take the contact as it is, without alarm. lockdown, evacuation: begun before the restart."""
        self.state, effects = door.start(contact_open=contact_open, lockdown=lockdown, evacuation=evacuation)
        for effect in effects:
            self._do(effect, None)

    def happened(self, happened: Input, cause: Cause | None = None) -> bool:
        """Do what the table says. False if it was a command and is refused. Raises DeviceError."""
        before = self.state
        self.state, effects = door.step(before, happened)
        for effect in effects:
            self._do(effect, cause)
        self._observe(happened, before, self.state, cause)
        return Effect.REFUSE not in effects

    def wait_on(self, effect: Literal[Effect.START_WARNING_TIMER, Effect.START_HELD_TIMER]) -> None:
        """The leaf may stand open for as long again."""
        self._start_timer(effect, None)

    def evacuation_commanded(self, cause: Cause | None) -> None:
        """Staff ask for the evacuation that an input had begun: it is journalled as theirs, too."""
        self._write(Effect.JOURNAL_EVACUATION_STARTED, cause)

    @property
    def awaits_first_person(self) -> bool:
        """In staffed hours the door is to stand unlocked, and nobody has opened up yet."""
        return self._settings.unlocked_when_staffed and self.state.mode is not door.Mode.HOLD_OPEN

    def staffed_hours_are_over(self) -> None:
        """Whatever the timer of a hold-open says that was to last as long as they do. Raises DeviceError."""
        if self.state.mode is door.Mode.HOLD_OPEN and self._held_for is HeldFor.STAFFED_HOURS:
            self.happened(Input.HOLD_OPEN_ENDED)

    def renew(self) -> None:
        """The pulse's half has passed: begin it anew if the door is to be held open."""
        if self.state.mode is door.Mode.HOLD_OPEN:
            self._release(Effect.RELEASE_FOR_HOLD_OPEN)

    def _do(self, effect: Effect, cause: Cause | None) -> None:
        if effect in RELEASES:
            self._release(effect)
        elif effect is Effect.SECURE_LOCK:
            self._timers.stop(Timer.RENEW)
            self._lock.secure()
        elif effect in STOPS:
            self._timers.stop(STOPS[effect])
        elif effect in JOURNALLED:
            self._write(effect, cause)
        elif effect is not Effect.REFUSE:
            self._start_timer(effect, cause)

    def _release(self, effect: Effect) -> None:
        pulse_s = self._settings.lock.pulse_s
        self._lock.release(pulse_s)
        self._released_for = RELEASES[effect]
        if effect is Effect.RELEASE_FOR_HOLD_OPEN:
            self._timers.start(Timer.RENEW, pulse_s / 2, self._log.now_us())

    def _start_timer(self, effect: Effect, cause: Cause | None) -> None:
        if effect is Effect.START_WARNING_TIMER and self._settings.held_warning_s is None:
            return
        timer, duration_s = {
            Effect.START_WARNING_TIMER: (Timer.WARNING, float(self._settings.held_warning_s or 0)),
            Effect.START_RELEASE_TIMER: (Timer.RELEASE, self._settings.lock.pulse_s),
            Effect.START_EXIT_TIMER: (Timer.EXIT, self._settings.exit_s),
            Effect.START_HELD_TIMER: (Timer.HELD, float(self._settings.held_open_s)),
            Effect.START_HOLD_OPEN_TIMER: (Timer.HOLD_OPEN, cause.hold_open_s if cause else 0.0),
        }[effect]
        self._timers.start(timer, duration_s, self._log.now_us())

    def _write(self, effect: Effect, cause: Cause | None) -> None:
        type = JOURNALLED[effect]
        if type is EventType.DOOR_UNUSED and self._settings.contact is None:
            return  # nobody can tell whether it was used
        about = (cause.field, cause.ticket) if cause else None
        if type is EventType.DOOR_UNLOCKED:
            self._log.write(type, self._unlocked(cause), about=about)
        elif type is EventType.DOOR_HOLD_OPEN_STARTED:
            self._held_for = cause.held_for if cause else HeldFor.COMMAND
            self._log.write(type, {"for": self._held_for.value}, about=about)
        elif type is EventType.EVACUATION_STARTED:
            self._log.write(type, {"for": "command" if cause else "input"}, about=about)
        elif type in ABOUT_A_COMMAND:
            self._log.write(type, about=about)
        else:
            self._log.write(type)
        if effect in TOLD:
            self._tell(TOLD[effect])

    def _unlocked(self, cause: Cause | None) -> dict[str, JsonValue]:
        by_staff = self._released_for == "grant" and cause is not None and cause.field == "command"
        held_s = cause.hold_open_s if cause else 0
        return {
            "for": "command" if by_staff else self._released_for,
            "duration_ms": round(1000 * (held_s or self._settings.lock.pulse_s)),
        }
