"""The door's table, row by row and as a whole: what no sequence of inputs can bring about."""

from collections import deque
from dataclasses import dataclass, replace
from itertools import product

import pytest

from controller.core.door import (
    COMMANDS,
    IN_FORCE,
    JOURNALLED,
    STATES,
    TRANSITIONS,
    Contact,
    Effect,
    Effects,
    Emergency,
    Input,
    Mode,
    State,
    rows,
    start,
    step,
)

RELEASES = {Effect.RELEASE_FOR_GRANT, Effect.RELEASE_FOR_EXIT, Effect.RELEASE_FOR_HOLD_OPEN}
PULSE_MODES = {Mode.RELEASED, Mode.LETTING_OUT}
RELEASED_MODES = PULSE_MODES | {Mode.HOLD_OPEN}
FIRE_MODES = {
    Mode.FIRE,
    Mode.FIRE_IN_LOCKDOWN,
    Mode.FIRE_IN_EVACUATION,
    Mode.FIRE_IN_EVACUATION_IN_LOCKDOWN,
}
LOCKDOWN_MODES = {
    Mode.LOCKDOWN,
    Mode.EVACUATION_IN_LOCKDOWN,
    Mode.FIRE_IN_LOCKDOWN,
    Mode.FIRE_IN_EVACUATION_IN_LOCKDOWN,
}
EVACUATION_MODES = {
    Mode.EVACUATION,
    Mode.LETTING_OUT,
    Mode.EVACUATION_IN_LOCKDOWN,
    Mode.FIRE_IN_EVACUATION,
    Mode.FIRE_IN_EVACUATION_IN_LOCKDOWN,
}
EMERGENCY_MODES = LOCKDOWN_MODES | EVACUATION_MODES | FIRE_MODES
SECURED_MODES = set(Mode) - RELEASED_MODES - FIRE_MODES
STANDING = FIRE_MODES | EVACUATION_MODES | {Mode.HOLD_OPEN}
BEGIN_AND_END = {
    "LOCKDOWN": (Input.LOCKDOWN, Input.END_LOCKDOWN, LOCKDOWN_MODES),
    "EVACUATION": (Input.EVACUATE, Input.END_EVACUATION, EVACUATION_MODES),
    "FIRE": (Input.FIRE, Input.FIRE_ENDED, FIRE_MODES),
}
OPENINGS = {Input.OPENED, Input.OPENED_STAFFED}
ROWS = list(rows())


@dataclass(frozen=True, slots=True)
class World:
    """What the effects have done so far, as an onlooker would note it."""

    state: State
    lock_released: bool = False
    timers: frozenset[str] = frozenset()
    begun: frozenset[str] = frozenset()
    journal_says_unlocked: bool = False
    journal_says_open: bool = False


def carried_out(world: World, effects: Effects) -> World:
    for effect in effects:
        kind, _, what = effect.name.partition("_")
        match kind:
            case "RELEASE":
                world = replace(world, lock_released=True)
            case "SECURE":
                world = replace(world, lock_released=False)
            case "START":
                world = replace(world, timers=world.timers | {what})
            case "STOP":
                assert what in world.timers, f"{effect} stops what does not run"
                world = replace(world, timers=world.timers - {what})
            case "JOURNAL":
                world = journalled(world, what)
            case _:
                assert effect is Effect.REFUSE
    return world


def journalled(world: World, what: str) -> World:
    match what:
        case "UNLOCKED" | "LOCKED":
            return replace(world, journal_says_unlocked=what == "UNLOCKED")
        case "OPENED" | "FORCED" | "CLOSED":
            assert world.journal_says_open is (what == "CLOSED"), f"{what} twice"
            return replace(world, journal_says_open=what != "CLOSED")
        case "FIRE_STARTED" | "LOCKDOWN_STARTED" | "EVACUATION_STARTED" | "HOLD_OPEN_STARTED":
            begun = what.removesuffix("_STARTED")
            # Staff may move the deadline of a hold-open by beginning it again.
            assert begun not in world.begun or begun == "HOLD_OPEN", f"{what} twice"
            return replace(world, begun=world.begun | {begun})
        case "FIRE_ENDED" | "LOCKDOWN_ENDED" | "EVACUATION_ENDED" | "HOLD_OPEN_ENDED":
            ended = what.removesuffix("_ENDED")
            assert ended in world.begun, f"{what} without a beginning"
            return replace(world, begun=world.begun - {ended})
    return world


