"""Questions that are under way, and when they are settled."""

from __future__ import annotations

from controller.door.asking.awaited import Awaited

DEADLINE_US = 1_000


def test_an_answer_settles_its_question_once() -> None:
    awaited: Awaited[str] = Awaited(DEADLINE_US)
    first, second = awaited.asked("first", 0), awaited.asked("second", 0)
    assert awaited.answered(second, DEADLINE_US - 1) == "second"
    assert awaited.answered(second, DEADLINE_US - 1) is None
    assert list(awaited) == ["first"]
    assert awaited.answered(first, 0) == "first"
    assert awaited.next_us() is None


def test_from_its_deadline_on_a_question_is_due_and_no_answer_settles_it() -> None:
    awaited: Awaited[str] = Awaited(DEADLINE_US)
    token = awaited.asked("a question", 5)
    assert awaited.next_us() == 5 + DEADLINE_US
    assert awaited.due(4 + DEADLINE_US) is None
    assert awaited.answered(token, 5 + DEADLINE_US) is None
    assert awaited.due(5 + DEADLINE_US) == "a question"
    assert awaited.due(5 + DEADLINE_US) is None


def test_what_is_forgotten_is_neither_answered_nor_due() -> None:
    awaited: Awaited[str] = Awaited(DEADLINE_US)
    gone, kept = awaited.asked("gone", 0), awaited.asked("kept", 0)
    awaited.forget(lambda question: question == "gone")
    assert awaited.answered(gone, 0) is None
    assert awaited.due(DEADLINE_US) == "kept"
    assert awaited.due(DEADLINE_US) is None
    assert awaited.answered(kept, 0) is None
