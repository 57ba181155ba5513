"""What somebody with a clip on an RS-485 line, and without its key, can say to the controller."""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Callable

CARD, COMMUNICATION, NAK = 0x50, 0x54, 0x41
FROM_READER, CRC, BLOCK = 0x80, 0x04, 0x08
HEADER = 5
MARK = 0xFF


def frame(address: int, sequence: int, body: bytes, *, block: int | None = None) -> bytes:
    """A reader's frame with a right check. block: a security block of that type, without any key."""
    if block is not None:
        body = bytes((2, block)) + body
    control = sequence | CRC | (BLOCK if block is not None else 0)
    length = (HEADER + len(body) + 2).to_bytes(2, "little")
    sent = bytes((0x53, address | FROM_READER)) + length + bytes((control,)) + body
    return sent + crc_hqx(sent, 0x1D0F).to_bytes(2, "little")


def card(value: int, bits: int) -> bytes:
    """The body of a card's frame: format Wiegand."""
    size = -(-bits // 8)
    return (
        bytes((CARD, 0, 1)) + bits.to_bytes(2, "little") + (value << (size * 8 - bits)).to_bytes(size, "big")
    )


def instead_of(answer: bytes, body: bytes, *, block: int | None = None) -> bytes:
    """Said in place of a reader's answer: same address, same sequence number."""
    start = 1 if answer[0] == MARK else 0
    return frame(answer[start + 1] & 0x7F, answer[start + 4] & 0x03, body, block=block)


def once(body: bytes, *, block: int | None = None) -> Callable[[bytes], bytes]:
    """Somebody in the middle of the line who says this once, and then lets everything through."""
    left = [body]

    def middle(answer: bytes) -> bytes:
        return instead_of(answer, left.pop(), block=block) if left else answer

    return middle