TIMER_OF = {
    Input.RELEASE_ENDED: "RELEASE_TIMER",
    Input.EXIT_ENDED: "EXIT_TIMER",
    Input.HELD_WARNING: "WARNING_TIMER",
    Input.HELD_TIMEOUT: "HELD_TIMER",
    Input.HOLD_OPEN_ENDED: "HOLD_OPEN_TIMER",
}


def every_world() -> list[World]:
    """Everything that any sequence of inputs can lead to, from every start.

    An input that a timer brings comes while the timer runs, and ends it; staff end a hold-open at any time.
    """
    first = []
    for contact_open, lockdown, evacuation in product((False, True), repeat=3):
        state, effects = start(contact_open=contact_open, lockdown=lockdown, evacuation=evacuation)
        begun = frozenset(({"LOCKDOWN"} if lockdown else set()) | ({"EVACUATION"} if evacuation else set()))
        first.append(carried_out(World(state, begun=begun, journal_says_open=contact_open), effects))
    seen, waiting = set(first), deque(first)
    while waiting:
        world = waiting.popleft()
        for happened in Input:
            timer = TIMER_OF.get(happened)
            if timer and happened is not Input.HOLD_OPEN_ENDED:
                if timer not in world.timers:
                    continue
                begin = replace(world, timers=world.timers - {timer})
            else:
                begin = world
            state, effects = step(world.state, happened)
            after = replace(carried_out(begin, effects), state=state)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return list(seen)


WORLDS = every_world()


def test_every_pair_of_a_state_and_an_input_has_a_row() -> None:
    assert set(TRANSITIONS) == set(product(STATES, Input))
    assert set(STATES) == {State(*parts) for parts in product(Mode, Contact, (False, True))}
    assert {after for after, _ in TRANSITIONS.values()} <= set(STATES)
    assert len(ROWS) == len(TRANSITIONS) == 110 * 19


def test_rows_are_the_table() -> None:
    assert {(state, happened): (after, effects) for state, happened, after, effects in ROWS} == dict(
        TRANSITIONS
    )


def test_facts_are_never_refused_and_a_refused_command_does_nothing_else() -> None:
    for state, happened, after, effects in ROWS:
        if Effect.REFUSE in effects:
            assert happened in COMMANDS, (state, happened)
            assert (after, effects) == (state, (Effect.REFUSE,)), (state, happened)


def test_which_commands_are_refused() -> None:
    refused = {(state.mode, happened) for state, happened, _, effects in ROWS if Effect.REFUSE in effects}
    assert refused == {
        *product(EMERGENCY_MODES, (Input.GRANT, Input.HOLD_OPEN)),
        *product({Mode.LOCKDOWN, Mode.EVACUATION_IN_LOCKDOWN}, (Input.LET_OUT,)),
        *product(set(Mode) - LOCKDOWN_MODES, (Input.END_LOCKDOWN,)),
        *product(set(Mode) - EVACUATION_MODES, (Input.END_EVACUATION,)),
    }


def test_every_mode_says_which_emergencies_are_in_force() -> None:
    for emergency in Emergency:
        _, _, modes = BEGIN_AND_END[emergency.name]
        assert {mode for mode, in_force in IN_FORCE.items() if emergency in in_force} == modes


def test_nothing_releases_the_lock_in_a_lockdown_or_a_fire() -> None:
    for state, happened, after, effects in ROWS:
        if {state.mode, after.mode} & (LOCKDOWN_MODES | FIRE_MODES):
            assert not RELEASES.intersection(effects), (state, happened)


