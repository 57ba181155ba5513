"""Every look there can be at lock, leaf and bolt, and what each speaks for and against."""

from itertools import product

import pytest

from controller.core.door import Mode
from controller.core.door_faults import EVIDENCE, Change, Drive, Finding, LockWatch, Seen, drive_in
from controller.core.lasting import Turn

S = 1_000_000
LOOKS = [Seen(*parts) for parts in product(Drive, (False, True, None), (False, True))]
LOCKED, UNLOCKED = True, False
SHUT, OPEN, NO_CONTACT = False, True, None

BEGINS = {
    Finding.CONTACT_OR_LOCK: {Seen(drive, OPEN, LOCKED) for drive in Drive},
    Finding.JAMMED: {Seen(Drive.RELEASED, SHUT, LOCKED), Seen(Drive.RELEASED, NO_CONTACT, LOCKED)},
    Finding.NOT_LOCKED: {Seen(Drive.SECURED, SHUT, UNLOCKED)},
    Finding.NOT_RELEASED_BY_FIRE: {
        Seen(Drive.WIRING, SHUT, LOCKED),
        Seen(Drive.WIRING, NO_CONTACT, LOCKED),
    },
    Finding.RELEASED_BY_FIRE: {
        Seen(Drive.WIRING, SHUT, UNLOCKED),
        Seen(Drive.WIRING, NO_CONTACT, UNLOCKED),
    },
}
ENDS = {
    Finding.CONTACT_OR_LOCK: {seen for seen in LOOKS if seen.leaf_open is not OPEN or not seen.locked},
    Finding.JAMMED: {seen for seen in LOOKS if not seen.locked},
    Finding.NOT_LOCKED: {seen for seen in LOOKS if seen.locked},
    Finding.NOT_RELEASED_BY_FIRE: {
        seen for seen in LOOKS if seen.drive is not Drive.WIRING or not seen.locked
    },
    Finding.RELEASED_BY_FIRE: {seen for seen in LOOKS if seen.drive is not Drive.WIRING},
}


@pytest.mark.parametrize("finding", Finding)
def test_what_speaks_for_and_against_each_finding(finding: Finding) -> None:
    evidence = EVIDENCE[finding]
    assert {seen for seen in LOOKS if evidence.begins(seen)} == BEGINS[finding]
    assert {seen for seen in LOOKS if evidence.ends(seen)} == ENDS[finding]
    assert not BEGINS[finding] & ENDS[finding]


def test_a_lock_that_does_what_it_is_told_is_never_a_fault() -> None:
    for seen in (
        Seen(Drive.SECURED, SHUT, LOCKED),
        Seen(Drive.RELEASED, SHUT, UNLOCKED),
        Seen(Drive.RELEASED, OPEN, UNLOCKED),
        Seen(Drive.SECURED, OPEN, UNLOCKED),
        Seen(Drive.WIRING, OPEN, UNLOCKED),
        Seen(Drive.SECURED, NO_CONTACT, LOCKED),
        Seen(Drive.SECURED, NO_CONTACT, UNLOCKED),
    ):
        assert not any(evidence.begins(seen) for evidence in EVIDENCE.values()), seen


def test_what_is_done_with_the_lock_in_each_mode() -> None:
    assert {mode: drive_in(mode) for mode in Mode} == {
        Mode.LOCKED: Drive.SECURED,
        Mode.RELEASED: Drive.RELEASED,
        Mode.HOLD_OPEN: Drive.RELEASED,
        Mode.LOCKDOWN: Drive.SECURED,
        Mode.EVACUATION: Drive.SECURED,
        Mode.LETTING_OUT: Drive.RELEASED,
        Mode.EVACUATION_IN_LOCKDOWN: Drive.SECURED,
        Mode.FIRE: Drive.WIRING,
        Mode.FIRE_IN_LOCKDOWN: Drive.WIRING,
        Mode.FIRE_IN_EVACUATION: Drive.WIRING,
        Mode.FIRE_IN_EVACUATION_IN_LOCKDOWN: Drive.WIRING,
    }


def test_a_finding_begins_when_it_has_lasted_and_ends_when_it_has_been_over() -> None:
    watch = LockWatch(2, fail_safe=False)
    lies, agrees = Seen(Drive.SECURED, OPEN, LOCKED), Seen(Drive.SECURED, SHUT, LOCKED)
    assert watch.due_us is None
    assert watch.look(lies, 0) == ()
    assert watch.due_us == 2 * S
    assert watch.look(lies, 2 * S) == (Change(Finding.CONTACT_OR_LOCK, Turn.BEGUN),)
    assert watch.faults == {Finding.CONTACT_OR_LOCK}
    assert watch.look(lies, 9 * S) == ()
    assert watch.look(agrees, 10 * S) == ()
    assert watch.faults == {Finding.CONTACT_OR_LOCK}
    assert watch.look(agrees, 12 * S) == (Change(Finding.CONTACT_OR_LOCK, Turn.ENDED),)
    assert watch.faults == set()
    assert watch.due_us is None


