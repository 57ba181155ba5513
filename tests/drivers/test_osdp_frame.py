"""Frames of OSDP readers, and which of them libosdp may see."""

from __future__ import annotations

import random

import pytest

from drivers.osdp_frame import Frame, Frames, Reply, asked, believable, refuses
from simulator.osdp_forger import card, frame

ACK = frame(5, 1, bytes((Reply.ACK,)))
WITH_MAC = frame(5, 2, bytes((Reply.CARD,)) + bytes(16) + b"\xaa\xbb\xcc\xdd", block=0x18)
STREAM = b"\xff" + ACK + b"\x00\x53noise\xff" + WITH_MAC + ACK


def found(*pieces: bytes) -> list[Frame]:
    frames = Frames()
    return [each for piece in pieces for each in frames.feed(piece)]


def test_frames_are_found_whole_among_noise() -> None:
    assert [(each.address, each.block, each.reply) for each in found(STREAM)] == [
        (5, None, Reply.ACK),
        (5, 0x18, Reply.CARD),
        (5, None, Reply.ACK),
    ]


def test_a_frame_may_come_in_any_pieces() -> None:
    whole = found(STREAM)
    for split in range(len(STREAM)):
        assert found(STREAM[:split], STREAM[split:]) == whole
    assert found(*(STREAM[place : place + 1] for place in range(len(STREAM)))) == whole


def test_a_frame_with_one_wrong_bit_is_none() -> None:
    for place in range(len(WITH_MAC)):
        for bit in range(8):
            wrong = bytearray(WITH_MAC)
            wrong[place] ^= 1 << bit
            assert found(bytes(wrong)) == []


def test_a_checksum_instead_of_a_crc_will_do() -> None:
    body = bytes((0x53, 0x85, 7, 0, 1, Reply.ACK))
    assert found(body + bytes((-sum(body) & 0xFF,)))[0].reply == Reply.ACK


@pytest.mark.parametrize(
    "sent",
    [
        frame(5, 1, bytes((Reply.ACK,)) + bytes(260)),
        frame(5, 1, b""),
        frame(5, 1, b"", block=0x16),
        frame(5, 1, bytes((0, 0x16, Reply.ACK)) + bytes(4), block=None)[:4] + b"\x0c",
        bytes((0x53, 5)) + ACK[2:],
    ],
    ids=["longer than any", "without a reply", "only a block", "cut short", "from the controller"],
)
def test_what_is_no_frame_of_a_reader_is_dropped(sent: bytes) -> None:
    assert found(sent + bytes(300)) == []


def test_a_security_block_must_have_its_own_length() -> None:
    body = bytes((9, 0x16, Reply.ACK)) + bytes(12)
    sent = frame(5, 1 | 0x08, body)
    assert found(sent) == []


def test_noise_is_not_kept() -> None:
    frames, draw = Frames(), random.Random(1)
    for _ in range(1000):
        frames.feed(draw.randbytes(100))
    frames.feed(bytes(300))
    assert not frames.waiting


def test_a_frame_that_may_hold_a_card_does_not_show_it() -> None:
    assert "sent" not in repr(found(frame(5, 1, card(0x123456, 26)))[0])


@pytest.mark.parametrize("block", [None, 0x11, 0x12, 0x13, 0x14, 0x15, 0x17])
def test_a_card_without_a_mac_is_not_believed_in_a_secure_channel(block: int | None) -> None:
    taken = found(frame(5, 1, card(0x123456, 26), block=block))
    assert not any(believable(each, secure=True) for each in taken)
    assert not any(believable(each, secure=True, pairing=True) for each in taken)


@pytest.mark.parametrize("reply", range(256))
def test_in_clear_text_only_what_comes_before_a_secure_channel_is_believed(reply: int) -> None:
    clear = Frame(5, None, reply, b"")
    before = {Reply.NAK, Reply.IDENTITY, Reply.CAPABILITIES, Reply.BUSY}
    assert believable(clear, secure=True) == (reply in before)
    assert believable(clear, secure=True, pairing=True) == (reply in before | {Reply.ACK})


@pytest.mark.parametrize("reply", range(256))
def test_blocks_of_the_handshake_hold_nothing_but_the_handshake(reply: int) -> None:
    assert believable(Frame(5, 0x12, reply, b""), secure=True) == (reply == Reply.CHALLENGE)
    assert believable(Frame(5, 0x14, reply, b""), secure=True) == (reply == Reply.INITIAL_MAC)


def test_without_a_secure_channel_a_reader_cannot_change_its_address() -> None:
    assert believable(Frame(5, None, Reply.CARD, b""), secure=False)
    assert not believable(Frame(5, None, 0x54, b""), secure=False)
    assert not believable(Frame(5, 0x18, Reply.CARD, b""), secure=False)


@pytest.mark.parametrize("reason", range(1, 10))
def test_a_reader_that_has_lost_the_session_refuses_no_command_by_that(reason: int) -> None:
    [nak] = found(frame(5, 1, bytes((Reply.NAK, reason))))
    assert refuses(nak) == (reason not in (1, 4, 5, 6))


def test_it_refuses_what_it_refuses_in_a_session_or_without_a_reason() -> None:
    assert refuses(found(frame(5, 1, bytes((Reply.NAK, 6)) + bytes(4), block=0x18))[0])
    assert refuses(found(frame(5, 1, bytes((Reply.NAK,))))[0])
    assert not refuses(found(ACK)[0])


def test_it_is_known_what_was_asked_of_whom() -> None:
    assert asked(bytes.fromhex("ff5305080004608f1d")) == (5, 0x60)
    assert asked(bytes.fromhex("53050e000d0215601122334400")) == (5, 0x60)
