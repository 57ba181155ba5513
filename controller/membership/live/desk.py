"""Answers the door's questions: what is known of a card now, and whether a PIN is its.

One thread, which waits for nothing but the next thing to happen: a question, or what came of one. The
library management system is asked by the ``asker``; what takes time here is done by ``records``.

- Questions about one card are asked once, and answered together.
- While the system does not answer (``breaker``) everybody is told at once that nobody knows.
- A PIN is the system's to verify. Where it has not answered in time, what is stored here counts instead.
- Answers come late as well: they are kept, though nobody waits for them any more.

Never here: what an answer of the system comes to (``answers``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import assert_never

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.event import EventType
from controller.core.pin import Pin
from controller.ipc import look_up, verify_pin
from controller.ipc.look_up import LookedUp
from controller.ipc.messages import BadMessage, Reply
from controller.ipc.server import Call
from controller.membership.live.answers import Answers, Memberships
from controller.membership.live.asker import CHECK, Asker, Came, Other, Question
from controller.membership.live.health import Health, News
from controller.membership.live.records import Records
from controller.membership.live.surroundings import Surroundings
from controller.membership.lms.source import (
    Answer,
    LiveSource,
    LmsUnavailable,
    LmsUnusable,
    Said,
    Unknown,
    WrongPin,
)
from controller.membership.own_thread import OwnThread

TICK_S = 0.5
QUESTIONS_AT_ONCE = 16
"""Waiting for the system or being asked; more are told that nobody knows."""


@dataclass(frozen=True, slots=True)
class DeskRules:
    """negative_us: how long it is remembered that the system does not know a card. pin_budget_us: how long
    its word on a PIN is waited for before what is stored here counts; None: that never does.
    """

    negative_us: int
    pin_budget_us: int | None


@dataclass(slots=True)
class _Pending:
    """A question, and who waits for its answer. fall_back_us: when what is stored here counts instead."""

    question: Question
    calls: list[Call] = field(default_factory=list)
    fall_back_us: int | None = None

    def wanted(self) -> bool:
        """Whether anybody still waits. Also called on the asker's thread."""
        return any(call.begin() for call in tuple(self.calls))


