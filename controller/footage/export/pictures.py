"""What pictures a film holds, as numbers that change with any of them: hashes, group by group.

Made of a finished film when it is exported, and again when it is verified. Never here: what should be there.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

_US_PER_S = 1_000_000


class Unreadable(Exception):
    """It is no film, or too damaged to be read as one."""


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures from a keyframe to before the next. at_us: of the first, in the film.

    sha256: of their payloads, hexadecimal.
    """

    at_us: int
    pictures: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """All of a film. Hexadecimal.

    payloads_sha256: of all payloads in order, which is what ffmpeg's ``streamhash`` shows of a copied stream.
    times_sha256: of ``pts dts`` of each picture, a line each, in ticks of 1/90,000 s from the first dts.
    parameters_sha256: of what the decoder is told beforehand. tracks: of the file, such as ("video",).
    broken: it ended in the middle.
    """

    payloads_sha256: str
    times_sha256: str
    parameters_sha256: str
    tracks: tuple[str, ...]
    groups: tuple[Group, ...]
    broken: bool


def measure(file: Path) -> Pictures:
    """Raises Unreadable, OSError."""
    # Opened here: by a stranger's name, such as "concat:…", FFmpeg would open something else.
    with file.open("rb") as content:
        try:
            with av.open(content, "r", format="mp4", metadata_errors="replace") as source:
                return _measure(source)
        except (av.FFmpegError, LookupError, ValueError) as error:
            raise Unreadable(str(error)) from error
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            # A box that says it lies where no file reaches: PyAV lets what seeking raised pass through.
            raise Unreadable(str(error)) from error


def _measure(source: av.container.InputContainer) -> Pictures:
    stream = source.streams.video[0]
    codec: av.VideoCodecContext | None = stream.codec_context  # there is none for a codec that nobody knows
    if codec is None:
        raise Unreadable("its pictures are of no kind that is known")
    base = stream.time_base or Fraction(1)
    payloads, times = hashlib.sha256(), hashlib.sha256()
    groups: list[Group] = []
    group, count, began = hashlib.sha256(), 0, 0
    first_dts: int | None = None
    reading = _Reading(source.demux(stream))
    for packet in reading:
        dts = packet.dts or 0
        if first_dts is None:
            first_dts = dts
        if packet.is_keyframe and count:
            groups.append(Group(began, count, group.hexdigest()))
            group, count = hashlib.sha256(), 0
        if not count:
            began = int((dts - first_dts) * base * _US_PER_S)
        payload = bytes(packet)
        payloads.update(payload)
        group.update(payload)
        count += 1
        ticks = [int((stamp - first_dts) * base * 90_000) for stamp in (packet.pts or 0, dts)]
        times.update("{} {}\n".format(*ticks).encode())
    if count:
        groups.append(Group(began, count, group.hexdigest()))
    extradata = bytes(codec.extradata or b"")
    return Pictures(
        payloads.hexdigest(),
        times.hexdigest(),
        hashlib.sha256(extradata).hexdigest(),
        tuple(one.type for one in source.streams),
        tuple(groups),
        reading.broken,
    )


class _Reading:
    """The pictures as far as they can be read."""

    def __init__(self, packets: Iterator[av.Packet[av.VideoStream]]) -> None:
        self._packets = packets
        self.broken = False

    def __iter__(self) -> Iterator[av.Packet[av.VideoStream]]:
        try:
            for packet in self._packets:
                if packet.is_corrupt:
                    self.broken = True
                elif packet.size:
                    yield packet
        except av.FFmpegError:
            self.broken = True