def test_nobody_is_let_in_during_an_evacuation() -> None:
    for state, happened, after, effects in ROWS:
        if {state.mode, after.mode} & EVACUATION_MODES and RELEASES.intersection(effects):
            assert happened in (Input.LET_OUT, Input.EXIT_REQUEST_DRIVING), (state, happened)


LET_GO = {
    Effect.RELEASE_FOR_GRANT: {
        (Input.GRANT, Mode.RELEASED),
        (Input.LET_OUT, Mode.RELEASED),
        (Input.LET_OUT, Mode.LETTING_OUT),
    },
    Effect.RELEASE_FOR_EXIT: {
        (Input.EXIT_REQUEST_DRIVING, Mode.RELEASED),
        (Input.EXIT_REQUEST_DRIVING, Mode.LETTING_OUT),
    },
    Effect.RELEASE_FOR_HOLD_OPEN: {(Input.HOLD_OPEN, Mode.HOLD_OPEN)},
}


def test_only_a_grant_a_driving_exit_request_and_a_hold_open_release_it_and_always_with_a_timer() -> None:
    seen = set()
    for state, happened, after, effects in ROWS:
        released = [effect for effect in effects if effect in RELEASES]
        if not released:
            continue
        (release,) = released
        assert (happened, after.mode) in LET_GO[release], (state, happened)
        seen.add((release, happened, after.mode))
        timer = Effect.START_HOLD_OPEN_TIMER if after.mode is Mode.HOLD_OPEN else Effect.START_RELEASE_TIMER
        assert timer in effects, (state, happened)
        assert Effect.JOURNAL_UNLOCKED in effects, (state, happened)
    assert seen == {(release, *how) for release, ways in LET_GO.items() for how in ways}


def test_every_release_ends_by_its_own_timer_and_by_the_beginning_of_every_emergency() -> None:
    for state in STATES:
        if state.mode in PULSE_MODES:
            after, effects = step(state, Input.RELEASE_ENDED)
        elif state.mode is Mode.HOLD_OPEN:
            after, effects = step(state, Input.HOLD_OPEN_ENDED)
        else:
            continue
        assert after.mode in SECURED_MODES, state
        assert effects[0] is Effect.SECURE_LOCK, state
        for begins, _, modes in BEGIN_AND_END.values():
            if state.mode in modes:
                continue
            after, effects = step(state, begins)
            assert after.mode not in RELEASED_MODES, (state, begins)
            assert (effects[0] is Effect.SECURE_LOCK) is (begins is not Input.FIRE), (state, begins)


def test_securing_comes_before_everything_else() -> None:
    for state, happened, after, effects in ROWS:
        if state.mode in RELEASED_MODES and after.mode in SECURED_MODES:
            assert effects[0] is Effect.SECURE_LOCK, (state, happened)
        assert Effect.SECURE_LOCK not in effects[1:], (state, happened)


def test_the_decision_to_hold_open_is_journalled_before_the_lock_moves() -> None:
    for _, _, _, effects in ROWS:
        if Effect.RELEASE_FOR_HOLD_OPEN in effects:
            assert effects.index(Effect.JOURNAL_HOLD_OPEN_STARTED) < effects.index(
                Effect.RELEASE_FOR_HOLD_OPEN
            )
        if Effect.RELEASE_FOR_EXIT in effects:
            assert effects.index(Effect.JOURNAL_EXIT_REQUESTED) < effects.index(Effect.RELEASE_FOR_EXIT)


def test_an_opening_is_forced_exactly_when_nobody_was_granted_and_nobody_asked() -> None:
    for state, happened, after, effects in ROWS:
        forced = (
            state.contact is Contact.CLOSED
            and not state.leaving
            and (
                (happened is Input.OPENED and state.mode in SECURED_MODES - STANDING)
                or (happened is Input.OPENED_STAFFED and state.mode is Mode.LOCKDOWN)
            )
        )
        assert (Effect.JOURNAL_FORCED in effects) is forced, (state, happened)
        if forced:
            assert after.contact is Contact.FORCED
        elif state.contact is not Contact.FORCED:
            assert after.contact is not Contact.FORCED


