"""Cards that a reader has told bit by bit, as OSDP readers do."""

from __future__ import annotations

from controller.core.framing.framer import Garbage
from controller.core.framing.number import Layout, NumberAs
from controller.core.framing.wiegand import PARITY_BITS, parity_fits


def card_of_bits(value: int, length: int, layout: Layout, number_as: NumberAs) -> str | Garbage:
    """The card of a Wiegand layout, its two parity bits included in ``length``."""
    if length != layout.bits + PARITY_BITS or value >> length:
        return Garbage.SHAPE
    if not parity_fits(value, length):
        return Garbage.BAD_CHECK
    return layout.write((value >> 1) & ((1 << layout.bits) - 1), number_as)


def text_of_bits(value: int, length: int) -> str | Garbage:
    """The text whose characters the bits are, eight each; a line end or zeros after it are no part of it."""
    if length % 8 or value >> length:
        return Garbage.SHAPE
    text = value.to_bytes(length // 8, "big").rstrip(b"\r\n\0")
    if not text.isascii() or not text.decode("ascii").isprintable():
        return Garbage.NOT_TEXT
    return text.decode("ascii") if text else Garbage.SHAPE
