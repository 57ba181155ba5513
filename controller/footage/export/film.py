"""A film on its way to disk: an MP4 that plays anywhere, of pictures that several segments gave.

A picture's place in the film is its distance from the first by the wall clock, as long as pictures follow
each other. Where nothing was recorded for longer than a seam, or where the clock was set back, the next
picture comes at once: one that stands still would look as if nothing had moved. What was left out is for
the manifest to tell. Never here: which pictures, and whether they may leave.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container

from controller.devices import TICKS_PER_S, VideoFormat
from controller.footage.moments import SEAM_US
from controller.footage.ticks import microseconds, ticks
from controller.footage.video import copy_stream

_TICK = Fraction(1, TICKS_PER_S)


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """Compressed, in decoding order. shown_us: wall time.

    In ticks: dts, which rises within a segment; reorder, from dts to pts; duration, 0 if it is not known.
    """

    payload: bytes
    keyframe: bool
    shown_us: int
    dts: int
    reorder: int
    duration: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What a film took of one segment. begins_us, ends_us: wall time. film_at_us: of its first picture."""

    begins_us: int
    ends_us: int
    film_at_us: int
    pictures: int


class Film:
    """Written by one thread. Raises av.FFmpegError, OSError. ``close`` finishes it."""

    def __init__(self, file: Path, video: VideoFormat) -> None:
        """file: overwritten. video: of all its pictures."""
        self.format = video
        with ExitStack() as undo:
            # The index in front: a player can begin before it has all of the file.
            self._output = av.open(str(file), "w", format="mp4", options={"movflags": "faststart"})
            undo.callback(self._output.close)
            self._stream = copy_stream(self._output, video)
            undo.pop_all()
        self.count = 0
        self._payloads = hashlib.sha256()
        self._end = 0
        self._wall_end_us: int | None = None
        self._anchor: tuple[int, int] = (0, 0)

    @property
    def payloads_sha256(self) -> str:
        """Of all that it has taken, hexadecimal."""
        return self._payloads.hexdigest()

    @property
    def length_us(self) -> int:
        """How long it plays."""
        return microseconds(self._end)

    def take(self, pictures: Iterable[CodedPicture]) -> Taken | None:
        """Add what one segment gives; None if that is nothing."""
        first: CodedPicture | None = None
        at, before = 0, self.count
        for picture in pictures:
            if first is None:
                first, at = picture, self._place(picture.shown_us)
            self._mux(picture, at + picture.dts - first.dts)
            self._wall_end_us = picture.shown_us + microseconds(picture.duration)
        if first is None or self._wall_end_us is None:
            return None
        return Taken(first.shown_us, self._wall_end_us, microseconds(at), self.count - before)

    def _place(self, shown_us: int) -> int:
        """Where in the film the next segment's first picture goes, in ticks."""
        wall_us, anchored = self._anchor
        if self._wall_end_us is None or abs(shown_us - self._wall_end_us) > SEAM_US:
            self._anchor = (shown_us, self._end)
            return self._end
        # By the wall clock and not end to end, so that what is off at one seam is not added to the next.
        return max(self._end, anchored + ticks(shown_us - wall_us))

    def _mux(self, picture: CodedPicture, dts: int) -> None:
        packet = av.Packet(picture.payload)
        packet.stream = self._stream
        packet.time_base = _TICK
        packet.dts, packet.pts = dts, dts + picture.reorder
        packet.duration = picture.duration
        packet.is_keyframe = picture.keyframe
        self._output.mux_one(packet)
        self._payloads.update(picture.payload)
        self.count += 1
        self._end = dts + max(1, picture.duration)

    def close(self) -> None:
        """Finish the file. It is not synced yet. Doing it again does nothing."""
        self._output.close()
