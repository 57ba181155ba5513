"""A card that is held at the reader is read again and again (every 50 ms by some) and is one swipe."""

from __future__ import annotations

from controller.core.card import CardNumber


class Repeats:
    """Remembers each card for as long as another reading of it would be a repeat, and no longer."""

    def __init__(self, repeat_s: float) -> None:
        """repeat_s: seconds without the card after which it counts as swiped anew; 0: every reading does."""
        self._repeat_us = round(repeat_s * 1_000_000)
        self._seen_us: dict[CardNumber, int] = {}

    def is_repeat(self, card: CardNumber, mono_us: int) -> bool:
        """Whether this reading belongs to a swipe that was already told. Each reading extends it.

        mono_us: microseconds on a clock that never steps.
        """
        self._seen_us = {
            seen: at_us for seen, at_us in self._seen_us.items() if mono_us - at_us < self._repeat_us
        }
        repeat = card in self._seen_us
        self._seen_us[card] = mono_us
        return repeat
