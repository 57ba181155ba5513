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
  it, and each time with a timer. In a lockdown or a fire nothing releases it. In an evacuation nobody is
  let in; whoever asks to get out is.
- Away from a release or HOLD_OPEN the lock is secured before anything else is done. The one exception is
  fire: the release then belongs to the hard wiring, and we leave the lock alone until the fire is over
  (the driver's own deadline still ends what was begun).
- An opening uses up what made it expected: the lock is secured as soon as the leaf is away from it.
- No emergency ends another: what was begun goes on until it is itself ended.
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
    EVACUATION = "evacuation"
    LETTING_OUT = "letting out in evacuation"
    EVACUATION_IN_LOCKDOWN = "evacuation in lockdown"
    FIRE = "fire"
    FIRE_IN_LOCKDOWN = "fire in lockdown"
    FIRE_IN_EVACUATION = "fire in evacuation"
    FIRE_IN_EVACUATION_IN_LOCKDOWN = "fire in evacuation in lockdown"


class Emergency(Enum):
    """What lets nobody in for as long as it lasts. Several can be in force together."""

    LOCKDOWN = auto()
    EVACUATION = auto()
    FIRE = auto()


LEAVE = frozenset({Emergency.EVACUATION, Emergency.FIRE})
"""In these whoever is inside shall leave."""

IN_FORCE: Mapping[Mode, frozenset[Emergency]] = {
    Mode.LOCKED: frozenset(),
    Mode.RELEASED: frozenset(),
    Mode.HOLD_OPEN: frozenset(),
    Mode.LOCKDOWN: frozenset({Emergency.LOCKDOWN}),
    Mode.EVACUATION: frozenset({Emergency.EVACUATION}),
    Mode.LETTING_OUT: frozenset({Emergency.EVACUATION}),
    Mode.EVACUATION_IN_LOCKDOWN: frozenset({Emergency.EVACUATION, Emergency.LOCKDOWN}),
    Mode.FIRE: frozenset({Emergency.FIRE}),
    Mode.FIRE_IN_LOCKDOWN: frozenset({Emergency.FIRE, Emergency.LOCKDOWN}),
    Mode.FIRE_IN_EVACUATION: frozenset({Emergency.FIRE, Emergency.EVACUATION}),
    Mode.FIRE_IN_EVACUATION_IN_LOCKDOWN: frozenset(Emergency),
}
"""The emergencies of each mode."""


class Contact(StrEnum):
    """What the leaf does: shut, open, open so long that a warning is given, open for too long, or opened with
    nobody granted or leaving."""

    CLOSED = "closed"
    OPEN = "open"
    WARNED = "warned"
    HELD = "held"
    FORCED = "forced"


class Input(StrEnum):
    """What can happen."""

    GRANT = "grant"
    """A decision to let somebody in: a card's, or a member of staff's."""
    LET_OUT = "let out"
    """The same to let somebody out, where there is a reader inside."""
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
    HELD_WARNING = "open for long"
    HELD_TIMEOUT = "open too long"
    HOLD_OPEN = "hold open"
    HOLD_OPEN_ENDED = "hold-open ended"
    """Its deadline, or staff before it."""
    LOCKDOWN = "lockdown"
    END_LOCKDOWN = "end lockdown"
    EVACUATE = "evacuate"
    END_EVACUATION = "end evacuation"
    FIRE = "fire"
    FIRE_ENDED = "fire ended"


COMMANDS = frozenset(
    {
        Input.GRANT,
        Input.LET_OUT,
        Input.HOLD_OPEN,
        Input.LOCKDOWN,
        Input.END_LOCKDOWN,
        Input.EVACUATE,
        Input.END_EVACUATION,
    }
)
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
    START_WARNING_TIMER = (
        auto()
    )  # held_warning_s, then HELD_WARNING; left out by the service where none is set
    STOP_WARNING_TIMER = auto()
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
    JOURNAL_HELD_WARNING = auto()
    JOURNAL_HELD = auto()
    JOURNAL_UNUSED = auto()  # left out by the service where no contact is fitted: nobody knows then
    JOURNAL_EXIT_REQUESTED = auto()
    JOURNAL_HOLD_OPEN_STARTED = auto()
    JOURNAL_HOLD_OPEN_ENDED = auto()
    JOURNAL_LOCKDOWN_STARTED = auto()
    JOURNAL_LOCKDOWN_ENDED = auto()
    JOURNAL_EVACUATION_STARTED = auto()
    JOURNAL_EVACUATION_ENDED = auto()
    JOURNAL_FIRE_STARTED = auto()
    JOURNAL_FIRE_ENDED = auto()


JOURNALLED: Mapping[Effect, EventType] = {
    Effect.JOURNAL_UNLOCKED: EventType.DOOR_UNLOCKED,
    Effect.JOURNAL_LOCKED: EventType.DOOR_LOCKED,
    Effect.JOURNAL_OPENED: EventType.DOOR_OPENED,
    Effect.JOURNAL_CLOSED: EventType.DOOR_CLOSED,
    Effect.JOURNAL_FORCED: EventType.DOOR_FORCED,
    Effect.JOURNAL_HELD_WARNING: EventType.DOOR_HELD_WARNING,
    Effect.JOURNAL_HELD: EventType.DOOR_HELD,
    Effect.JOURNAL_UNUSED: EventType.DOOR_UNUSED,
    Effect.JOURNAL_EXIT_REQUESTED: EventType.EXIT_REQUESTED,
    Effect.JOURNAL_HOLD_OPEN_STARTED: EventType.DOOR_HOLD_OPEN_STARTED,
    Effect.JOURNAL_HOLD_OPEN_ENDED: EventType.DOOR_HOLD_OPEN_ENDED,
    Effect.JOURNAL_LOCKDOWN_STARTED: EventType.LOCKDOWN_STARTED,
    Effect.JOURNAL_LOCKDOWN_ENDED: EventType.LOCKDOWN_ENDED,
    Effect.JOURNAL_EVACUATION_STARTED: EventType.EVACUATION_STARTED,
    Effect.JOURNAL_EVACUATION_ENDED: EventType.EVACUATION_ENDED,
    Effect.JOURNAL_FIRE_STARTED: EventType.FIRE_STARTED,
    Effect.JOURNAL_FIRE_ENDED: EventType.FIRE_ENDED,
}
"""The event that each JOURNAL effect writes."""

Effects = tuple[Effect, ...]
Change = tuple[Mode, Effects]


@dataclass(frozen=True, slots=True)
class State:
    """The whole state of a door."""

    mode: Mode
    contact: Contact
    leaving: bool = False


RELEASED_IN: Mapping[Mode, Mode] = {Mode.LOCKED: Mode.RELEASED, Mode.EVACUATION: Mode.LETTING_OUT}
"""Modes in which the lock can be released for a pulse, and the mode while it is."""
RESTING_AFTER: Mapping[Mode, Mode] = {released: resting for resting, released in RELEASED_IN.items()}
"""Modes of a pulse, and what they come back to."""
RELEASING_MODES = frozenset({*RESTING_AFTER, Mode.HOLD_OPEN})
"""Modes in which we release the lock."""
RESTING: Mapping[frozenset[Emergency], Mode] = {
    in_force: mode for mode, in_force in IN_FORCE.items() if mode not in RELEASING_MODES
}
"""The mode of each set of emergencies while nothing is released by us."""
FIRE_MODES = frozenset(mode for mode, in_force in IN_FORCE.items() if Emergency.FIRE in in_force)
"""Modes in which the lock is left to the wiring."""
STANDING_MODES = frozenset(
    mode
    for mode, in_force in IN_FORCE.items()
    if mode is Mode.HOLD_OPEN or in_force & {Emergency.FIRE, Emergency.EVACUATION}
)
"""Modes in which the door may stand open for as long as it likes, and no opening is forced."""

RELEASE_FOR_A_GRANT = (Effect.RELEASE_FOR_GRANT, Effect.START_RELEASE_TIMER, Effect.JOURNAL_UNLOCKED)
RELEASE_FOR_AN_EXIT = (Effect.RELEASE_FOR_EXIT, Effect.START_RELEASE_TIMER, Effect.JOURNAL_UNLOCKED)
HOLD_IT_OPEN = (
    Effect.JOURNAL_HOLD_OPEN_STARTED,
    Effect.RELEASE_FOR_HOLD_OPEN,
    Effect.START_HOLD_OPEN_TIMER,
    Effect.JOURNAL_UNLOCKED,
)
BEGINNINGS: Mapping[Input, tuple[Emergency, Effect]] = {
    Input.LOCKDOWN: (Emergency.LOCKDOWN, Effect.JOURNAL_LOCKDOWN_STARTED),
    Input.EVACUATE: (Emergency.EVACUATION, Effect.JOURNAL_EVACUATION_STARTED),
    Input.FIRE: (Emergency.FIRE, Effect.JOURNAL_FIRE_STARTED),
}
ENDINGS: Mapping[Input, tuple[Emergency, Effect]] = {
    Input.END_LOCKDOWN: (Emergency.LOCKDOWN, Effect.JOURNAL_LOCKDOWN_ENDED),
    Input.END_EVACUATION: (Emergency.EVACUATION, Effect.JOURNAL_EVACUATION_ENDED),
    Input.FIRE_ENDED: (Emergency.FIRE, Effect.JOURNAL_FIRE_ENDED),
}


def _released() -> Iterator[tuple[tuple[Mode, Input], Change]]:
    """What releases the lock, and how that ends by itself."""
    for resting, released in RELEASED_IN.items():
        # A request while the lock is released already is another person's, with a pulse of its own.
        for mode in (resting, released):
            yield (mode, Input.LET_OUT), (released, RELEASE_FOR_A_GRANT)
            yield (mode, Input.EXIT_REQUEST_DRIVING), (released, RELEASE_FOR_AN_EXIT)
        yield (released, Input.RELEASE_ENDED), (resting, (Effect.SECURE_LOCK, Effect.JOURNAL_LOCKED))
    for mode in (Mode.LOCKED, Mode.RELEASED):
        yield (mode, Input.GRANT), (Mode.RELEASED, RELEASE_FOR_A_GRANT)
    # Staff may hold the door open again: the deadline moves.
    for mode in (Mode.LOCKED, Mode.HOLD_OPEN):
        yield (mode, Input.HOLD_OPEN), (Mode.HOLD_OPEN, HOLD_IT_OPEN)
    yield (Mode.RELEASED, Input.HOLD_OPEN), (Mode.HOLD_OPEN, (*HOLD_IT_OPEN, Effect.STOP_RELEASE_TIMER))
    yield (
        (Mode.HOLD_OPEN, Input.HOLD_OPEN_ENDED),
        (
            Mode.LOCKED,
            (
                Effect.SECURE_LOCK,
                Effect.STOP_HOLD_OPEN_TIMER,
                Effect.JOURNAL_LOCKED,
                Effect.JOURNAL_HOLD_OPEN_ENDED,
            ),
        ),
    )
    for mode in Mode:
        # Whoever asks finds it released: by staff, or by the wiring.
        if mode is Mode.HOLD_OPEN:
            yield (mode, Input.GRANT), (mode, ())
        if mode is Mode.HOLD_OPEN or mode in FIRE_MODES:
            yield (mode, Input.LET_OUT), (mode, ())


def _begun(mode: Mode, happened: Input) -> Change:
    emergency, journal = BEGINNINGS[happened]
    if emergency in IN_FORCE[mode]:
        # Asked for twice, it is carried out twice: whoever presses again has a reason to. Not while somebody
        # is let out, and not in a fire, when the lock is not ours.
        again = happened in COMMANDS and mode not in RELEASING_MODES | FIRE_MODES
        return mode, (Effect.SECURE_LOCK,) if again else ()
    after = RESTING[IN_FORCE[mode] | {emergency}]
    stop: Effects = ()
    if mode in RESTING_AFTER:
        stop = (Effect.STOP_RELEASE_TIMER,)
    elif mode is Mode.HOLD_OPEN:
        stop = (Effect.STOP_HOLD_OPEN_TIMER,)
    ended = (Effect.JOURNAL_HOLD_OPEN_ENDED,) if mode is Mode.HOLD_OPEN else ()
    if after in FIRE_MODES:
        return after, (*stop, journal, *ended)
    locked = (Effect.JOURNAL_LOCKED,) if stop else ()
    return after, (Effect.SECURE_LOCK, *stop, *locked, *ended, journal)


def _ended(mode: Mode, happened: Input) -> Change:
    emergency, journal = ENDINGS[happened]
    if emergency not in IN_FORCE[mode]:
        return mode, (Effect.REFUSE,) if happened in COMMANDS else ()
    if mode is Mode.LETTING_OUT:
        return Mode.RELEASED, (journal,)  # for what is left of the pulse
    after = RESTING[IN_FORCE[mode] - {emergency}]
    if mode in FIRE_MODES and after not in FIRE_MODES:
        # Whether a pulse ran out meanwhile is not known here, so the lock is secured and said to be.
        return after, (Effect.SECURE_LOCK, Effect.JOURNAL_LOCKED, journal)
    return after, (journal,)


MODE_CHANGES: Mapping[tuple[Mode, Input], Change] = {
    **dict(_released()),
    **{(mode, happened): _begun(mode, happened) for mode, happened in product(Mode, BEGINNINGS)},
    **{(mode, happened): _ended(mode, happened) for mode, happened in product(Mode, ENDINGS)},
}
"""What inputs other than the contact's do to the mode. A command that is not here is refused."""


def _row(state: State, happened: Input) -> tuple[State, Effects]:
    match happened:
        case Input.OPENED | Input.OPENED_STAFFED:
            return _opened(state, staffed=happened is Input.OPENED_STAFFED)
        case Input.CLOSED:
            return _closed(state)
        case Input.HELD_WARNING:
            if state.contact is Contact.OPEN and state.mode not in STANDING_MODES:
                return replace(state, contact=Contact.WARNED), (Effect.JOURNAL_HELD_WARNING,)
            return state, ()
        case Input.HELD_TIMEOUT:
            if state.contact in OPEN_TIMERS and state.mode not in STANDING_MODES:
                stop = (Effect.STOP_WARNING_TIMER,) if state.contact is Contact.OPEN else ()
                return replace(state, contact=Contact.HELD), (*stop, Effect.JOURNAL_HELD)
            return state, ()
        case Input.EXIT_ENDED:
            return replace(state, leaving=False), ()
        case Input.EXIT_REQUEST | Input.EXIT_REQUEST_DRIVING:
            after, effects = _mode_changed(replace(state, leaving=True), happened)
            return after, (Effect.JOURNAL_EXIT_REQUESTED, *effects, Effect.START_EXIT_TIMER)
        case Input.RELEASE_ENDED:
            after, effects = _mode_changed(state, happened)
            if state.mode in RESTING_AFTER and state.contact is Contact.CLOSED:
                effects += (Effect.JOURNAL_UNUSED,)
            return after, effects
        case _:
            return _mode_changed(state, happened)


START_OPEN_TIMERS = (Effect.START_WARNING_TIMER, Effect.START_HELD_TIMER)
OPEN_TIMERS: Mapping[Contact, Effects] = {
    Contact.OPEN: (Effect.STOP_WARNING_TIMER, Effect.STOP_HELD_TIMER),
    Contact.WARNED: (Effect.STOP_HELD_TIMER,),
}
"""What stops the timers that run while the leaf is so, where it may not stand open."""


def _mode_changed(state: State, happened: Input) -> tuple[State, Effects]:
    nothing = (Effect.REFUSE,) if happened in COMMANDS else ()
    mode, effects = MODE_CHANGES.get((state.mode, happened), (state.mode, nothing))
    after = replace(state, mode=mode)
    if state.mode not in STANDING_MODES and mode in STANDING_MODES:
        effects += OPEN_TIMERS.get(state.contact, ())
        if state.contact in (Contact.WARNED, Contact.HELD):
            after = replace(after, contact=Contact.OPEN)
    elif state.mode in STANDING_MODES and mode not in STANDING_MODES and state.contact is Contact.OPEN:
        effects += START_OPEN_TIMERS
    return after, effects


def _opened(state: State, *, staffed: bool) -> tuple[State, Effects]:
    if state.contact is not Contact.CLOSED:
        return state, ()  # edges coalesce: it was shut and open again before anyone looked
    secure: Effects = ()
    locked: Effects = ()
    opened = replace(state, contact=Contact.OPEN, leaving=False)
    if state.mode in RESTING_AFTER:
        opened = replace(opened, mode=RESTING_AFTER[state.mode])
        secure, locked = (Effect.SECURE_LOCK, Effect.STOP_RELEASE_TIMER), (Effect.JOURNAL_LOCKED,)
    stop = (Effect.STOP_EXIT_TIMER,) if state.leaving else ()
    if state.mode in STANDING_MODES:
        return opened, (*secure, *stop, Effect.JOURNAL_OPENED, *locked)
    # In a lockdown the hours do not count: whoever opens the door then has not been let in.
    if state.leaving or state.mode is Mode.RELEASED or (staffed and state.mode is Mode.LOCKED):
        return opened, (*secure, *stop, *START_OPEN_TIMERS, Effect.JOURNAL_OPENED, *locked)
    return replace(opened, contact=Contact.FORCED), (Effect.JOURNAL_FORCED,)


def _closed(state: State) -> tuple[State, Effects]:
    if state.contact is Contact.CLOSED:
        return state, ()
    stop = () if state.mode in STANDING_MODES else OPEN_TIMERS.get(state.contact, ())
    return replace(state, contact=Contact.CLOSED), (*stop, Effect.JOURNAL_CLOSED)


STATES: tuple[State, ...] = tuple(State(*parts) for parts in product(Mode, Contact, (False, True)))

TRANSITIONS: Mapping[tuple[State, Input], tuple[State, Effects]] = {
    (state, happened): _row(state, happened) for state in STATES for happened in Input
}


def step(state: State, happened: Input) -> tuple[State, Effects]:
    """The row for this pair: the state after it, and what to do, in order."""
    return TRANSITIONS[state, happened]


def start(*, contact_open: bool, lockdown: bool = False, evacuation: bool = False) -> tuple[State, Effects]:
    """The state to begin in, and what to do first. Whatever the contact shows is taken without alarm.

    lockdown, evacuation: one was begun before the restart and not ended. A hold-open is never taken up again.
    """
    begun = {Emergency.LOCKDOWN: lockdown, Emergency.EVACUATION: evacuation}
    mode = RESTING[frozenset(emergency for emergency, in_force in begun.items() if in_force)]
    if not contact_open:
        return State(mode, Contact.CLOSED), (Effect.SECURE_LOCK,)
    timers = () if mode in STANDING_MODES else START_OPEN_TIMERS
    return State(mode, Contact.OPEN), (Effect.SECURE_LOCK, *timers)


def rows() -> Iterator[tuple[State, Input, State, Effects]]:
    """Every row, in the order of states and inputs, for the documents."""
    for (state, happened), (after, effects) in TRANSITIONS.items():
        yield state, happened, after, effects
