"""The door state machine.

Rule 1: every change of the door's state is a row of TRANSITIONS, and every pair of a state and an input
has one. What happens physically can therefore never be an error; a command that cannot be obeyed is a
row whose effect is REFUSE.
Rule 2: nothing here knows pins, clocks or threads. The service carries out the effects, in their order,
and turns what happens (and its timers' ends) into inputs.

The state has three parts that move on their own. ``mode``: what we do with the lock. ``contact``: what
the leaf does, and whether it may. ``leaving``: somebody inside has asked to leave, so the next opening is
not forced, in a lockdown too; it is no mode, since asking to leave never undoes a mode.

What the rows keep true, and the tests check over the whole table:

- The lock is released by a grant, a staff-confirmed hold-open, or an exit request that is set to drive
  it, and each time with a timer. In a lockdown or a fire nothing releases it.
- Away from RELEASED or HOLD_OPEN the lock is secured before anything else is done. The one exception is
  fire: the release then belongs to the hard wiring, and we leave the lock alone until the fire is over
  (the driver's own deadline still ends what was begun).
- An opening uses up what made it expected: the lock is secured as soon as the leaf is away from it.
- A fire does not end a lockdown: afterwards it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from itertools import product

from controller.core.event import EventType


class Mode(StrEnum):
    """What we do with the lock."""

    LOCKED = "locked"
    RELEASED = "released"
    HOLD_OPEN = "hold-open"
    LOCKDOWN = "lockdown"
    FIRE = "fire"
    FIRE_IN_LOCKDOWN = "fire in lockdown"


class Contact(StrEnum):
    """What the leaf does: shut, open, open for too long, or opened with nobody granted or leaving."""

    CLOSED = "closed"
    OPEN = "open"
    HELD = "held"
    FORCED = "forced"


class Input(StrEnum):
    """What can happen."""

    GRANT = "grant"
    """A decision to let somebody in: a card's, or a member of staff's."""
    EXIT_REQUEST = "exit request"
    """The exit button, which releases the lock by its own wiring."""
    EXIT_REQUEST_DRIVING = "exit request that drives the lock"
    """The same where settings have us release the lock as well (``exit_drives_lock``)."""
    OPENED = "opened"
    OPENED_STAFFED = "opened in staffed hours"
    """The same while staff are in and open the door by their own means."""
    CLOSED = "closed"
    RELEASE_ENDED = "release ended"
    EXIT_ENDED = "exit time ended"
    HELD_TIMEOUT = "open too long"
    HOLD_OPEN = "hold open"
    HOLD_OPEN_ENDED = "hold-open ended"
    """Its deadline, or staff before it."""
    LOCKDOWN = "lockdown"
    END_LOCKDOWN = "end lockdown"
    FIRE = "fire"
    FIRE_ENDED = "fire ended"


COMMANDS = frozenset({Input.GRANT, Input.HOLD_OPEN, Input.LOCKDOWN, Input.END_LOCKDOWN})
"""Inputs that somebody wants something by, and can be told no. All others are facts."""


class Effect(Enum):
    """What the service does. A timer that is started while it runs starts anew."""

    RELEASE_FOR_GRANT = auto()
    RELEASE_FOR_EXIT = auto()
    RELEASE_FOR_HOLD_OPEN = auto()
    SECURE_LOCK = auto()

    START_RELEASE_TIMER = auto()  # one pulse, then RELEASE_ENDED
    STOP_RELEASE_TIMER = auto()
    START_EXIT_TIMER = auto()  # exit_s, then EXIT_ENDED
    STOP_EXIT_TIMER = auto()
    START_HELD_TIMER = auto()  # held_open_s, then HELD_TIMEOUT
    STOP_HELD_TIMER = auto()
    START_HOLD_OPEN_TIMER = auto()  # as long as staff asked, then HOLD_OPEN_ENDED
    STOP_HOLD_OPEN_TIMER = auto()

    REFUSE = auto()

    JOURNAL_UNLOCKED = auto()
    JOURNAL_LOCKED = auto()
    JOURNAL_OPENED = auto()
    JOURNAL_CLOSED = auto()
    JOURNAL_FORCED = auto()
    JOURNAL_HELD = auto()
    JOURNAL_UNUSED = auto()  # left out by the service where no contact is fitted: nobody knows then
    JOURNAL_EXIT_REQUESTED = auto()
    JOURNAL_HOLD_OPEN_STARTED = auto()
    JOURNAL_HOLD_OPEN_ENDED = auto()
    JOURNAL_LOCKDOWN_STARTED = auto()
    JOURNAL_LOCKDOWN_ENDED = auto()
    JOURNAL_FIRE_STARTED = auto()
    JOURNAL_FIRE_ENDED = auto()


JOURNALLED: Mapping[Effect, EventType] = {
    Effect.JOURNAL_UNLOCKED: EventType.DOOR_UNLOCKED,
    Effect.JOURNAL_LOCKED: EventType.DOOR_LOCKED,
    Effect.JOURNAL_OPENED: EventType.DOOR_OPENED,
    Effect.JOURNAL_CLOSED: EventType.DOOR_CLOSED,
    Effect.JOURNAL_FORCED: EventType.DOOR_FORCED,
    Effect.JOURNAL_HELD: EventType.DOOR_HELD,
    Effect.JOURNAL_UNUSED: EventType.DOOR_UNUSED,
    Effect.JOURNAL_EXIT_REQUESTED: EventType.EXIT_REQUESTED,
    Effect.JOURNAL_HOLD_OPEN_STARTED: EventType.DOOR_HOLD_OPEN_STARTED,
    Effect.JOURNAL_HOLD_OPEN_ENDED: EventType.DOOR_HOLD_OPEN_ENDED,
    Effect.JOURNAL_LOCKDOWN_STARTED: EventType.LOCKDOWN_STARTED,
    Effect.JOURNAL_LOCKDOWN_ENDED: EventType.LOCKDOWN_ENDED,
    Effect.JOURNAL_FIRE_STARTED: EventType.FIRE_STARTED,
    Effect.JOURNAL_FIRE_ENDED: EventType.FIRE_ENDED,
}
"""The event that each JOURNAL effect writes."""

Effects = tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class State:
    """The whole state of a door."""

    mode: Mode
    contact: Contact
    leaving: bool = False


MODE_CHANGES: Mapping[tuple[Mode, Input], tuple[Mode, Effects]] = {
    # A grant while the lock is released already is another person's, with a pulse of its own.
    **dict.fromkeys(
        [(Mode.LOCKED, Input.GRANT), (Mode.RELEASED, Input.GRANT)],
        (Mode.RELEASED, (Effect.RELEASE_FOR_GRANT, Effect.START_RELEASE_TIMER, Effect.JOURNAL_UNLOCKED)),
    ),
    (Mode.HOLD_OPEN, Input.GRANT): (Mode.HOLD_OPEN, ()),
    **dict.fromkeys(
        [(Mode.LOCKED, Input.EXIT_REQUEST_DRIVING), (Mode.RELEASED, Input.EXIT_REQUEST_DRIVING)],
        (Mode.RELEASED, (Effect.RELEASE_FOR_EXIT, Effect.START_RELEASE_TIMER, Effect.JOURNAL_UNLOCKED)),
    ),
    (Mode.RELEASED, Input.RELEASE_ENDED): (Mode.LOCKED, (Effect.SECURE_LOCK, Effect.JOURNAL_LOCKED)),
    # Staff may hold the door open again: the deadline moves.
    **{
        (before, Input.HOLD_OPEN): (
            Mode.HOLD_OPEN,
            (
                Effect.JOURNAL_HOLD_OPEN_STARTED,
                Effect.RELEASE_FOR_HOLD_OPEN,
                *stop,
                Effect.START_HOLD_OPEN_TIMER,
                Effect.JOURNAL_UNLOCKED,
            ),
        )
        for before, stop in (
            (Mode.LOCKED, ()),
            (Mode.RELEASED, (Effect.STOP_RELEASE_TIMER,)),
            (Mode.HOLD_OPEN, ()),
        )
    },
    (Mode.HOLD_OPEN, Input.HOLD_OPEN_ENDED): (
        Mode.LOCKED,
        (
            Effect.SECURE_LOCK,
            Effect.STOP_HOLD_OPEN_TIMER,
            Effect.JOURNAL_LOCKED,
            Effect.JOURNAL_HOLD_OPEN_ENDED,
        ),
    ),
    (Mode.LOCKED, Input.LOCKDOWN): (
        Mode.LOCKDOWN,
        (Effect.SECURE_LOCK, Effect.JOURNAL_LOCKDOWN_STARTED),
    ),
    (Mode.RELEASED, Input.LOCKDOWN): (
        Mode.LOCKDOWN,
        (
            Effect.SECURE_LOCK,
            Effect.STOP_RELEASE_TIMER,
            Effect.JOURNAL_LOCKED,
            Effect.JOURNAL_LOCKDOWN_STARTED,
        ),
    ),
    (Mode.HOLD_OPEN, Input.LOCKDOWN): (
        Mode.LOCKDOWN,
        (
            Effect.SECURE_LOCK,
            Effect.STOP_HOLD_OPEN_TIMER,
            Effect.JOURNAL_LOCKED,
            Effect.JOURNAL_HOLD_OPEN_ENDED,
            Effect.JOURNAL_LOCKDOWN_STARTED,
        ),
    ),
    # Asked for twice, it is carried out twice: whoever presses again has a reason to.
    (Mode.LOCKDOWN, Input.LOCKDOWN): (Mode.LOCKDOWN, (Effect.SECURE_LOCK,)),
    (Mode.LOCKDOWN, Input.END_LOCKDOWN): (Mode.LOCKED, (Effect.JOURNAL_LOCKDOWN_ENDED,)),
    (Mode.LOCKED, Input.FIRE): (Mode.FIRE, (Effect.JOURNAL_FIRE_STARTED,)),
    (Mode.RELEASED, Input.FIRE): (Mode.FIRE, (Effect.STOP_RELEASE_TIMER, Effect.JOURNAL_FIRE_STARTED)),
    (Mode.HOLD_OPEN, Input.FIRE): (
        Mode.FIRE,
        (Effect.STOP_HOLD_OPEN_TIMER, Effect.JOURNAL_FIRE_STARTED, Effect.JOURNAL_HOLD_OPEN_ENDED),
    ),
    (Mode.LOCKDOWN, Input.FIRE): (Mode.FIRE_IN_LOCKDOWN, (Effect.JOURNAL_FIRE_STARTED,)),
    (Mode.FIRE, Input.LOCKDOWN): (Mode.FIRE_IN_LOCKDOWN, (Effect.JOURNAL_LOCKDOWN_STARTED,)),
    (Mode.FIRE_IN_LOCKDOWN, Input.LOCKDOWN): (Mode.FIRE_IN_LOCKDOWN, ()),
    (Mode.FIRE_IN_LOCKDOWN, Input.END_LOCKDOWN): (Mode.FIRE, (Effect.JOURNAL_LOCKDOWN_ENDED,)),
    # Whether a pulse ran out meanwhile is not known here, so the lock is secured and said to be.
    (Mode.FIRE, Input.FIRE_ENDED): (
        Mode.LOCKED,
        (Effect.SECURE_LOCK, Effect.JOURNAL_LOCKED, Effect.JOURNAL_FIRE_ENDED),
    ),
    (Mode.FIRE_IN_LOCKDOWN, Input.FIRE_ENDED): (
        Mode.LOCKDOWN,
        (Effect.SECURE_LOCK, Effect.JOURNAL_LOCKED, Effect.JOURNAL_FIRE_ENDED),
    ),
}
"""What inputs other than the contact's do to the mode. A command that is not here is refused."""

