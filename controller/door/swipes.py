"""From the reader's bytes to swipes: a card number, a key, or something that could not be read as a card.

A card that is held at the reader is one swipe, and so is a burst of noise.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from controller.core.card import CardNumber, CardRules, HalfACard, NotACard, check_digit_ok, parse_card
from controller.core.framing.aba import AbaFramer
from controller.core.framing.bits import card_of_bits, text_of_bits
from controller.core.framing.framer import KEYS, Framer, Garbage, Key
from controller.core.framing.lines import LineFramer
from controller.core.framing.rdm6300 import Rdm6300Framer
from controller.core.framing.repeats import Repeats
from controller.core.framing.wiegand import LAYOUTS, WiegandFramer
from controller.devices import CardBits, KeyPress, ReaderTamper, Reading
from controller.settings.reader import Reader

log = logging.getLogger(__name__)

NOISE_US = 1_000_000
"""What cannot be read within this time after something else that could not be is the same attempt."""
PAUSE_US = 1_000_000
"""No reader pauses for so long within a line. A number without its end is forgotten then: a stray line end
must not complete it when nobody is at the door any more."""


def framer_for(reader: Reader) -> Framer:
    """A new framer of the format of a reader that sends lines or frames by itself.

    Raises ValueError for one that is spoken to.
    """
    prefix, suffix = reader.prefix.encode("ascii"), reader.suffix.encode("ascii")
    match reader.format:
        case "line":
            return LineFramer(prefix, suffix)
        case "aba":
            return AbaFramer(reader.track_field)
        case "rdm6300":
            return Rdm6300Framer(reader.number_as)
        case "wiegand-26" | "wiegand-34" | "wiegand-37":
            layout = LAYOUTS[reader.format]
            return WiegandFramer(layout, reader.wiegand_text, reader.number_as, prefix, suffix, reader.keypad)
        case "osdp":
            raise ValueError("an OSDP reader sends nothing by itself")


@dataclass(frozen=True, slots=True)
class NotRead:
    """Something was held at the reader, and it was no card number of ours. half: it began as one."""

    half: bool = False


class Swipes:
    """Made anew whenever the reader was found again: half a line from before belongs to nothing."""

    def __init__(self, reader: Reader, rules: CardRules) -> None:
        self._reader = reader
        self._framer: Framer | None = None
        self._fed_us: int | None = None
        self._repeats = Repeats(reader.repeat_s)
        self._rules = rules
        self._noise_us: int | None = None

    def feed(self, reading: Reading, mono_us: int) -> list[CardNumber | Key | NotRead]:
        """The swipes that this completes, and keys. mono_us: when it came."""
        found: list[CardNumber | Key | NotRead] = []
        for line in self._said(reading, mono_us):
            if isinstance(line, Key):
                found.append(line)
                continue
            try:
                swipe = self._card(line)
            except NotACard as error:
                # Noise fills neither the journal nor the log.
                if not self._is_same_noise(mono_us):
                    log.info("not read: %s", error)
                    found.append(NotRead(half=isinstance(error, HalfACard)))
            else:
                if not self._repeats.is_repeat(swipe, mono_us):
                    found.append(swipe)
        return found

    def _said(self, reading: Reading, mono_us: int) -> Sequence[str | Key | Garbage]:
        """What this is, or completes."""
        match reading:
            case bytes():
                return self._framed(reading, mono_us)
            case CardBits():
                return [self._of_bits(reading)]
            case KeyPress():
                return [Key(reading.key)] if reading.key in set(KEYS) else []
            case ReaderTamper():
                return []

    def _framed(self, data: bytes, mono_us: int) -> Sequence[str | Key | Garbage]:
        fed_us, self._fed_us = self._fed_us, mono_us
        if self._framer is None or (fed_us is not None and mono_us - fed_us > PAUSE_US):
            self._framer = framer_for(self._reader)
        return self._framer.feed(data)

    def _of_bits(self, card: CardBits) -> str | Garbage:
        if self._reader.osdp_card == "text":
            return text_of_bits(card.value, card.length)
        return card_of_bits(card.value, card.length, LAYOUTS[self._reader.osdp_card], self._reader.number_as)

    def _card(self, line: str | Garbage) -> CardNumber:
        """Raises NotACard."""
        if line is Garbage.BAD_CHECK:
            raise HalfACard(line.value)
        if isinstance(line, Garbage):
            raise NotACard(line.value)
        card = parse_card(line, self._rules)
        if self._rules.check_digit == "warn" and not check_digit_ok(card):
            log.warning("a card's check digit is wrong")
        return card

    def _is_same_noise(self, mono_us: int) -> bool:
        before, self._noise_us = self._noise_us, mono_us
        return before is not None and mono_us - before < NOISE_US
