"""How far one journal has got: what may be published next, and what has to be published again.

Here: positions and timers of one journal, as plain calculation. Never here: the broker, the journal, a
clock; times come in as microseconds that never step.

Two things move a position. ``sent`` follows the broker's word, event by event and without gaps.
``received`` follows the receiver's, where there is one, because a broker that is killed forgets what it
has accepted. Whichever of the two counts is the ``base``: after a lost connection, a refusal, a receiver
that falls silent or a rewind, publishing begins again right behind it.

Beginning again, one event goes out alone. Only when that one has been confirmed do others follow. So
nothing overtakes an event that fell into the void, because its receiver was not back yet, say.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

NO_SUBSCRIBER = 16
FIRST_REFUSAL = 128


@dataclass(frozen=True, slots=True)
class Pace:
    """How hard to press. Waits double from the first to the longest, in seconds.

    retry: after a refusal by the broker. resend: after silence of the receiver.
    ahead: how many events may be under way to the receiver without its acknowledgement.
    """

    first_retry_s: float = 0.5
    longest_retry_s: float = 60.0
    first_resend_s: float = 2.0
    longest_resend_s: float = 60.0
    ahead: int = 200


@dataclass(slots=True)
class Outbox:
    """The progress of one journal. sent, received: sequences up to which all is done; 0 for none.

    turn: grows with every new beginning; an answer to an earlier turn no longer counts.
    refusal: the broker's reason while it refuses, else None.
    """

    sent: int
    received: int
    needs_receiver: bool
    pace: Pace = Pace()
    turn: int = 0
    refusal: int | None = None
    cursor: int = field(init=False)
    _confirmed: bool = field(init=False, default=False)
    _under_way: deque[int] = field(init=False, default_factory=deque)
    _answered: set[int] = field(init=False, default_factory=set)
    _answered_up_to: int = field(init=False, default=0)
    _not_before_us: int = field(init=False, default=0)
    _silent_since_us: int | None = field(init=False, default=None)
    _retry_s: float = field(init=False)
    _resend_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.cursor = self.base
        self._retry_s = self.pace.first_retry_s
        self._resend_s = self.pace.first_resend_s

    @property
    def base(self) -> int:
        """Everything up to here has arrived, by the word of whoever counts."""
        return self.received if self.needs_receiver else self.sent

    def begin_again(self) -> None:
        """Publish again from the base, whatever is under way."""
        self.turn += 1
        self.cursor = self.base
        self._confirmed = False
        self._under_way.clear()
        self._answered.clear()
        self._answered_up_to = 0
        self._silent_since_us = None

    def rewind(self, sent: int, received: int) -> None:
        """Forget that anything after these ever arrived."""
        self.sent, self.received = sent, received
        self._not_before_us = 0
        self.begin_again()

    def may_publish(self, now_us: int) -> bool:
        if now_us < self._not_before_us:
            return False
        if not self._confirmed:
            return self.cursor == self.base
        return not self.needs_receiver or self.cursor - self.received < self.pace.ahead

    def published(self, seq: int) -> None:
        """The event after the cursor is under way."""
        self.cursor = seq
        self._under_way.append(seq)

    def answered(self, turn: int, seq: int, reason: int, now_us: int) -> bool:
        """The broker's word on one event; whether it is news that the broker refuses, and why."""
        if turn != self.turn:
            return False
        if reason >= FIRST_REFUSAL or (reason == NO_SUBSCRIBER and self.needs_receiver):
            news = reason != self.refusal
            self.refusal = reason
            self._not_before_us = now_us + round(self._retry_s * 1_000_000)
            self._retry_s = min(self._retry_s * 2, self.pace.longest_retry_s)
            self.begin_again()
            return news
        self.refusal = None
        self._retry_s = self.pace.first_retry_s
        self._answered.add(seq)
        self._answered_up_to = max(self._answered_up_to, seq)
        if seq > self.received and self._silent_since_us is None:
            self._silent_since_us = now_us
        while self._under_way and self._under_way[0] in self._answered:
            done = self._under_way.popleft()
            self._answered.remove(done)
            self.sent = max(self.sent, done)
        if not self.needs_receiver:
            self._confirmed = True
        return False

    def acknowledged(self, received: int, now_us: int) -> None:
        """The receiver's word. It counts for what was published: a receiver may be ahead of a replay."""
        received = min(received, self.cursor)
        if received <= self.received:
            return
        self.received = received
        self.sent = max(self.sent, received)
        self._confirmed = True
        self._silent_since_us = now_us if self._answered_up_to > received else None
        self._resend_s = self.pace.first_resend_s

    def receiver_is_silent(self, now_us: int) -> bool:
        """Whether it is time to send again; if so, the next wait is longer.

        The receiver is not to blame for what the broker has not taken yet.
        """
        if not self.needs_receiver or self._silent_since_us is None:
            return False
        if now_us - self._silent_since_us < self._resend_s * 1_000_000:
            return False
        self._resend_s = min(self._resend_s * 2, self.pace.longest_resend_s)
        return True