FIRE_MODES = frozenset({Mode.FIRE, Mode.FIRE_IN_LOCKDOWN})
STANDING_MODES = FIRE_MODES | {Mode.HOLD_OPEN}
"""Modes in which the door may stand open for as long as it likes, and no opening is forced."""


def _row(state: State, happened: Input) -> tuple[State, Effects]:
    match happened:
        case Input.OPENED | Input.OPENED_STAFFED:
            return _opened(state, staffed=happened is Input.OPENED_STAFFED)
        case Input.CLOSED:
            return _closed(state)
        case Input.HELD_TIMEOUT:
            if state.contact is Contact.OPEN and state.mode not in STANDING_MODES:
                return replace(state, contact=Contact.HELD), (Effect.JOURNAL_HELD,)
            return state, ()
        case Input.EXIT_ENDED:
            return replace(state, leaving=False), ()
        case Input.EXIT_REQUEST | Input.EXIT_REQUEST_DRIVING:
            after, effects = _mode_changed(replace(state, leaving=True), happened)
            return after, (Effect.JOURNAL_EXIT_REQUESTED, *effects, Effect.START_EXIT_TIMER)
        case Input.RELEASE_ENDED:
            after, effects = _mode_changed(state, happened)
            if state.mode is Mode.RELEASED and state.contact is Contact.CLOSED:
                effects += (Effect.JOURNAL_UNUSED,)
            return after, effects
        case _:
            return _mode_changed(state, happened)


