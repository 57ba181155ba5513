"""Whom the desk answers and asks, and when. What an answer comes to is in ``test_answers``."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.event import EventType
from controller.core.membership import Membership, Status
from controller.core.pin import Pin
from controller.ipc import look_up, verify_pin
from controller.ipc.client import NoAnswer, ask
from controller.ipc.look_up import LookedUp
from controller.ipc.messages import Request
from controller.membership.live.asker import Question
from controller.membership.live.breaker import FAILURES
from controller.membership.live.desk import QUESTIONS_AT_ONCE
from controller.membership.live.merging import merged
from controller.membership.lms.source import LmsUnavailable, LmsUnusable, Said, Trouble

Rig = Any  # the fixture's class lives in conftest.py, which tests cannot import
Build = Callable[..., Rig]

US = frozenset({os.geteuid()})
NOW_US = 1_795_219_200_000_000
GONE = LmsUnavailable(Trouble.UNREACHABLE, "lms.example:6001: nobody there")
SAID = Said(Status.ACTIVE, date(2027, 3, 31), "adult", date.min, None)
IMPORTED = Membership(
    Status.ACTIVE, date(2026, 1, 1), date(2026, 1, 1), None, date(2026, 11, 1), "adult", None, True, 1
)


def card(number: int) -> CardNumber:
    return CardNumber(f"2589100000{number:04}")


def ref(number: CardNumber) -> bytes:
    """As the rig makes references."""
    return number.reveal().encode().rjust(32)


MEMBER, OTHER, STRANGER = card(1), card(2), card(3)
RIGHT = "7391"


# --- looking a card up


def test_a_card_that_the_system_knows_is_a_membership_as_of_now_and_is_kept(rig: Rig) -> None:
    rig.script.says[MEMBER] = SAID
    membership = merged(SAID, None, NOW_US)
    assert rig.look_up(MEMBER) == LookedUp(membership)
    rig.wait_for(lambda: rig.kept.done)
    assert rig.kept.done == [("keep", ref(MEMBER), membership, "site-key")]


def test_a_stranger_is_asked_about_once_and_written_nowhere(rig: Rig) -> None:
    for _ in range(3):
        assert rig.look_up(STRANGER) == LookedUp(None)
    assert rig.script.asked == [STRANGER]
    rig.later(61)
    assert rig.look_up(STRANGER) == LookedUp(None)
    assert rig.script.asked == [STRANGER, STRANGER]
    assert rig.kept.done == []


def test_a_member_whom_the_system_has_no_more_is_evicted(rig: Rig) -> None:
    rig.imported[ref(MEMBER)] = IMPORTED
    assert rig.look_up(MEMBER) == LookedUp(None)
    rig.wait_for(lambda: rig.kept.done)
    assert rig.kept.done == [("evict", ref(MEMBER), NOW_US)]


def test_questions_about_one_card_are_asked_once_and_answered_together(rig: Rig) -> None:
    rig.script.says[MEMBER] = SAID
    rig.script.hold()
    waiting = [rig.looking_up(MEMBER) for _ in range(6)]
    rig.wait_for(lambda: len(rig.desk._pending.get(Question(MEMBER), _nobody).calls) == 6)
    rig.script.release()
    assert {future.result(10) for future in waiting} == {LookedUp(merged(SAID, None, NOW_US))}
    assert rig.script.asked == [MEMBER]


class _Nobody:
    calls: tuple[()] = ()


_nobody = _Nobody()


def test_a_question_whose_asker_has_gone_is_not_asked(rig: Rig) -> None:
    rig.script.hold()
    first = rig.looking_up(MEMBER)
    rig.wait_for(lambda: rig.script.asked)
    with pytest.raises(NoAnswer):
        rig.looking_up(OTHER, deadline_s=0.2).result(10)
    third = rig.looking_up(STRANGER)
    rig.wait_for(lambda: Question(STRANGER) in rig.desk._pending)
    rig.script.release()
    assert (first.result(10), third.result(10)) == (LookedUp(None), LookedUp(None))
    assert rig.script.asked == [MEMBER, STRANGER]


def test_a_late_answer_is_kept_though_nobody_waits_for_it(rig: Rig) -> None:
    rig.script.says[MEMBER] = SAID
    rig.script.hold()
    with pytest.raises(NoAnswer):
        rig.looking_up(MEMBER, deadline_s=0.2).result(10)
    rig.script.release()
    rig.wait_for(lambda: rig.kept.done)
    assert rig.kept.done[0][:2] == ("keep", ref(MEMBER))


def test_more_questions_than_can_be_asked_are_answered_at_once(rig: Rig) -> None:
    rig.script.hold()
    waiting = [rig.looking_up(card(number)) for number in range(QUESTIONS_AT_ONCE + 3)]
    rig.wait_for(lambda: sum(future.done() for future in waiting) == 3)
    assert [future.result() for future in waiting if future.done()] == [None] * 3
    rig.script.release()
    assert {future.result(10) for future in waiting} == {None, LookedUp(None)}


def test_without_the_time_nothing_is_asked(rig: Rig) -> None:
    rig.trusted[0] = False
    assert rig.look_up(MEMBER) is None
    assert rig.script.asked == []


@pytest.mark.parametrize("command", [look_up.COMMAND, verify_pin.COMMAND])
def test_what_is_no_question_is_refused(rig: Rig, command: str) -> None:
    reply = ask(rig.socket, Request(command, {"card": "2589|0001"}), server_uids=US)
    assert (reply.done, reply.reason) == (False, "bad_request")


# --- a system that does not answer


def fail(rig: Rig, times: int) -> None:
    for number in range(100, 100 + times):
        rig.script.says[card(number)] = GONE
        assert rig.look_up(card(number)) is None


def test_a_system_that_does_not_answer_is_left_alone_and_said_to_be_lost(rig: Rig) -> None:
    rig.script.there = False
    fail(rig, FAILURES)
    assert rig.wait_for_news(EventType.LMS_LOST) == [{"reason": "unreachable"}]
    asked = len(rig.script.asked)
    assert rig.look_up(MEMBER) is None
    assert len(rig.script.asked) == asked


def test_two_cards_whose_records_nobody_can_read_do_not_take_the_system_from_everybody(rig: Rig) -> None:
    garbled = LmsUnavailable(Trouble.GARBLED, "lms.example:6001 sent what cannot be read")
    rig.script.says.update({MEMBER: SAID, OTHER: garbled, STRANGER: garbled})
    for _ in range(2 * FAILURES):
        checked = rig.script.checked
        assert rig.look_up(OTHER) is None
        assert rig.look_up(STRANGER) is None
        assert rig.verify(OTHER, RIGHT) is PinResult.UNAVAILABLE
        rig.later(1)
    rig.wait_for(lambda: rig.script.checked > checked)  # the system itself is asked
    assert rig.desk.news() == []
    assert rig.look_up(MEMBER) is not None


def test_one_card_is_enough_where_the_system_is_not_there_either(rig: Rig) -> None:
    rig.script.says[OTHER] = GONE
    rig.script.there = False
    assert rig.look_up(OTHER) is None
    assert rig.look_up(OTHER) is None
    assert rig.wait_for_news(EventType.LMS_LOST) == [{"reason": "unreachable"}]


def test_it_is_tried_by_itself_and_found_again(rig: Rig) -> None:
    rig.script.there = False
    fail(rig, FAILURES)
    rig.script.says[MEMBER] = SAID
    rig.script.there = True
    rig.later(5)
    rig.wait_for_news(EventType.LMS_LOST, EventType.LMS_FOUND)
    assert rig.look_up(MEMBER) is not None


def test_whoever_waits_in_the_queue_of_a_lost_system_is_told_at_once(rig: Rig) -> None:
    rig.script.there = False
    rig.script.hold()
    cards = [card(number) for number in range(100, 100 + FAILURES + 4)]
    rig.script.says.update(dict.fromkeys(cards, GONE))
    waiting = [rig.looking_up(number) for number in cards]
    rig.wait_for(lambda: len(rig.desk._pending) >= len(cards))
    rig.script.release(FAILURES)
    assert {future.result(10) for future in waiting} == {None}
    assert len(rig.script.asked) <= FAILURES + 1  # one more may have begun


def test_a_system_that_nobody_asks_is_asked_whether_it_is_there(build: Build) -> None:
    rig = build(said=frozenset({EventType.LMS_LOST}))
    rig.wait_for_news(EventType.LMS_FOUND)  # at the start
    rig.script.there = False
    rig.later(61)
    rig.wait_for_news(EventType.LMS_LOST)


def test_what_the_journal_says_already_is_not_said_again(build: Build) -> None:
    rig = build(said=frozenset({EventType.LMS_LOST, EventType.LMS_UNUSABLE}))
    rig.wait_for_news(EventType.LMS_FOUND)
    rig.script.says[OTHER] = LmsUnusable("PA: there is none")
    assert rig.look_up(OTHER) is None
    rig.script.says[MEMBER] = SAID
    assert rig.look_up(MEMBER) is not None
    rig.wait_for_news(EventType.LMS_PLAUSIBLE)


def test_an_answer_that_does_not_count_is_none_and_said_once(rig: Rig) -> None:
    for number in range(5):
        rig.script.says[card(number)] = LmsUnusable("PA: there is none")
        assert rig.look_up(card(number)) is None
    rig.wait_for_news(EventType.LMS_UNUSABLE)
    assert len(rig.script.asked) == 5
    assert rig.kept.done == []


# --- PINs


def test_a_pin_is_the_system_s_to_verify_and_is_kept_with_its_time(rig: Rig) -> None:
    rig.script.says[MEMBER], rig.script.pins[MEMBER] = SAID, Pin(RIGHT)
    assert rig.verify(MEMBER, RIGHT) is PinResult.CORRECT
    assert rig.verify(MEMBER, "0000") is PinResult.WRONG
    rig.wait_for(lambda: len(rig.kept.done) == 2)
    kept_pin = ("keep pin", ref(MEMBER), f"hash of {RIGHT}", "12345678", NOW_US)
    assert kept_pin in rig.kept.done
    assert ("keep", ref(MEMBER), merged(SAID, None, NOW_US), "site-key") in rig.kept.done


def test_the_system_s_no_counts_whatever_is_stored_and_what_is_stored_goes(rig: Rig) -> None:
    rig.script.says[MEMBER], rig.script.pins[MEMBER] = SAID, Pin("2222")
    rig.pins.stored[MEMBER] = Pin(RIGHT)
    assert rig.verify(MEMBER, "0000") is PinResult.WRONG
    assert rig.verify(MEMBER, RIGHT) is PinResult.WRONG
    rig.wait_for(lambda: rig.kept.done)
    assert rig.kept.done == [("drop pin", ref(MEMBER))]


def test_the_right_pin_comes_with_what_the_system_said_of_the_membership(rig: Rig) -> None:
    suspended = replace(SAID, status=Status.SUSPENDED)
    rig.script.says[MEMBER], rig.script.pins[MEMBER] = suspended, Pin(RIGHT)
    question = verify_pin.ask_for(MEMBER, Pin(RIGHT))
    reply = ask(rig.socket, question, server_uids=US, deadline_s=10)
    assert verify_pin.result_of(reply) is PinResult.CORRECT
    assert verify_pin.said_of(reply) == LookedUp(merged(suspended, None, NOW_US))


@pytest.mark.parametrize("says", [GONE, LmsUnusable("CQ: there is none")], ids=["gone", "unusable"])
def test_without_an_answer_what_is_stored_counts(
    rig: Rig, says: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.pins.stored[MEMBER] = Pin(RIGHT)
    rig.script.says[MEMBER] = says  # type: ignore[assignment]
    assert rig.verify(MEMBER, RIGHT) is PinResult.CORRECT
    assert rig.verify(MEMBER, "0000") is PinResult.WRONG
    assert rig.verify(OTHER, RIGHT) is PinResult.WRONG  # the system answers for this one
    assert rig.kept.done == []


def test_a_system_that_takes_too_long_does_not_hold_a_pin_up(rig: Rig) -> None:
    rig.script.says[MEMBER], rig.script.pins[MEMBER] = SAID, Pin(RIGHT)
    rig.pins.stored[MEMBER] = Pin(RIGHT)
    rig.script.hold()
    waiting = rig.verifying(MEMBER, RIGHT)
    rig.wait_for(lambda: rig.script.asked)
    rig.later(1.1)
    assert waiting.result(10) is PinResult.CORRECT
    rig.script.release()
    rig.wait_for(lambda: len(rig.kept.done) == 2)  # the answer, late


def test_where_pins_are_not_stored_nobody_knows_without_the_system(build: Build) -> None:
    rig = build(with_pins=False)
    rig.script.says[MEMBER], rig.script.pins[MEMBER] = SAID, Pin(RIGHT)
    assert rig.verify(MEMBER, RIGHT) is PinResult.CORRECT
    rig.script.says[MEMBER] = GONE
    assert rig.verify(MEMBER, RIGHT) is PinResult.UNAVAILABLE
    assert [done[0] for done in rig.kept.done] == ["keep"]


def test_where_there_is_no_system_the_branch_verifies_by_itself(build: Build) -> None:
    rig = build(source=False)
    rig.pins.stored[MEMBER] = Pin(RIGHT)
    assert rig.verify(MEMBER, RIGHT) is PinResult.CORRECT
    assert rig.verify(MEMBER, "0000") is PinResult.WRONG
    assert rig.verify(OTHER, RIGHT) is PinResult.UNAVAILABLE
    assert rig.look_up(MEMBER) is None


# --- its threads


def test_a_fault_of_ours_ends_the_service_and_not_in_silence(rig: Rig) -> None:
    rig.script.broken = True
    waiting: Future[LookedUp | None] = rig.looking_up(MEMBER, deadline_s=1)

    def raised() -> bool:
        try:
            rig.desk.check()
        except RuntimeError:
            return True
        return False

    rig.wait_for(raised)
    rig.wait_for(waiting.done)


def test_nothing_of_a_card_or_a_pin_is_logged(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    rig.script.says[MEMBER] = LmsUnusable("PA: there is none")
    rig.look_up(MEMBER)
    rig.verify(MEMBER, RIGHT)
    fail(rig, FAILURES)
    assert "does not count" in caplog.text
    assert RIGHT not in caplog.text
    assert "2589" not in caplog.text


def test_the_source_is_closed_with_the_desk(rig: Rig) -> None:
    rig.desk.close()
    assert rig.script.closed
