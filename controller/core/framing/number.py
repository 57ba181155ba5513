"""How the bits of a proximity card are written as a card number.

The same card has several: 0x86F444 is printed as 0008844356 and as 134,62532. Which one the library's
records hold is a setting. Leading zeros are always written, so that each way has one length; decimal has
at least the ten digits that are printed, so that a card is the same to readers of several kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PRINTED_DIGITS = 10
NumberAs = Literal["decimal", "hex", "facility"]
"""All bits in decimal; all bits in hex; the facility code and the number in decimal, one after the other."""


def decimal_digits(bits: int) -> int:
    return len(str((1 << bits) - 1))


def hex_digits(bits: int) -> int:
    return -(-bits // 4)


@dataclass(frozen=True, slots=True)
class Layout:
    """A card's bits: the facility code, then the number, without parity."""

    facility_bits: int
    number_bits: int

    @property
    def bits(self) -> int:
        return self.facility_bits + self.number_bits

    def join(self, facility: int, number: int) -> int:
        """The card's bits. Raises ValueError when one does not fit."""
        if facility >> self.facility_bits or number >> self.number_bits:
            raise ValueError("the facility code or the number has too many bits")
        return facility << self.number_bits | number

    def write(self, value: int, number_as: NumberAs) -> str:
        """The card number of these bits."""
        match number_as:
            case "decimal":
                return f"{value:0{max(PRINTED_DIGITS, decimal_digits(self.bits))}}"
            case "hex":
                return f"{value:0{hex_digits(self.bits)}X}"
            case "facility":
                facility, number = value >> self.number_bits, value & ((1 << self.number_bits) - 1)
                return (
                    f"{facility:0{decimal_digits(self.facility_bits)}}"
                    f"{number:0{decimal_digits(self.number_bits)}}"
                )

    def length(self, number_as: NumberAs) -> int:
        """How many characters ``write`` gives, whatever the card."""
        return len(self.write(0, number_as))
