"""What a card reader sends, told apart by format and masked.

Digits and letters are masked, because whose card it is is nobody's business here. What stays is what tells
formats apart: lengths, control characters, punctuation, and a short prefix of letters before a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

if TYPE_CHECKING:
    from controller.core.card import CardRules
    from controller.settings.reader import Reader
    from drivers.serial_reader import SerialReader

BURST_CAP = 256
"""Bytes shown as one. A reader that never pauses is shown in pieces."""
CONTROL_NAMES = {0x00: "NUL", 0x02: "STX", 0x03: "ETX", 0x0A: "LF", 0x0D: "CR", 0x1B: "ESC", 0x20: "SP"}
PREFIX = re.compile(rb"(?<![^\r\n])[\]%]?[A-Za-z]{1,3}(?=[0-9]{10}[0-9]*[^0-9A-Za-z]*(?:[\r\n]|\Z))")
"""Letters at the start of a line of nothing but a long number. Hex, names and other letters stay masked."""
NO_END = "nothing whole: the end that this format needs did not come"


def bursts(wire: SerialReader) -> Iterator[bytes]:
    """What came without a pause."""
    burst = b""
    while True:
        data = wire.read()
        burst += data
        while len(burst) >= BURST_CAP or (burst and not data):
            yield burst[:BURST_CAP]
            burst = burst[BURST_CAP:]


def masked(data: bytes) -> str:
    """``data`` as text: each digit a 9, each letter an A or a, control characters named."""
    shown = {place for match in PREFIX.finditer(data) for place in range(*match.span())}
    return "".join(chr(byte) if place in shown else _masked(byte) for place, byte in enumerate(data))


def _masked(byte: int) -> str:
    if byte in CONTROL_NAMES:
        return f"<{CONTROL_NAMES[byte]}>"
    if not 0x20 < byte < 0x7F:
        # A card sent with a parity bit in the eighth place could be read from these bytes.
        return "<control>" if byte < 0x80 else "<above 7F>"
    character = chr(byte)
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character


def candidates(reader: Reader) -> Iterator[tuple[Reader, str]]:
    """The reader as if set to each format, and how that is written."""
    from controller.core.framing.wiegand import WiegandText
    from controller.settings.reader import OSDP, WIEGAND, ReaderFormat

    for name in get_args(ReaderFormat):
        if name in OSDP:
            continue
        if name in WIEGAND:
            for text in get_args(WiegandText):
                yield reader.model_copy(update={"format": name, "wiegand_text": text}), f"{name} {text}"
        else:
            yield reader.model_copy(update={"format": name}), name


def taken_for(burst: bytes, reader: Reader, rules: CardRules) -> str:
    from controller.core.card import NotACard, parse_card
    from controller.core.framing.framer import Garbage
    from controller.door.swipes import framer_for

    found = framer_for(reader).feed(burst)
    texts = [text for text in found if isinstance(text, str)]
    if texts:
        try:
            card = parse_card(texts[0], rules)
        except NotACard as error:
            return f"text of {len(texts[0])} characters, but no card of [cards]: {error}"
        return f"a card number of {len(card.reveal())} characters"
    if (keypad := _keypad_of(burst, reader)) is not None:
        return f'a key of the keypad, keypad = "{keypad}"'
    garbage = [text for text in found if isinstance(text, Garbage)]
    return f"no card: {garbage[0].value}" if garbage else NO_END


def _keypad_of(burst: bytes, reader: Reader) -> str | None:
    """The keypad that sends this, whether or not it is set."""
    from controller.core.framing.framer import Key
    from controller.core.framing.wiegand import KEY_BITS
    from controller.door.swipes import framer_for
    from controller.settings.reader import WIEGAND

    for keypad in KEY_BITS if reader.format in WIEGAND else ():
        found = framer_for(reader.model_copy(update={"keypad": keypad})).feed(burst)
        if any(isinstance(text, Key) for text in found):
            return keypad
    return None
