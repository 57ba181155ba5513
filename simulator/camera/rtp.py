"""Access units as RTP packets (RFC 3550), the way H.264 and H.265 are put into them (RFC 6184, RFC 7798).

Here: packets, and what a session's description says of them. Never here: connections.
"""

from __future__ import annotations

import base64
import random
import struct
from collections.abc import Iterator

from simulator.camera.encoder import CLOCK_HZ, AccessUnit, Codec

PAYLOAD_TYPE = 96
LARGEST = 1400
"""Bytes of a NAL unit after its header in one RTP packet; longer ones are cut into fragments."""
FU_A = 28
FU_H265 = 49
SOUND_HZ = 8000
SOUND_TRACK = "track2"
SOUND_DESCRIPTION = ["m=audio 0 RTP/AVP 0", f"a=rtpmap:0 PCMU/{SOUND_HZ}", f"a=control:{SOUND_TRACK}"]


class Packetiser:
    """Access units to RTP packets, framed for the RTSP connection's channel 0."""

    def __init__(self) -> None:
        self._sequence = random.getrandbits(16)
        self._source = random.getrandbits(32)
        self._origin = random.getrandbits(32)

    def packets(self, unit: AccessUnit, shift: int) -> Iterator[bytes]:
        timestamp = self._origin + unit.pts + shift & 0xFFFFFFFF
        payloads = [part for nal in unit.nals for part in fragments(nal, unit.codec)]
        for number, payload in enumerate(payloads, start=1):
            marker = 0x80 if number == len(payloads) else 0
            head = struct.pack(">BBHII", 0x80, marker | PAYLOAD_TYPE, self._sequence, timestamp, self._source)
            self._sequence = self._sequence + 1 & 0xFFFF
            yield b"$\0" + struct.pack(">H", len(head) + len(payload)) + head + payload


class SoundPacketiser:
    """Sound that goes with each picture, 20 ms of noise, framed for channel 2."""

    LENGTH = SOUND_HZ // 50

    def __init__(self) -> None:
        self._sequence = random.getrandbits(16)
        self._source = random.getrandbits(32)

    def packet(self, unit: AccessUnit, shift: int) -> bytes:
        timestamp = (unit.pts + shift) * SOUND_HZ // CLOCK_HZ & 0xFFFFFFFF
        head = struct.pack(">BBHII", 0x80, 0, self._sequence, timestamp, self._source)
        self._sequence = self._sequence + 1 & 0xFFFF
        return b"$\2" + struct.pack(">H", len(head) + self.LENGTH) + head + random.randbytes(self.LENGTH)


def fragments(nal: bytes, codec: Codec = Codec.H264) -> list[bytes]:
    """A NAL unit as RTP payloads: itself, or fragments (RFC 6184, section 5.8; RFC 7798, section 4.4.3)."""
    header = 1 if codec is Codec.H264 else 2
    if len(nal) - header <= LARGEST:
        return [nal]
    kind = codec.nal_type(nal)
    if codec is Codec.H264:
        indicator = bytes([nal[0] & 0xE0 | FU_A])
    else:
        indicator = bytes([nal[0] & 0x81 | FU_H265 << 1, nal[1]])
    parts = [nal[at : at + LARGEST] for at in range(header, len(nal), LARGEST)]
    found = []
    for number, part in enumerate(parts):
        edge = 0x80 if number == 0 else 0x40 if number == len(parts) - 1 else 0
        found.append(indicator + bytes([edge | kind]) + part)
    return found


def media_description(sets: tuple[bytes, ...], codec: Codec) -> list[str]:
    """The lines of a session's description (SDP) that speak of the video. sets: its parameter sets."""
    texts = [base64.b64encode(nal).decode() for nal in sets]
    if codec is Codec.H264:
        name = "H264"
        parameters = (
            f"packetization-mode=1;profile-level-id={sets[0][1:4].hex()};"
            f"sprop-parameter-sets={','.join(texts)}"
        )
    else:
        name = "H265"
        parameters = ";".join(
            f"sprop-{kind}={text}" for kind, text in zip(("vps", "sps", "pps"), texts, strict=True)
        )
    return [
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {name}/{CLOCK_HZ}",
        f"a=fmtp:{PAYLOAD_TYPE} {parameters}",
        "a=control:track1",
    ]