def test_every_opening_and_closing_is_journalled_once_and_uses_up_what_made_it_expected() -> None:
    for state, happened, after, effects in ROWS:
        opens = happened in OPENINGS and state.contact is Contact.CLOSED
        assert effects.count(Effect.JOURNAL_OPENED) + effects.count(Effect.JOURNAL_FORCED) == opens
        closes = happened is Input.CLOSED and state.contact is not Contact.CLOSED
        assert effects.count(Effect.JOURNAL_CLOSED) == closes
        if opens:
            assert not after.leaving, (state, happened)
            assert after.mode not in PULSE_MODES, (state, happened)


def test_the_contact_always_shows_what_the_leaf_did_last() -> None:
    for state, happened, after, _ in ROWS:
        if happened in OPENINGS:
            assert after.contact is not Contact.CLOSED
        elif happened is Input.CLOSED:
            assert after.contact is Contact.CLOSED
        else:
            assert (after.contact is Contact.CLOSED) is (state.contact is Contact.CLOSED)


def test_asking_to_leave_is_remembered_in_every_state_until_the_next_opening_or_its_end() -> None:
    for state, happened, after, effects in ROWS:
        match happened:
            case Input.EXIT_REQUEST | Input.EXIT_REQUEST_DRIVING:
                assert after.leaving
                assert effects.count(Effect.JOURNAL_EXIT_REQUESTED) == 1
                assert Effect.START_EXIT_TIMER in effects
            case Input.EXIT_ENDED:
                assert not after.leaving
            case Input.OPENED | Input.OPENED_STAFFED if state.contact is Contact.CLOSED:
                assert not after.leaving
            case _:
                assert after.leaving is state.leaving


def test_asking_to_leave_moves_the_lock_only_where_it_is_set_to() -> None:
    for state in STATES:
        after, effects = step(state, Input.EXIT_REQUEST)
        assert after == replace(state, leaving=True)
        assert effects == (Effect.JOURNAL_EXIT_REQUESTED, Effect.START_EXIT_TIMER)


def test_what_happens_a_second_time_changes_nothing_more() -> None:
    again = OPENINGS | {
        Input.CLOSED,
        Input.FIRE,
        Input.FIRE_ENDED,
        Input.HELD_WARNING,
        Input.HELD_TIMEOUT,
        Input.RELEASE_ENDED,
    }
    for state, happened in product(STATES, again):
        after, _ = step(state, happened)
        assert step(after, happened) == (after, ()), (state, happened)


def test_what_the_onlooker_notes_agrees_with_the_state_wherever_it_can_get_to() -> None:
    for world in WORLDS:
        mode, contact = world.state.mode, world.state.contact
        if mode not in FIRE_MODES:  # where the wiring releases it and our last pulse may still run
            assert world.lock_released is (mode in RELEASED_MODES), world
            assert world.journal_says_unlocked is world.lock_released, world
        assert world.journal_says_open is (contact is not Contact.CLOSED), world
        expected_timers = {
            "RELEASE_TIMER": mode in PULSE_MODES,
            "HOLD_OPEN_TIMER": mode is Mode.HOLD_OPEN,
            "EXIT_TIMER": world.state.leaving,
            "WARNING_TIMER": contact is Contact.OPEN and mode not in STANDING,
            "HELD_TIMER": contact in (Contact.OPEN, Contact.WARNED) and mode not in STANDING,
        }
        assert world.timers == {timer for timer, runs in expected_timers.items() if runs}, world
        expected_begun = {
            "FIRE": mode in FIRE_MODES,
            "LOCKDOWN": mode in LOCKDOWN_MODES,
            "EVACUATION": mode in EVACUATION_MODES,
            "HOLD_OPEN": mode is Mode.HOLD_OPEN,
        }
        assert world.begun == {what for what, begun in expected_begun.items() if begun}, world


