"""One journal's progress, driven by hand. Time is a number."""

from __future__ import annotations

import random

import pytest

from controller.uplink.outbox import NO_SUBSCRIBER, Outbox, Pace

S = 1_000_000
NOT_AUTHORISED = 135


def outbox(sent: int = 0, received: int = 0, *, receiver: bool = False) -> Outbox:
    return Outbox(sent, received, receiver, Pace(ahead=5))


def publish(box: Outbox, now_us: int = 0) -> list[int]:
    """Publish whatever is allowed, at most twenty; the sequences."""
    done = []
    while box.may_publish(now_us) and len(done) < 20:
        box.published(box.cursor + 1)
        done.append(box.cursor)
    return done


def test_it_begins_behind_what_counts() -> None:
    assert publish(outbox(7, 3)) == [8]
    assert publish(outbox(7, 3, receiver=True)) == [4]


def test_the_first_goes_alone_until_the_broker_has_taken_it() -> None:
    box = outbox()
    assert publish(box) == [1]
    box.answered(box.turn, 1, 0, 0)
    assert publish(box) == list(range(2, 22))


def test_the_first_goes_alone_until_the_receiver_has_stored_it() -> None:
    box = outbox(receiver=True)
    assert publish(box) == [1]
    box.answered(box.turn, 1, 0, 0)
    assert publish(box) == []
    box.acknowledged(1, 0)
    assert publish(box) == [2, 3, 4, 5, 6], "no further ahead than the pace allows"
    box.acknowledged(4, 0)
    assert publish(box) == [7, 8, 9]


def test_sent_moves_without_gaps_in_whatever_order_answers_come() -> None:
    box = outbox()
    publish(box)
    box.answered(box.turn, 1, 0, 0)
    publish(box)
    order = list(range(2, 22))
    random.Random(4).shuffle(order)
    answered = {1}
    for seq in order:
        box.answered(box.turn, seq, 0, 0)
        answered.add(seq)
        assert box.sent == next(n for n in range(1, 23) if n not in answered | {0}) - 1


def test_journals_may_have_holes() -> None:
    box = outbox()
    box.published(10)
    box.answered(box.turn, 10, 0, 0)
    box.published(25)
    box.answered(box.turn, 25, 0, 0)
    assert box.sent == 25


@pytest.mark.parametrize("receiver", [False, True])
def test_beginning_again_repeats_all_that_does_not_count(receiver: bool) -> None:
    box = outbox(receiver=receiver)
    publish(box)
    box.answered(box.turn, 1, 0, 0)
    box.acknowledged(1, 0)
    publish(box)
    before = box.turn
    box.begin_again()
    assert publish(box) == [2]
    box.answered(before, 2, 0, 0)
    assert box.sent == 1, "an answer to what went out before counts no more"


def test_a_refusal_is_retried_slower_and_slower_and_is_news_once() -> None:
    box = outbox()
    now = 0
    waits = []
    for attempt in range(10):
        assert publish(box, now) == [1]
        assert box.answered(box.turn, 1, NOT_AUTHORISED, now) is (attempt == 0)
        assert box.refusal == NOT_AUTHORISED
        waited = 0
        while not box.may_publish(now + waited):
            waited += S // 10
        waits.append(waited / S)
        now += waited
    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert box.sent == 0
    publish(box, now)
    box.answered(box.turn, 1, 0, now)
    assert (box.sent, box.refusal) == (1, None)


def test_a_refusal_for_another_reason_is_news() -> None:
    box = outbox()
    publish(box)
    assert box.answered(box.turn, 1, 151, 0)
    publish(box, S)
    assert box.answered(box.turn, 1, NOT_AUTHORISED, S)


def test_no_subscriber_is_a_refusal_only_where_there_must_be_a_receiver() -> None:
    without, with_one = outbox(), outbox(receiver=True)
    for box in (without, with_one):
        publish(box)
        box.answered(box.turn, 1, NO_SUBSCRIBER, 0)
    assert (without.sent, without.refusal) == (1, None)
    assert (with_one.sent, with_one.refusal) == (0, NO_SUBSCRIBER)


def test_an_acknowledgement_counts_for_what_was_published_and_never_backwards() -> None:
    box = outbox(receiver=True)
    publish(box)
    box.acknowledged(1000, 0)
    assert (box.received, box.sent) == (1, 1)
    box.acknowledged(0, 0)
    assert box.received == 1


def test_a_silent_receiver_is_sent_everything_again_ever_more_rarely() -> None:
    box = outbox(receiver=True)
    publish(box)
    box.acknowledged(1, 0)
    publish(box)
    box.answered(box.turn, 2, 0, 0)
    now = 0
    waits = []
    for _ in range(8):
        waited = 0
        while not box.receiver_is_silent(now + waited):
            waited += S // 10
        now += waited
        waits.append(waited / S)
        box.begin_again()
        assert publish(box, now) == [2]
        box.answered(box.turn, 2, 0, now)
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    box.acknowledged(2, now)
    assert publish(box, now) == [3, 4, 5, 6, 7]
    box.answered(box.turn, 3, 0, now)
    assert box.receiver_is_silent(now + 2 * S), "a sign of life makes it eager again"


def test_the_receiver_is_not_to_blame_for_a_slow_broker() -> None:
    box = outbox(receiver=True)
    publish(box)
    assert not box.receiver_is_silent(3600 * S)
    box.answered(box.turn, 1, 0, 3600 * S)
    assert not box.receiver_is_silent(3600 * S)
    box.acknowledged(1, 3600 * S)
    publish(box)
    assert not box.receiver_is_silent(7200 * S), "the broker has not taken the next one"


def test_a_receiver_that_stands_still_is_silent_however_much_else_moves() -> None:
    box = outbox(receiver=True)
    publish(box)
    box.answered(box.turn, 1, 0, 0)
    box.acknowledged(1, 0)
    publish(box)
    box.answered(box.turn, 2, 0, 0)
    box.acknowledged(1, S)
    box.answered(box.turn, 3, 0, S)
    assert box.receiver_is_silent(2 * S)


def test_nobody_is_silent_who_has_nothing_to_say() -> None:
    assert not outbox(5, 5, receiver=True).receiver_is_silent(10**12)
    alone = outbox()
    publish(alone)
    assert not alone.receiver_is_silent(10**12)


def test_a_rewind_forgets_arrivals_and_does_not_wait() -> None:
    box = outbox(100, 100, receiver=True)
    publish(box)
    box.answered(box.turn, 101, NOT_AUTHORISED, 0)
    box.rewind(10, 10)
    assert publish(box) == [11]
    assert (box.sent, box.received) == (10, 10)
