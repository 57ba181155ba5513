"""One reader at a door: what it has said so far, and what is told beside it. For the acting thread alone.

Never here: the thread that listens to its line (``reader``).
"""

from __future__ import annotations

from controller.core.card import CardRules
from controller.devices import Signal
from controller.door.signals import Pattern
from controller.door.swipes import Swipes
from controller.settings.reader import Reader as ReaderSettings


class Reader:
    """A reader of this door. found: whether its line is open; None before that is known."""

    def __init__(self, settings: ReaderSettings, rules: CardRules, signal: Signal) -> None:
        self.settings = settings
        self.found: bool | None = None
        self._rules = rules
        self._signal = signal
        self.swipes = Swipes(settings, rules)

    def begin_anew(self) -> None:
        """Half a line from before belongs to nothing."""
        self.swipes = Swipes(self.settings, self._rules)

    def show(self, pattern: Pattern) -> None:
        self._signal.play(pattern.value)
