"""Converters that send what a Wiegand reader said as a line of text.

On the two wires a card is an even parity bit over the first half, its bits, and an odd parity bit over the
last half (of 37 bits the middle one is in both halves). As text it is hex or decimal, with or without the
two parity bits, or facility code and number apart. A number of eight digits can be several of these, so
which one is a setting and never guessed. Leading zeros must be sent: without them a line that lost a
character is another card's.

A keypad on the same wires sends a burst for each key: four bits, or eight of which the first four are the
complement of the others. As text each is a line of its own, one hex digit or two. No card is that short.
"""

from __future__ import annotations

import re
from typing import Literal

from controller.core.framing.framer import KEYS, Garbage, Key
from controller.core.framing.lines import LineFramer
from controller.core.framing.number import PRINTED_DIGITS, Layout, NumberAs, decimal_digits, hex_digits

WiegandText = Literal["hex", "hex-parity", "decimal", "decimal-parity", "facility"]
Keypad = Literal["none", "4-bit", "8-bit"]

LAYOUTS = {"wiegand-26": Layout(8, 16), "wiegand-34": Layout(16, 16), "wiegand-37": Layout(16, 19)}
"""The layouts known as H10301, H10306 and H10304."""
PARITY_BITS = 2
KEY_BITS: dict[Keypad, int] = {"4-bit": 4, "8-bit": 8}
HEX = re.compile(r"[0-9A-Fa-f]+")
DECIMAL = re.compile(r"[0-9]+")


def parity_fits(value: int, bits: int) -> bool:
    """Whether ``bits`` bits, with the parity bits first and last, hold together."""
    half = (bits + 1) // 2
    even, odd = value >> (bits - half), value & ((1 << half) - 1)
    return even.bit_count() % 2 == 0 and odd.bit_count() % 2 == 1


def key_of(line: str, keypad: Keypad) -> Key | None:
    """The key whose burst this line is, if it is one: 0-9 as they are, A for * and B for #."""
    burst = KEY_BITS.get(keypad, 0)
    if not burst or len(line) != hex_digits(burst) or not HEX.fullmatch(line):
        return None
    complement, code = divmod(int(line, 16), 16)
    if code >= len(KEYS) or (keypad == "8-bit" and complement != code ^ 0xF):
        return None
    return Key(KEYS[code])


class WiegandFramer:
    """A ``Framer``. text: what the converter writes; number_as: what the library's records hold.

    keypad: the bursts that the reader's keypad sends.
    """

    def __init__(
        self,
        layout: Layout,
        text: WiegandText = "hex",
        number_as: NumberAs = "decimal",
        prefix: bytes = b"",
        suffix: bytes = b"",
        keypad: Keypad = "none",
    ) -> None:
        """Raises ValueError if prefix or suffix cannot be."""
        self._layout = layout
        self._text = text
        self._number_as = number_as
        self._keypad = keypad
        self._lines = LineFramer(prefix, suffix)
        digits = decimal_digits(layout.facility_bits), decimal_digits(layout.number_bits)
        self._apart = re.compile(rf"([0-9]{{{digits[0]}}})[ ,:;/-]?([0-9]{{{digits[1]}}})")

    def feed(self, data: bytes) -> list[str | Key | Garbage]:
        return [line if isinstance(line, Garbage) else self._read(line) for line in self._lines.feed(data)]

    def _read(self, line: str) -> str | Key | Garbage:
        return key if (key := key_of(line, self._keypad)) is not None else self._card(line)

    def _card(self, line: str) -> str | Garbage:
        value = self._value(line)
        return value if isinstance(value, Garbage) else self._layout.write(value, self._number_as)

    def _value(self, line: str) -> int | Garbage:
        """The card's bits without parity."""
        match self._text:
            case "facility":
                return self._joined(line)
            case "hex" | "decimal":
                return self._number(line, self._layout.bits)
            case "hex-parity" | "decimal-parity":
                bits = self._layout.bits + PARITY_BITS
                value = self._number(line, bits)
                if isinstance(value, Garbage):
                    return value
                if not parity_fits(value, bits):
                    return Garbage.BAD_CHECK
                return (value >> 1) & ((1 << self._layout.bits) - 1)

    def _joined(self, line: str) -> int | Garbage:
        apart = self._apart.fullmatch(line)
        try:
            return self._layout.join(int(apart[1]), int(apart[2])) if apart else Garbage.SHAPE
        except ValueError:
            return Garbage.SHAPE

    def _number(self, line: str, bits: int) -> int | Garbage:
        if self._text.startswith("hex"):
            if len(line) != hex_digits(bits) or not HEX.fullmatch(line):
                return Garbage.SHAPE
            value = int(line, 16)
        else:
            digits = decimal_digits(bits)
            # Many converters write as many digits as are printed on cards, though fewer would do.
            if len(line) not in (digits, max(digits, PRINTED_DIGITS)) or not DECIMAL.fullmatch(line):
                return Garbage.SHAPE
            value = int(line)
        return Garbage.SHAPE if value >> bits else value
