"""When a card reader that is there is not to be believed, or not to be relied on.

Two rules, and no cleverness beyond them. A reader *babbles* when more comes from it than cards can account
for: bytes, or things that are no card. It is then not listened to until that has died down. A reader is
*silent* when nobody's card was read during so many hours in which cards open the door.

Never here: listening, or what is told about it. Times are microseconds of a clock that never steps.
"""

from __future__ import annotations

BYTES_AT_ONCE = 4096
BYTES_PER_S = 512
"""The most that honest readers send: a QR code at once (2,953 characters at most), and a 125 kHz tag that is
held there (14 bytes every 50 ms) for as long as it is held. Noise at 9600 bits a second is told after 9 s."""

GARBAGE_AT_ONCE = 20
GARBAGE_PER_S = 0.2
"""Things that are no card, each of them an event: somebody who tries the wrong card every two seconds does so
for a minute before they count as a fault of the reader."""


class Babble:
    """Fills with what comes, and leaks: too much for as long as, once full, it has not run empty again.

    So a fault that comes and goes is told once. After it the reader is used again at_once / per_s seconds
    later.
    """

    def __init__(self, at_once: int, per_s: float) -> None:
        self._each_us = round(1_000_000 / per_s)
        self._room_us = at_once * self._each_us
        self._empty_us = 0
        self.babbling = False

    def came(self, amount: int, mono_us: int) -> bool:
        """So much came; 0 to look again. Returns whether it is too much now."""
        left_us = max(0, self._empty_us - mono_us)
        filled_us = left_us + amount * self._each_us
        # Full is full: how much more came than that does not put off the end.
        self._empty_us = mono_us + min(filled_us, self._room_us)
        self.babbling = filled_us > self._room_us or (self.babbling and left_us > 0)
        return self.babbling

    def empty(self) -> None:
        """What came turned out to be in order: a card was read."""
        self._empty_us = 0


class Silence:
    """For how long no card was read, counted only while cards open the door; from 0 after a restart."""

    def __init__(self, limit_us: int) -> None:
        """limit_us: a reader is silent after that; 0: never."""
        self._limit_us = limit_us
        self._quiet_us = 0
        self._looked_us: int | None = None
        self.silent = False

    def look(self, mono_us: int, *, counts: bool) -> bool:
        """To be called every second. counts: cards have opened the door since. True when silence begins."""
        looked_us, self._looked_us = self._looked_us, mono_us
        if looked_us is None or not counts or not self._limit_us or self.silent:
            return False
        self._quiet_us += mono_us - looked_us
        self.silent = self._quiet_us >= self._limit_us
        return self.silent

    def heard(self) -> bool:
        """A card was read. True when that ends a silence."""
        self._quiet_us = 0
        was_silent, self.silent = self.silent, False
        return was_silent