def test_the_bolt_may_lag_behind_without_a_fault() -> None:
    watch = LockWatch(1, fail_safe=False)
    rest = Seen(Drive.SECURED, SHUT, LOCKED)
    swing = (
        (0.0, rest),
        (1.0, Seen(Drive.RELEASED, SHUT, LOCKED)),
        (1.3, Seen(Drive.RELEASED, SHUT, UNLOCKED)),
        (3.0, Seen(Drive.RELEASED, OPEN, UNLOCKED)),
        (3.1, Seen(Drive.SECURED, OPEN, UNLOCKED)),
        (5.0, Seen(Drive.SECURED, SHUT, UNLOCKED)),
        (5.4, rest),
        (9.0, rest),
    )
    assert [watch.look(seen, round(at_s * S)) for at_s, seen in swing] == [()] * len(swing)


def test_a_jam_is_over_when_the_bolt_moves_and_not_when_the_pulse_ends() -> None:
    watch = LockWatch(1, fail_safe=False)
    jammed, rest = Seen(Drive.RELEASED, SHUT, LOCKED), Seen(Drive.SECURED, SHUT, LOCKED)
    watch.look(jammed, 0)
    assert watch.look(jammed, 1 * S) == (Change(Finding.JAMMED, Turn.BEGUN),)
    assert watch.look(rest, 5 * S) == watch.look(rest, 50 * S) == ()
    moves = Seen(Drive.RELEASED, SHUT, UNLOCKED)
    assert watch.look(moves, 60 * S) == ()
    assert watch.look(moves, 61 * S) == (Change(Finding.JAMMED, Turn.ENDED),)


def test_a_lock_that_does_not_lock_is_a_fault_until_it_locks() -> None:
    watch = LockWatch(1, fail_safe=False)
    loose = Seen(Drive.SECURED, SHUT, UNLOCKED)
    watch.look(loose, 0)
    assert watch.look(loose, 1 * S) == (Change(Finding.NOT_LOCKED, Turn.BEGUN),)
    assert watch.look(Seen(Drive.SECURED, OPEN, UNLOCKED), 9 * S) == ()
    assert watch.look(Seen(Drive.SECURED, SHUT, LOCKED), 10 * S) == ()
    assert watch.look(Seen(Drive.SECURED, SHUT, LOCKED), 11 * S) == (Change(Finding.NOT_LOCKED, Turn.ENDED),)


@pytest.mark.parametrize("fail_safe", [False, True])
def test_only_a_fail_safe_lock_must_let_go_in_a_fire(fail_safe: bool) -> None:
    watch = LockWatch(1, fail_safe=fail_safe)
    burns = Seen(Drive.WIRING, SHUT, LOCKED)
    watch.look(burns, 0)
    assert watch.look(burns, 1 * S) == (
        (Change(Finding.NOT_RELEASED_BY_FIRE, Turn.BEGUN),) if fail_safe else ()
    )


def test_a_release_by_fire_is_seen_once_in_each_fire() -> None:
    watch = LockWatch(1, fail_safe=True)
    let_go, over = Seen(Drive.WIRING, SHUT, UNLOCKED), Seen(Drive.SECURED, SHUT, LOCKED)
    for begin in (0, 100 * S):
        watch.look(let_go, begin)
        assert watch.look(let_go, begin + 1 * S) == (Change(Finding.RELEASED_BY_FIRE, Turn.BEGUN),)
        assert watch.look(Seen(Drive.WIRING, OPEN, UNLOCKED), begin + 5 * S) == ()
        assert watch.look(let_go, begin + 9 * S) == ()
        assert watch.faults == set()
        watch.look(over, begin + 20 * S)
        assert watch.look(over, begin + 21 * S) == (Change(Finding.RELEASED_BY_FIRE, Turn.ENDED),)


def test_several_findings_are_waited_for_at_once_and_the_nearest_comes_first() -> None:
    watch = LockWatch(5, fail_safe=True)
    watch.look(Seen(Drive.RELEASED, SHUT, LOCKED), 0)
    assert watch.look(Seen(Drive.RELEASED, SHUT, LOCKED), 5 * S) == (Change(Finding.JAMMED, Turn.BEGUN),)
    burns = Seen(Drive.WIRING, SHUT, UNLOCKED)
    watch.look(burns, 10 * S)
    assert watch.due_us == 15 * S
    assert watch.look(burns, 15 * S) == (
        Change(Finding.JAMMED, Turn.ENDED),
        Change(Finding.RELEASED_BY_FIRE, Turn.BEGUN),
    )
    watch.look(Seen(Drive.SECURED, OPEN, LOCKED), 20 * S)
    watch.look(Seen(Drive.WIRING, OPEN, LOCKED), 22 * S)
    assert watch.due_us == 25 * S, "the contradiction, not the end of the fire, which is no longer over"
