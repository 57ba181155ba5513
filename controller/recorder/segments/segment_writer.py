"""One segment on its way to disk: fragmented MP4, hashed as it is written, synced in time.

Written as ``NAME.part``; ``close`` syncs it and gives it its name. Whatever ends the process before
that leaves a ``.part`` that plays up to its last whole fragment (a fragment is one group of pictures);
``repair`` finishes it. Never here: the segment's row, and when to begin a new segment.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Self

import av
import av.container

from controller.devices import TICKS_PER_S, VideoFormat, VideoPacket
from controller.footage.segment_name import PART_SUFFIX, SegmentName
from controller.footage.video import copy_stream
from controller.recorder.segments import files

_TICK = Fraction(1, TICKS_PER_S)
SYNC_EVERY_TICKS = 2 * TICKS_PER_S
"""What a power cut costs at most, or one group of pictures where groups are longer."""
UNEVEN_TICKS = TICKS_PER_S // 10
"""A camera with a keyframe a second or two is not synced twice as often for being a little slow."""
ONE_PICTURE_TICKS = TICKS_PER_S // 25
"""How long the first picture of a segment lasts if no other comes: no browser seeks in a film of length 0."""

MUXER_OPTIONS = {
    # A fragment at each keyframe, nothing to seek back to: what is on disk stays playable.
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "flush_packets": "1",
}


class DiskFull(Exception):
    """No room for the next byte. What was written before stays; begin again when there is room."""


class BadVideo(Exception):
    """The muxer refuses what the camera sends. What was written before stays; connect anew."""


@dataclass(frozen=True, slots=True)
class WrittenSegment:
    """A segment that has its final name and survives a power cut.

    sha256: of the whole file, 32 bytes.
    """

    name: SegmentName
    end_us: int
    size_bytes: int
    sha256: bytes


class _HashedFile:
    """What PyAV writes to: only ``write``, so that the muxer cannot seek back into what was hashed."""

    def __init__(self, path: Path) -> None:
        self._file = io.FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w")
        self._hash = hashlib.sha256()
        self.size = 0
        self.unsynced = False

    def write(self, data: bytes) -> int:
        rest = memoryview(data)
        while rest:
            count = self._file.write(rest)
            rest = rest[count:]
        self._hash.update(data)
        self.size += len(data)
        self.unsynced = True
        return len(data)

    def sync(self) -> None:
        if self.unsynced:
            os.fdatasync(self._file.fileno())
            self.unsynced = False

    def close(self) -> None:
        self._file.close()

    def digest(self) -> bytes:
        return self._hash.digest()


class SegmentWriter:
    """Writes one segment. Used by one thread.

    Raises DiskFull, OSError for any other fault of the disk, BadVideo. Then ``abandon`` it.
    """

    def __init__(self, folder: Path, name: SegmentName, video: VideoFormat) -> None:
        """folder: the footage folder, which exists."""
        self.name = name
        self._whole = folder / name.relative
        self._part = self._whole.with_name(self._whole.name + PART_SUFFIX)
        self._first_dts: int | None = None
        self._last_dts = 0
        self._group_dts = 0
        self._synced_dts = 0
        with _faults_named(), ExitStack() as undo:
            files.make_folder(self._whole.parent)
            self._file = _HashedFile(self._part)
            undo.callback(self._file.close)
            files.sync_folder(self._whole.parent)
            self._output = av.open(self._file, "w", format="mp4", options=MUXER_OPTIONS)
            self._stream = copy_stream(self._output, video)
            undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def write(self, packet: VideoPacket) -> None:
        """Add the next packet. The first must be a keyframe, and dts must rise from packet to packet."""
        self.write_all((packet,))

    def write_all(self, packets: Iterable[VideoPacket]) -> None:
        with _faults_named():
            for packet in packets:
                self._output.mux_one(self._muxed(packet))
                if packet.keyframe:
                    self._written_to(self._last_dts)

    def _written_to(self, dts: int) -> None:
        """A group of pictures is whole and written; synced now if the next would come too late for it."""
        group, self._group_dts = dts - self._group_dts, dts
        if dts + group - self._synced_dts > SYNC_EVERY_TICKS + UNEVEN_TICKS:
            self._file.sync()
            self._synced_dts = dts

    def _muxed(self, packet: VideoPacket) -> av.Packet[av.stream.Stream]:
        if self._first_dts is None:
            self._first_dts = packet.dts
        muxed = av.Packet(packet.payload)
        muxed.stream = self._stream
        muxed.time_base = _TICK
        muxed.pts = packet.pts - self._first_dts
        muxed.dts = dts = packet.dts - self._first_dts
        muxed.is_keyframe = packet.keyframe
        # The muxer goes by the dts that follows; this is for the last picture, which none follows.
        muxed.duration = dts - self._last_dts if dts else ONE_PICTURE_TICKS
        self._last_dts = dts
        return muxed

    def close(self, end_us: int) -> WrittenSegment:
        """Finish the file. end_us: wall time at which its last picture ends."""
        with _faults_named():
            self._output.close()
            self._file.sync()
            self._file.close()
            files.publish(self._part, self._whole)
        return WrittenSegment(self.name, end_us, self._file.size, self._file.digest())

    def abandon(self) -> None:
        """Leave the ``.part`` for repair, after an error. Nothing to do after ``close``."""
        self._file.close()


@contextmanager
def _faults_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:  # PyAV lets what the file raised pass through
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(str(error)) from error
        raise
    except av.FFmpegError as error:
        raise BadVideo(str(error)) from error
