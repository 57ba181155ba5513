"""When the library management system is worth asking."""

from __future__ import annotations

from controller.membership.live.breaker import FAILURES, FIRST_WAIT_US, LONGEST_WAIT_US, Breaker

SECOND_US = 1_000_000


def opened(at_us: int = 0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed(at_us)
    return breaker


def test_it_opens_with_the_last_of_several_failures_in_a_row() -> None:
    breaker = Breaker()
    assert [breaker.failed(0) for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    assert breaker.is_open


def test_an_answer_in_between_begins_the_row_anew() -> None:
    breaker = Breaker()
    for _ in range(5):
        for _ in range(FAILURES - 1):
            breaker.failed(0)
        breaker.answered(0)
    assert not breaker.is_open


def test_a_system_that_is_not_there_opens_it_at_once() -> None:
    breaker = Breaker()
    assert breaker.is_gone(0)
    assert breaker.is_open


def test_a_trial_is_due_after_a_wait_and_not_before() -> None:
    breaker = opened()
    assert not breaker.trial_due(FIRST_WAIT_US - 1)
    assert breaker.trial_due(FIRST_WAIT_US)
    assert not Breaker().trial_due(LONGEST_WAIT_US)


def test_what_was_asked_before_it_opened_does_not_lengthen_the_wait() -> None:
    breaker = opened()
    for _ in range(20):
        assert not breaker.failed(SECOND_US)
    assert breaker.trial_due(FIRST_WAIT_US)


def test_each_trial_in_vain_doubles_the_wait_up_to_a_limit() -> None:
    breaker, now_us, waits = opened(), 0, []
    for _ in range(10):
        waited_us = next(
            us for us in range(0, 2 * LONGEST_WAIT_US, SECOND_US) if breaker.trial_due(now_us + us)
        )
        waits.append(waited_us)
        now_us += waited_us
        assert not breaker.is_gone(now_us)
    assert waits[:3] == [FIRST_WAIT_US, 2 * FIRST_WAIT_US, 4 * FIRST_WAIT_US]
    assert waits[-1] == LONGEST_WAIT_US


def test_being_there_closes_it_and_one_failure_more_opens_it_again() -> None:
    breaker = opened()
    assert breaker.is_there(FIRST_WAIT_US)
    assert not breaker.is_open
    assert breaker.failed(FIRST_WAIT_US)


def test_a_system_that_comes_and_goes_is_tried_ever_less_often() -> None:
    breaker, now_us, trials = opened(), 0, 0
    for now_us in range(0, 3600 * SECOND_US, SECOND_US):
        if breaker.trial_due(now_us):
            trials += 1
            breaker.is_there(now_us)
            breaker.failed(now_us)  # it was there, and did not answer
    assert trials < 25


def test_after_a_good_while_the_waits_begin_short_again() -> None:
    breaker = opened()
    breaker.is_gone(FIRST_WAIT_US)
    breaker.answered(10 * FIRST_WAIT_US)
    steady_us = 10 * FIRST_WAIT_US + LONGEST_WAIT_US
    breaker.answered(steady_us)
    for _ in range(FAILURES):
        breaker.failed(steady_us)
    assert breaker.trial_due(steady_us + FIRST_WAIT_US)