def test_every_state_can_be_reached_but_those_in_which_a_door_may_stand_open_and_is_held() -> None:
    reached = {world.state for world in WORLDS}
    assert set(STATES) - reached == {
        State(mode, contact, leaving)
        for mode, contact, leaving in product(STANDING, (Contact.WARNED, Contact.HELD), (False, True))
    }


def test_from_everywhere_the_door_can_come_back_to_rest() -> None:
    calm = (
        Input.FIRE_ENDED,
        Input.END_EVACUATION,
        Input.END_LOCKDOWN,
        Input.HOLD_OPEN_ENDED,
        Input.RELEASE_ENDED,
        Input.EXIT_ENDED,
    )
    for state in STATES:
        for happened in (*calm, Input.CLOSED):
            state, _ = step(state, happened)
        assert state == State(Mode.LOCKED, Contact.CLOSED)


def test_every_effect_is_used_and_every_journal_effect_has_a_type() -> None:
    assert {effect for *_, effects in ROWS for effect in effects} == set(Effect)
    assert set(JOURNALLED) == {effect for effect in Effect if effect.name.startswith("JOURNAL_")}
    for effect, type in JOURNALLED.items():
        assert type.name.removeprefix("DOOR_") == effect.name.removeprefix("JOURNAL_")


def test_every_sequence_of_emergencies_is_undone_one_by_one_in_any_order() -> None:
    """No emergency ends another: those are in force that were begun and not ended."""
    for contact, leaving in product(Contact, (False, True)):
        for inputs in product([*((begins, ends) for begins, ends, _ in BEGIN_AND_END.values())], repeat=2):
            (first_begins, first_ends), (second_begins, second_ends) = inputs
            if first_begins is second_begins:
                continue
            state = State(Mode.LOCKED, contact, leaving)
            for happened in (first_begins, second_begins, first_ends):
                state, _ = step(state, happened)
            assert state.mode is step(State(Mode.LOCKED, contact, leaving), second_begins)[0].mode, inputs
            state, _ = step(state, second_ends)
            assert state.mode is Mode.LOCKED, inputs


def test_each_emergency_is_journalled_when_it_begins_and_when_it_ends_and_not_again() -> None:
    for state, (name, (begins, ends, modes)) in product(STATES, BEGIN_AND_END.items()):
        started, ended = Effect[f"JOURNAL_{name}_STARTED"], Effect[f"JOURNAL_{name}_ENDED"]
        for happened in Input:
            after, effects = step(state, happened)
            assert effects.count(started) == (happened is begins and state.mode not in modes)
            assert effects.count(ended) == (happened is ends and state.mode in modes)
            in_force = happened is begins or (state.mode in modes and happened is not ends)
            assert (after.mode in modes) is in_force, (state, happened)


@pytest.mark.parametrize("evacuation", [False, True])
@pytest.mark.parametrize("lockdown", [False, True])
@pytest.mark.parametrize("contact_open", [False, True])
def test_it_starts_secured_and_without_alarm(contact_open: bool, lockdown: bool, evacuation: bool) -> None:
    state, effects = start(contact_open=contact_open, lockdown=lockdown, evacuation=evacuation)
    assert (state.mode in LOCKDOWN_MODES) is lockdown
    assert (state.mode in EVACUATION_MODES) is evacuation
    assert state.mode in SECURED_MODES
    assert state.leaving is False
    assert state.contact is (Contact.OPEN if contact_open else Contact.CLOSED)
    assert effects[0] is Effect.SECURE_LOCK
    assert not set(effects) & set(JOURNALLED)


def happened(*inputs: Input, contact_open: bool = False) -> tuple[State, list[Effect]]:
    """Where a fresh door ends up, and all that was done on the way."""
    state, _ = start(contact_open=contact_open)
    done: list[Effect] = []
    for each in inputs:
        state, effects = step(state, each)
        done += effects
    return state, done


