"""The PIN beside a card, at one reader: what is waited for, and what came of it.

First keys are waited for, then the membership service's answer. The two do not exclude each other: while
one member's PIN is looked up, the next may hold a card to the reader. Never here: whether a PIN is right, or
what it opens: each question ends as ``Settled``, and the door then decides anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import partial

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.framing.framer import Key
from controller.core.pin import Cancelled, Pin, PinEntered, PinEntry, PinRules, TimedOut
from controller.door.asking.applied import Checked
from controller.door.asking.awaited import Awaited
from controller.ipc.look_up import LookedUp

Ask = Callable[[int, CardNumber, Pin], None]
"""Ask who knows, without waiting. What comes of it comes back with the token, the first argument."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of asking the holder of this card for the PIN. checked: see ``SecondFactor.wanted``."""

    card: CardNumber
    result: PinResult
    checked: Checked | None = None


class Pressed(Enum):
    """What a key was that settled nothing."""

    IGNORED = auto()
    TAKEN = auto()
    ASKED = auto()
    """The PIN is being looked up."""


@dataclass(frozen=True, slots=True)
class PinPolicy:
    """When PINs are asked for at this branch, and whom to ask about them.

    needed: whether one is at an instant, microseconds since 1970 UTC. deadline_us: see ``SecondFactor``.
    ask: with the ids of the door and of the reader before what ``Ask`` takes.
    """

    rules: PinRules
    needed: Callable[[int], bool]
    deadline_us: int
    ask: Callable[[str, str, int, CardNumber, Pin], None]

    def at(self, door_id: str, reader_id: str) -> SecondFactor:
        """That of a reader."""
        return SecondFactor(self.rules, self.deadline_us, partial(self.ask, door_id, reader_id))


class SecondFactor:
    """For the acting thread alone. Times are microseconds of the clock's ``mono_us``.

    deadline_us: an answer that takes longer is none.
    """

    def __init__(self, rules: PinRules, deadline_us: int, ask: Ask) -> None:
        self.timeout_s = rules.timeout_s
        self._entry = PinEntry(rules)
        self._card: CardNumber | None = None
        self._checked: Checked | None = None
        self._ask = ask
        self._awaited: Awaited[Settled] = Awaited(deadline_us)

    @property
    def waiting(self) -> bool:
        """Whether somebody is to type a PIN now."""
        return self._card is not None

    def wanted(self, card: CardNumber, now_us: int, checked: Checked | None = None) -> None:
        """This card needs a PIN. ``interrupted`` comes first: nobody else's entry may be open.

        checked: what was learnt of the card before, which comes back with what comes of this.
        """
        self._card, self._checked = card, checked
        self._entry.begin(now_us)

    def interrupted(self, by: CardNumber | None = None) -> Settled | None:
        """Another card was held to the reader, or the reader is gone: whose entry ends without a PIN.

        The same card again ends nothing: its holder begins anew.
        """
        card, checked = self._card, self._checked
        self._forget()
        return None if card is None or card == by else Settled(card, PinResult.MISSING, checked)

    def pressed(self, key: Key, now_us: int) -> Settled | Pressed:
        if self._card is None:
            return Pressed.IGNORED
        card, checked = self._card, self._checked
        match self._entry.press(key, now_us):
            case None:
                return Pressed.TAKEN
            case Cancelled() | TimedOut():
                self._forget()
                return Settled(card, PinResult.MISSING, checked)
            case PinEntered(pin):
                self._forget()
                if pin is None:
                    return Settled(card, PinResult.WRONG, checked)
                unanswered = Settled(card, PinResult.UNAVAILABLE, checked)
                self._ask(self._awaited.asked(unanswered, now_us), card, pin)
                return Pressed.ASKED

    def answered(
        self, token: int, result: PinResult, now_us: int, said: LookedUp | None = None
    ) -> Settled | None:
        """The answer to a question came; None if it is too late for it.

        said: what the library management system said of the card with it, which is newer than what was learnt
        before.
        """
        settled = self._awaited.answered(token, now_us)
        if settled is None:
            return None
        return replace(settled, result=result, checked=settled.checked if said is None else Checked(said))

    def due(self, now_us: int) -> Settled | None:
        """To be asked at ``next_us`` until it is None: what nobody has typed or answered in time."""
        if self._card is not None and self._entry.due(now_us) is not None:
            return self.interrupted()
        return self._awaited.due(now_us)

    def next_us(self) -> int | None:
        """When ``due`` has something to tell; None for never."""
        times = (self._entry.deadline_us, self._awaited.next_us())
        return min((at_us for at_us in times if at_us is not None), default=None)

    def _forget(self) -> None:
        self._entry.end()
        self._card = self._checked = None
