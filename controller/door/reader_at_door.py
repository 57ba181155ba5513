"""One reader at a door: what it has said so far, and what is told beside it. For the acting thread alone.

Never here: the thread that listens to its line (``reader``).
"""

from __future__ import annotations

from controller.core.access import Side
from controller.core.card import CardRules
from controller.core.outcome import Outcome
from controller.door.panel import Panel
from controller.door.swipes import Swipes
from controller.settings.reader import Reader as ReaderSettings


class Reader:
    """A reader of this door. found: whether its line is open; None before that is known.

    display_lost: that its display is, was journalled.
    tampered: it says that it has been opened.
    """

    def __init__(self, settings: ReaderSettings, rules: CardRules, panel: Panel) -> None:
        self.settings = settings
        self.panel = panel
        self.found: bool | None = None
        self.display_lost = False
        self.tampered = False
        self._rules = rules
        self.swipes = Swipes(settings, rules)

    def begin_anew(self) -> None:
        """Half a line from before belongs to nothing."""
        self.swipes = Swipes(self.settings, self._rules)

    def tell(self, outcome: Outcome, reason: str = "") -> None:
        self.panel.tell(outcome, reason)

    def tell_granted(self) -> None:
        self.tell(Outcome.GRANTED if self.settings.side is Side.IN else Outcome.GOODBYE)