def test_a_member_goes_in() -> None:
    state, done = happened(Input.GRANT, Input.OPENED, Input.CLOSED)
    assert state == State(Mode.LOCKED, Contact.CLOSED)
    assert done == [
        Effect.RELEASE_FOR_GRANT,
        Effect.START_RELEASE_TIMER,
        Effect.JOURNAL_UNLOCKED,
        Effect.SECURE_LOCK,
        Effect.STOP_RELEASE_TIMER,
        Effect.START_WARNING_TIMER,
        Effect.START_HELD_TIMER,
        Effect.JOURNAL_OPENED,
        Effect.JOURNAL_LOCKED,
        Effect.STOP_WARNING_TIMER,
        Effect.STOP_HELD_TIMER,
        Effect.JOURNAL_CLOSED,
    ]


def test_a_member_changes_their_mind() -> None:
    state, done = happened(Input.GRANT, Input.RELEASE_ENDED)
    assert state == State(Mode.LOCKED, Contact.CLOSED)
    assert done[3:] == [Effect.SECURE_LOCK, Effect.JOURNAL_LOCKED, Effect.JOURNAL_UNUSED]


def test_a_door_that_was_open_all_along_was_not_left_unused() -> None:
    _, done = happened(Input.GRANT, Input.RELEASE_ENDED, contact_open=True)
    assert Effect.JOURNAL_UNUSED not in done


def test_one_opening_for_one_grant() -> None:
    state, done = happened(Input.GRANT, Input.OPENED, Input.CLOSED, Input.OPENED)
    assert state.contact is Contact.FORCED
    assert done[-1] is Effect.JOURNAL_FORCED


def test_somebody_leaves_during_a_lockdown_without_an_alarm() -> None:
    state, done = happened(Input.LOCKDOWN, Input.EXIT_REQUEST, Input.OPENED, Input.CLOSED)
    assert state == State(Mode.LOCKDOWN, Contact.CLOSED)
    assert Effect.JOURNAL_FORCED not in done
    assert happened(Input.LOCKDOWN, Input.EXIT_REQUEST, Input.EXIT_ENDED, Input.OPENED)[1][-1] is (
        Effect.JOURNAL_FORCED
    )


def test_a_fire_does_not_end_a_lockdown() -> None:
    state, done = happened(
        Input.LOCKDOWN, Input.FIRE, Input.OPENED, Input.CLOSED, Input.FIRE_ENDED, Input.GRANT
    )
    assert state == State(Mode.LOCKDOWN, Contact.CLOSED)
    assert done[-1] is Effect.REFUSE
    assert Effect.JOURNAL_FORCED not in done


def test_a_fire_leaves_the_lock_alone() -> None:
    state, done = happened(Input.GRANT, Input.FIRE)
    assert state == State(Mode.FIRE, Contact.CLOSED)
    assert done[3:] == [Effect.STOP_RELEASE_TIMER, Effect.JOURNAL_FIRE_STARTED]


def test_a_door_held_open_on_purpose_counts_as_held_again_only_afterwards() -> None:
    state, done = happened(Input.HOLD_OPEN, Input.OPENED, Input.HELD_TIMEOUT)
    assert state == State(Mode.HOLD_OPEN, Contact.OPEN)
    assert Effect.JOURNAL_HELD not in done
    state, effects = step(state, Input.HOLD_OPEN_ENDED)
    assert effects[-2:] == (Effect.START_WARNING_TIMER, Effect.START_HELD_TIMER)
    assert step(state, Input.HELD_TIMEOUT)[1] == (Effect.STOP_WARNING_TIMER, Effect.JOURNAL_HELD)


def test_staff_come_in_by_their_own_key() -> None:
    state, done = happened(Input.OPENED_STAFFED, Input.CLOSED)
    assert state == State(Mode.LOCKED, Contact.CLOSED)
    assert done == [
        Effect.START_WARNING_TIMER,
        Effect.START_HELD_TIMER,
        Effect.JOURNAL_OPENED,
        Effect.STOP_WARNING_TIMER,
        Effect.STOP_HELD_TIMER,
        Effect.JOURNAL_CLOSED,
    ]