def _mode_changed(state: State, happened: Input) -> tuple[State, Effects]:
    nothing = (Effect.REFUSE,) if happened in COMMANDS else ()
    mode, effects = MODE_CHANGES.get((state.mode, happened), (state.mode, nothing))
    after = replace(state, mode=mode)
    if state.mode not in STANDING_MODES and mode in STANDING_MODES:
        match state.contact:
            case Contact.OPEN:
                effects += (Effect.STOP_HELD_TIMER,)
            case Contact.HELD:
                after = replace(after, contact=Contact.OPEN)
            case _:
                pass
    elif state.mode in STANDING_MODES and mode not in STANDING_MODES and state.contact is Contact.OPEN:
        effects += (Effect.START_HELD_TIMER,)
    return after, effects


def _opened(state: State, *, staffed: bool) -> tuple[State, Effects]:
    if state.contact is not Contact.CLOSED:
        return state, ()  # edges coalesce: it was shut and open again before anyone looked
    stop = (Effect.STOP_EXIT_TIMER,) if state.leaving else ()
    opened = replace(state, contact=Contact.OPEN, leaving=False)
    if state.mode in STANDING_MODES:
        return opened, (*stop, Effect.JOURNAL_OPENED)
    if state.mode is Mode.RELEASED:
        return replace(opened, mode=Mode.LOCKED), (
            Effect.SECURE_LOCK,
            Effect.STOP_RELEASE_TIMER,
            *stop,
            Effect.START_HELD_TIMER,
            Effect.JOURNAL_OPENED,
            Effect.JOURNAL_LOCKED,
        )
    # In a lockdown the hours do not count: whoever opens the door then has not been let in.
    if state.leaving or (staffed and state.mode is Mode.LOCKED):
        return opened, (*stop, Effect.START_HELD_TIMER, Effect.JOURNAL_OPENED)
    return replace(opened, contact=Contact.FORCED), (Effect.JOURNAL_FORCED,)


