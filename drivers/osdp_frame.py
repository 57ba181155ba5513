"""What comes from OSDP readers, byte by byte: whole frames, and which of them may be believed.

Pure: bytes in, frames out. It stands between the line and libosdp (docs/decisions/0016), which takes
frames whole, and believes more than it should:

- once the secure channel is up, it takes a reply whose security block says "handshake" without its MAC;
- a card that is sent in clear text before the channel is up is kept and told once it is.

Whoever reaches the line could open the door with either, without any key. So in a secure channel nothing
gets past here but what belongs to the handshake, and what has a MAC for libosdp to verify.

Never here: keys, MACs, or what a card says.
"""

from __future__ import annotations

from binascii import crc_hqx
from dataclasses import dataclass, field
from enum import IntEnum

MARK, START = 0xFF, 0x53
HEADER = 5
LONGEST = 255
"""libosdp's buffer is of 256 bytes, one of them for the mark before a frame."""
FROM_READER = 0x80
HAS_CRC, HAS_BLOCK = 0x04, 0x08
CRC_START = 0x1D0F
MAC = 4
POLL = 0x60
"""The command that asks a reader for what has happened."""


class Reply(IntEnum):
    """Reply codes of IEC 60839-11-5 (OSDP 2.2) that a reader at a door sends."""

    ACK = 0x40
    NAK = 0x41
    IDENTITY = 0x45
    CAPABILITIES = 0x46
    LOCAL_STATUS = 0x48
    INPUT_STATUS = 0x49
    OUTPUT_STATUS = 0x4A
    READER_STATUS = 0x4B
    CARD = 0x50
    KEYPAD = 0x53
    CHALLENGE = 0x76
    INITIAL_MAC = 0x78
    BUSY = 0x79


class Block(IntEnum):
    """Security blocks of replies. The first two belong to the handshake, the others end in a MAC."""

    CHALLENGE = 0x12
    INITIAL_MAC = 0x14
    MAC = 0x16
    MAC_AND_DATA = 0x18


BLOCK_LENGTH = {Block.CHALLENGE: 3, Block.INITIAL_MAC: 3, Block.MAC: 2, Block.MAC_AND_DATA: 2}
HANDSHAKE = {Block.CHALLENGE: Reply.CHALLENGE, Block.INITIAL_MAC: Reply.INITIAL_MAC}
OF_THE_CONNECTION = frozenset({1, 4, 5, 6})
"""Reasons in a NAK: a wrong check, a wrong sequence number, and two about the secure channel."""
CLEAR_BEFORE_THE_CHANNEL = frozenset({Reply.NAK, Reply.IDENTITY, Reply.CAPABILITIES, Reply.BUSY})
CLEAR_WITHOUT_A_CHANNEL = frozenset(Reply) - frozenset(HANDSHAKE.values())


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame from a reader whose length and check fit. It may be of a card, so ``repr`` hides it.

    block: the type of its security block, if it has one. reply: its code, which nobody encrypts.
    """

    address: int
    block: int | None
    reply: int
    sent: bytes = field(repr=False)


def believable(frame: Frame, *, secure: bool, pairing: bool = False) -> bool:
    """Whether libosdp may see this frame.

    secure: only a secure channel will do. pairing: a new key is being sent, which some readers
    acknowledge in clear text because the old session ended with it.
    """
    if not secure:
        return frame.block is None and frame.reply in CLEAR_WITHOUT_A_CHANNEL
    if frame.block is None:
        return frame.reply in CLEAR_BEFORE_THE_CHANNEL or (pairing and frame.reply == Reply.ACK)
    if frame.block in HANDSHAKE:
        return frame.reply == HANDSHAKE[Block(frame.block)]
    return True


def refuses(frame: Frame) -> bool:
    """Whether the reader will not do what it was told, now or later.

    What it says in clear text may be about the connection instead: it has lost the session, say.
    """
    if frame.reply != Reply.NAK:
        return False
    reason = frame.sent[HEADER + 1 : -2 if frame.sent[4] & HAS_CRC else -1]
    return frame.block is not None or not reason or reason[0] not in OF_THE_CONNECTION


def asked(sent: bytes) -> tuple[int, int]:
    """To which address libosdp's frame goes, and which command it is."""
    start = 1 if sent[0] == MARK else 0
    command = start + HEADER + (sent[start + HEADER] if sent[start + 4] & HAS_BLOCK else 0)
    return sent[start + 1], sent[command]


class Frames:
    """Finds the frames in what a line brings; what is no frame of a reader is dropped."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that this completes, in order."""
        self._held += data
        found: list[Frame] = []
        while (start := self._held.find(START)) >= 0:
            del self._held[:start]
            length = self._length()
            if length is None:
                return found
            frame = self._frame(length)
            if frame is None:
                # What looked like a start was none; one may lie within what follows.
                del self._held[:1]
            else:
                found.append(frame)
                del self._held[:length]
        self._held.clear()
        return found

    def forget(self) -> None:
        self._held.clear()

    @property
    def waiting(self) -> bool:
        """Something has begun and is not whole yet."""
        return bool(self._held)

    def _length(self) -> int | None:
        """Of the frame that begins here; None while that many bytes have not come; 0 if there is none."""
        if len(self._held) < HEADER:
            return None
        length = self._held[2] | self._held[3] << 8
        if not HEADER + 2 <= length <= LONGEST or not self._held[1] & FROM_READER:
            return 0
        return length if len(self._held) >= length else None

    def _frame(self, length: int) -> Frame | None:
        sent = bytes(self._held[:length])
        if not length or not _check_fits(sent):
            return None
        body = sent[HEADER : -2 if sent[4] & HAS_CRC else -1]
        block = None
        if sent[4] & HAS_BLOCK:
            block, body = _block(body)
            if block is None:
                return None
        return Frame(sent[1] & 0x7F, block, body[0], sent) if body else None


def _check_fits(sent: bytes) -> bool:
    if sent[4] & HAS_CRC:
        return crc_hqx(sent[:-2], CRC_START) == int.from_bytes(sent[-2:], "little")
    return sum(sent) & 0xFF == 0


def _block(body: bytes) -> tuple[int | None, bytes]:
    """The type of the security block and what follows it without its MAC; None if it is none of a reply."""
    if len(body) < 2 or body[1] not in BLOCK_LENGTH or body[0] != BLOCK_LENGTH[Block(body[1])]:
        return None, b""
    block = Block(body[1])
    return block, body[body[0] :] if block in HANDSHAKE else body[body[0] : -MAC]