def test_a_door_left_open_is_warned_of_before_it_is_held() -> None:
    state, done = happened(Input.GRANT, Input.OPENED, Input.HELD_WARNING)
    assert state == State(Mode.LOCKED, Contact.WARNED)
    assert done[-1] is Effect.JOURNAL_HELD_WARNING
    held, effects = step(state, Input.HELD_TIMEOUT)
    assert (held, effects) == (State(Mode.LOCKED, Contact.HELD), (Effect.JOURNAL_HELD,))
    assert step(state, Input.CLOSED)[1] == (Effect.STOP_HELD_TIMER, Effect.JOURNAL_CLOSED)
    assert step(held, Input.CLOSED)[1] == (Effect.JOURNAL_CLOSED,)


def test_a_forced_door_is_neither_warned_of_nor_held() -> None:
    state, _ = happened(Input.OPENED)
    for timer in (Input.HELD_WARNING, Input.HELD_TIMEOUT):
        assert step(state, timer) == (state, ())


def test_in_an_evacuation_the_door_may_stand_open_and_nobody_is_let_in() -> None:
    state, done = happened(Input.GRANT, Input.EVACUATE)
    assert state == State(Mode.EVACUATION, Contact.CLOSED)
    assert done[3:] == [
        Effect.SECURE_LOCK,
        Effect.STOP_RELEASE_TIMER,
        Effect.JOURNAL_LOCKED,
        Effect.JOURNAL_EVACUATION_STARTED,
    ]
    assert step(state, Input.GRANT) == (state, (Effect.REFUSE,))
    state, effects = step(state, Input.OPENED)
    assert (state.contact, effects) == (Contact.OPEN, (Effect.JOURNAL_OPENED,))
    state, effects = step(state, Input.END_EVACUATION)
    assert state == State(Mode.LOCKED, Contact.OPEN)
    assert effects == (
        Effect.JOURNAL_EVACUATION_ENDED,
        Effect.START_WARNING_TIMER,
        Effect.START_HELD_TIMER,
    )


def test_in_an_evacuation_a_card_inside_still_lets_out_one_pulse_at_a_time() -> None:
    state, done = happened(Input.EVACUATE, Input.LET_OUT)
    assert state == State(Mode.LETTING_OUT, Contact.CLOSED)
    assert done[2:] == [
        Effect.RELEASE_FOR_GRANT,
        Effect.START_RELEASE_TIMER,
        Effect.JOURNAL_UNLOCKED,
    ]
    assert step(state, Input.EVACUATE) == (state, ())
    opened, effects = step(state, Input.OPENED)
    assert opened == State(Mode.EVACUATION, Contact.OPEN)
    assert effects == (
        Effect.SECURE_LOCK,
        Effect.STOP_RELEASE_TIMER,
        Effect.JOURNAL_OPENED,
        Effect.JOURNAL_LOCKED,
    )
    unused, effects = step(state, Input.RELEASE_ENDED)
    assert unused == State(Mode.EVACUATION, Contact.CLOSED)
    assert effects == (Effect.SECURE_LOCK, Effect.JOURNAL_LOCKED, Effect.JOURNAL_UNUSED)
    ended, effects = step(state, Input.END_EVACUATION)
    assert (ended.mode, effects) == (Mode.RELEASED, (Effect.JOURNAL_EVACUATION_ENDED,))


def test_whoever_asks_to_get_out_of_a_door_that_is_released_already_is_not_refused() -> None:
    for state in STATES:
        if state.mode in FIRE_MODES | {Mode.HOLD_OPEN}:
            assert step(state, Input.LET_OUT) == (state, ())
        if state.mode is Mode.HOLD_OPEN:
            assert step(state, Input.GRANT) == (state, ())


def test_an_emergency_commanded_again_secures_the_lock_again_unless_it_is_not_ours_or_lets_out() -> None:
    for state, (command, modes) in product(
        STATES, ((Input.LOCKDOWN, LOCKDOWN_MODES), (Input.EVACUATE, EVACUATION_MODES))
    ):
        if state.mode in modes:
            again = () if state.mode in FIRE_MODES | {Mode.LETTING_OUT} else (Effect.SECURE_LOCK,)
            assert step(state, command) == (state, again)
