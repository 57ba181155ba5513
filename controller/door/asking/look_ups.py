"""The cards that one reader has asked the library management system about, and what came of it.

While one is looked up the next may be held to the reader. Each is settled once: by its answer, or by its
deadline, after which the answer opens nothing. Never here: when to ask (``core.live``), or what an answer
opens: the door then decides anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from controller.core.card import CardNumber
from controller.door.asking.applied import Applied, Checked
from controller.door.asking.awaited import Awaited
from controller.ipc.look_up import LookedUp

Ask = Callable[[int, CardNumber], None]
"""Ask who knows, without waiting. What comes of it comes back with the token, the first argument."""


@dataclass(frozen=True, slots=True)
class LivePolicy:
    """Whom to ask about cards. deadline_us: see ``LookUps``. ask: with the ids of the door and of the reader
    before what ``Ask`` takes. refresh: ask about a card, at ``mono_us``, without wanting to know.
    """

    deadline_us: int
    ask: Callable[[str, str, int, CardNumber], None]
    refresh: Callable[[CardNumber, int], None]

    def at(self, door_id: str, reader_id: str) -> LookUps:
        """Those of a reader."""
        return LookUps(self.deadline_us, partial(self.ask, door_id, reader_id))


class LookUps:
    """For the acting thread alone. Times are microseconds of the clock's ``mono_us``.

    deadline_us: an answer that takes longer is none.
    """

    def __init__(self, deadline_us: int, ask: Ask) -> None:
        self._ask = ask
        self._awaited: Awaited[Applied] = Awaited(deadline_us)

    def wanted(self, applied: Applied, now_us: int) -> None:
        """Ask about this card, unless that has been done and the answer is still awaited."""
        if any(before.card == applied.card for before in self._awaited):
            return
        in_vain = replace(applied, checked=Checked(None))
        self._ask(self._awaited.asked(in_vain, now_us), applied.card)

    def settled(self, card: CardNumber) -> None:
        """This card needs no answer any more: it was held to the reader again, and decided."""
        self._awaited.forget(lambda applied: applied.card == card)

    def answered(self, token: int, said: LookedUp | None, now_us: int) -> Applied | None:
        """The answer to a question came; None if it is too late for it."""
        applied = self._awaited.answered(token, now_us)
        return None if applied is None else replace(applied, checked=Checked(said))

    def due(self, now_us: int) -> Applied | None:
        """To be asked at ``next_us`` until it is None: what nobody has answered in time."""
        return self._awaited.due(now_us)

    def next_us(self) -> int | None:
        """When ``due`` has something to tell; None for never."""
        return self._awaited.next_us()
