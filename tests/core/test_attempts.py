"""Failed attempts: how many lock out, for how long, and that memory stays bounded."""

from __future__ import annotations

from random import Random

import pytest

from controller.core.attempts import Attempts, LockoutRules

S = 1_000_000
RULES = LockoutRules(failures=3, window_us=60 * S, length_us=30 * S)


def fail(attempts: Attempts[str], *at_s: float, key: str = "front") -> list[bool]:
    return [attempts.failed(key, round(s * S)) for s in at_s]


def test_the_last_failure_of_so_many_begins_a_lock_out_that_ends_by_itself() -> None:
    attempts: Attempts[str] = Attempts(RULES)
    assert fail(attempts, 0, 1, 2) == [False, False, True]
    assert attempts.is_locked_out("front", 2 * S)
    assert attempts.is_locked_out("front", 32 * S - 1)
    assert not attempts.is_locked_out("front", 32 * S)


def test_before_that_nobody_is_locked_out() -> None:
    attempts: Attempts[str] = Attempts(RULES)
    fail(attempts, 0, 1)
    assert not attempts.is_locked_out("front", S)


@pytest.mark.parametrize(("third_s", "locks"), [(59.9, True), (60, False)])
def test_failures_count_within_the_window_only(third_s: float, locks: bool) -> None:
    attempts: Attempts[str] = Attempts(RULES)
    assert fail(attempts, 0, 59.5, third_s)[-1] is locks


def test_attempts_during_a_lock_out_do_not_make_it_longer_and_count_for_nothing() -> None:
    attempts: Attempts[str] = Attempts(RULES)
    fail(attempts, 0, 1, 2)
    assert fail(attempts, 10, 20, 30) == [False, False, False]
    assert not attempts.is_locked_out("front", 32 * S)
    assert fail(attempts, 33, 34) == [False, False]
    assert fail(attempts, 35) == [True]


def test_each_card_and_each_reader_has_its_own_count() -> None:
    attempts: Attempts[str] = Attempts(RULES)
    fail(attempts, 0, 1, 2)
    assert fail(attempts, 3, 4, key="back") == [False, False]
    assert not attempts.is_locked_out("back", 4 * S)


def test_the_right_pin_makes_good_what_failed_before_but_ends_no_lock_out() -> None:
    attempts: Attempts[str] = Attempts(RULES)
    fail(attempts, 0, 1)
    attempts.succeeded("front")
    assert fail(attempts, 2, 3, 4) == [False, False, True]
    attempts.succeeded("front")
    attempts.succeeded("nobody")
    assert attempts.is_locked_out("front", 5 * S)


def test_the_end_of_a_lock_out_is_told_once() -> None:
    attempts: Attempts[str] = Attempts(RULES)
    fail(attempts, 0, 1, 2)
    fail(attempts, 5, key="back")
    assert attempts.take_ended(32 * S - 1) == ()
    assert attempts.take_ended(32 * S) == ("front",)
    assert attempts.take_ended(33 * S) == ()


def test_what_failed_after_a_lock_out_counts_even_if_its_end_was_told_late() -> None:
    attempts: Attempts[str] = Attempts(RULES)
    fail(attempts, 0, 1, 2, 33, 34)
    assert attempts.take_ended(34 * S) == ("front",)
    assert fail(attempts, 35) == [True]


def test_nought_failures_lock_nobody_out() -> None:
    attempts: Attempts[str] = Attempts(LockoutRules(0, S, S))
    assert not any(fail(attempts, *range(100)))


def test_one_failure_can_be_enough() -> None:
    attempts: Attempts[str] = Attempts(LockoutRules(1, S, S))
    assert fail(attempts, 0) == [True]


def test_memory_is_bounded_and_the_oldest_is_forgotten_first() -> None:
    attempts: Attempts[str] = Attempts(RULES, remembered=3)
    for key in ("a", "b", "c", "d"):
        fail(attempts, 0, 1, key=key)
    assert fail(attempts, 2, key="a") == [False]
    assert fail(attempts, 2, key="d") == [True]


def test_as_many_are_remembered_as_may_be() -> None:
    attempts: Attempts[str] = Attempts(RULES, remembered=3)
    for key in ("a", "b", "c"):
        fail(attempts, 0, 1, key=key)
    assert [fail(attempts, 2, key=key) for key in ("a", "b", "c")] == [[True]] * 3


def test_when_all_are_locked_out_the_first_is_let_go() -> None:
    attempts: Attempts[str] = Attempts(LockoutRules(1, S, 60 * S), remembered=2)
    for second, key in enumerate(("a", "b", "c")):
        fail(attempts, second, key=key)
    assert [attempts.is_locked_out(key, 3 * S) for key in ("a", "b", "c")] == [False, True, True]


def test_whoever_is_locked_out_is_forgotten_last() -> None:
    attempts: Attempts[str] = Attempts(RULES, remembered=3)
    fail(attempts, 0, 1, 2, key="locked")
    for key in ("a", "b", "c", "d", "e"):
        fail(attempts, 3, key=key)
    assert attempts.is_locked_out("locked", 4 * S)


def test_a_guesser_never_has_more_than_so_many_tries_in_any_window_and_members_always_get_their_turn() -> (
    None
):
    """Someone who tries as fast as he can: what the module's head says of the worst."""
    rules = LockoutRules(failures=10, window_us=60 * S, length_us=30 * S)
    attempts: Attempts[int] = Attempts(rules, remembered=4)
    draw = Random(1)
    now_us, tries, locked_us = 0, [], 0
    while now_us < 3600 * S:
        step_us = draw.randrange(S // 10, 3 * S)
        if attempts.is_locked_out(1, now_us):
            locked_us += step_us
        else:
            tries.append(now_us)
        attempts.failed(1, now_us)
        attempts.failed(draw.randrange(100), now_us)
        now_us += step_us
        attempts.take_ended(now_us)
        assert len(attempts._records) <= 4
    assert all(later - first >= rules.length_us for first, later in zip(tries, tries[10:], strict=False))
    assert 0 < locked_us < 3600 * S
