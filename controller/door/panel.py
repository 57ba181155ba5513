"""What is beside one reader: lamps and buzzer, and a display where one is fitted. For the acting thread.

All are told the same thing. Never here: what there is to tell, or its words (``core.outcome``).
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.outcome import Lines, Outcome, text
from controller.devices import Display, Signal
from controller.door.signals import STEPS

SHOWN_S = 4.0
"""A text is read in that time, and the next person is not greeted with it."""


class Panel:
    """texts: those of settings, which come before ours."""

    def __init__(self, signal: Signal, display: Display | None, texts: Mapping[str, Lines]) -> None:
        self._signal = signal
        self._display = display
        self._texts = texts

    def tell(self, outcome: Outcome, reason: str = "", *, for_s: float = SHOWN_S) -> None:
        """Once. reason: why, where the text depends on it. for_s: how long the text stays."""
        self._signal.play(STEPS[outcome])
        self._show(outcome, reason, for_s)

    def keep_telling(self, outcome: Outcome, *, for_s: float) -> None:
        """What lasts, told every second. The lamps only where that makes no sound."""
        if not any(step.buzzer for step in STEPS[outcome]):
            self._signal.play(STEPS[outcome])
        self._show(outcome, "", for_s)

    @property
    def display_lost(self) -> bool:
        return self._display is not None and self._display.lost

    def _show(self, outcome: Outcome, reason: str, for_s: float) -> None:
        if self._display is not None:
            self._display.show(text(outcome, reason, own=self._texts), for_s)