def _closed(state: State) -> tuple[State, Effects]:
    if state.contact is Contact.CLOSED:
        return state, ()
    timed = state.contact is Contact.OPEN and state.mode not in STANDING_MODES
    stop = (Effect.STOP_HELD_TIMER,) if timed else ()
    return replace(state, contact=Contact.CLOSED), (*stop, Effect.JOURNAL_CLOSED)


STATES: tuple[State, ...] = tuple(State(*parts) for parts in product(Mode, Contact, (False, True)))

TRANSITIONS: Mapping[tuple[State, Input], tuple[State, Effects]] = {
    (state, happened): _row(state, happened) for state in STATES for happened in Input
}


def step(state: State, happened: Input) -> tuple[State, Effects]:
    """The row for this pair: the state after it, and what to do, in order."""
    return TRANSITIONS[state, happened]


def start(*, contact_open: bool, lockdown: bool = False) -> tuple[State, Effects]:
    """The state to begin in, and what to do first. Whatever the contact shows is taken without alarm.

    lockdown: one was begun before the restart and not ended. A hold-open is never taken up again.
    """
    mode = Mode.LOCKDOWN if lockdown else Mode.LOCKED
    if contact_open:
        return State(mode, Contact.OPEN), (Effect.SECURE_LOCK, Effect.START_HELD_TIMER)
    return State(mode, Contact.CLOSED), (Effect.SECURE_LOCK,)


def rows() -> Iterator[tuple[State, Input, State, Effects]]:
    """Every row, in the order of states and inputs, for the documents."""
    for (state, happened), (after, effects) in TRANSITIONS.items():
        yield state, happened, after, effects