class Desk:
    """source: None where there is no system to ask. said: what the journal has about it last, of those types
    of events that there are in pairs. ``close`` ends it.
    """

    def __init__(
        self,
        source: LiveSource | None,
        members: Memberships,
        records: Records,
        around: Surroundings,
        rules: DeskRules,
        said: frozenset[EventType] = frozenset(),
    ) -> None:
        self._records = records
        self._around = around
        self._rules = rules
        self._health = Health(around.mono_us(), said)
        self._answers = Answers(members, records, around, self._health, rules.negative_us)
        self._pending: dict[Question, _Pending] = {}
        self._queue: SimpleQueue[Call | tuple[Question, Came] | None] = SimpleQueue()
        self._asker = None
        if source is not None:
            self._asker = Asker(source, lambda *came: self._queue.put(came), around.today)
        self._thread = OwnThread("desk", self._run)

    def put(self, call: Call) -> None:
        """A question came. Waits for nothing."""
        self._queue.put(call)

    def news(self) -> list[News]:
        """What is to be journalled since this was asked last."""
        return self._health.news()

    def check(self) -> None:
        """Raises what ended a thread, if anything did."""
        self._thread.check()
        self._records.check()
        if self._asker is not None:
            self._asker.check()

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join(2)
        if self._asker is not None:
            self._asker.close(wait_s=2)
        self._records.close()

    def _run(self) -> None:
        while True:
            self._tick()
            try:
                happened = self._queue.get(timeout=self._wait_s())
            except Empty:
                continue
            if happened is None:
                return
            if isinstance(happened, Call):
                self._asked(happened)
            else:
                self._came(*happened)

    def _wait_s(self) -> float:
        now_us = self._around.mono_us()
        due_us = [p.fall_back_us - now_us for p in self._pending.values() if p.fall_back_us is not None]
        return max(0.0, min([TICK_S, *(us / 1_000_000 for us in due_us)]))

    def _tick(self) -> None:
        now_us = self._around.mono_us()
        for pending in list(self._pending.values()):
            if pending.fall_back_us is not None and now_us >= pending.fall_back_us:
                self._fall_back(pending)
        if self._health.check_due(now_us):
            self._check()

    # --- questions

    def _asked(self, call: Call) -> None:
        try:
            if call.request.command == verify_pin.COMMAND:
                card, pin = verify_pin.understand(call.request)
                self._verify(call, card, pin)
            else:
                self._look_up(call, look_up.understand(call.request))
        except BadMessage:
            call.answer(Reply(done=False, reason="bad_request"))

    def _look_up(self, call: Call, card: CardNumber) -> None:
        if self._answers.is_stranger(card):
            call.answer(look_up.answer(LookedUp(None)))
        elif self._put(Question(card), call) is None:
            call.answer(look_up.answer(None))

    def _verify(self, call: Call, card: CardNumber, pin: Pin) -> None:
        pending = self._put(Question(card, pin), call)
        if pending is None:
            self._verify_here([call], card, pin)
        elif self._rules.pin_budget_us is not None and pending.fall_back_us is None:
            pending.fall_back_us = self._around.mono_us() + self._rules.pin_budget_us

    def _put(self, question: Question, call: Call) -> _Pending | None:
        """Ask it, unless it is being asked. None: it is not worth it."""
        if (pending := self._pending.get(question)) is not None:
            pending.calls.append(call)
            return pending
        # Without the time nobody could say how old an answer is.
        if self._asker is None or not self._health.worth_asking() or not self._around.now().clock_trusted:
            return None
        if len(self._pending) >= QUESTIONS_AT_ONCE:
            return None
        pending = self._pending[question] = _Pending(question, [call])
        self._asker.put(question, pending.wanted)
        return pending

    def _check(self) -> None:
        if self._asker is not None and CHECK not in self._pending:
            self._pending[CHECK] = _Pending(CHECK)
            self._asker.put(CHECK)

    def _fall_back(self, pending: _Pending) -> None:
        """Whoever waits for the system's word on a PIN gets ours."""
        calls, pending.calls, pending.fall_back_us = pending.calls, [], None
        card, pin = pending.question.card, pending.question.pin
        if calls and card is not None and pin is not None:
            self._verify_here(calls, card, pin)

    def _verify_here(self, calls: list[Call], card: CardNumber, pin: Pin) -> None:
        def answered(result: PinResult) -> None:
            for call in calls:
                call.answer(verify_pin.answer(result))

        self._records.verify(card, pin, answered)

    # --- what comes of them

    def _came(self, question: Question, came: Came) -> None:
        pending = self._pending.pop(question, None) or _Pending(question)
        match came:
            case Other.IS_THERE:
                self._health.is_there(self._around.mono_us())
            case Other.NOT_ASKED:
                self._nobody_knows(pending)
            case LmsUnavailable():
                self._unavailable(question, came)
                self._nobody_knows(pending)
            case LmsUnusable():
                self._health.answered(self._around.mono_us())
                self._health.unusable(str(came))
                self._nobody_knows(pending)
            case Said() | Unknown() | WrongPin():
                self._health.answered(self._around.mono_us())
                assert question.card is not None
                if question.pin is not None:
                    self._about_pin(pending, question.card, question.pin, came)
                else:
                    self._about_card(pending, question.card, came)
            case _:
                assert_never(came)

    def _about_card(self, pending: _Pending, card: CardNumber, answer: Answer) -> None:
        if isinstance(answer, Said):
            looked_up = self._answers.known(card, answer)
        else:
            looked_up = self._answers.unknown(card)
        for call in pending.calls:
            call.answer(look_up.answer(looked_up))

    def _about_pin(self, pending: _Pending, card: CardNumber, pin: Pin, answer: Answer) -> None:
        result = PinResult.CORRECT if isinstance(answer, Said) else PinResult.WRONG
        looked_up = self._answers.about_pin(card, pin, answer)
        for call in pending.calls:
            call.answer(verify_pin.answer(result, looked_up))

    def _unavailable(self, question: Question, error: LmsUnavailable) -> None:
        about = None if question.card is None else self._around.member_ref(question.card)
        if self._health.failed(self._around.mono_us(), error, about):
            for pending in self._pending.values():
                # Nobody waits for what will hardly come; if it does, it is kept.
                self._nobody_knows(pending)

    def _nobody_knows(self, pending: _Pending) -> None:
        if pending.question.pin is not None:
            self._fall_back(pending)
            return
        calls, pending.calls = pending.calls, []
        for call in calls:
            call.answer(look_up.answer(None))
