"""What came last from a camera that is not being recorded: in memory, until something happens or it is old.

Whole groups of pictures: a player can begin with nothing but a keyframe. Never here: whether to record
(``mode``), and files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from controller.core.event import Stamp
from controller.devices import VideoPacket
from controller.recorder.happenings import GapCause

MOST_BYTES = 24 << 20
"""What one camera may hold: half a minute of 6 Mb/s. Eight cameras that all do leave a Pi of 1 GB running."""


PACKET_BYTES = 400
"""What a packet takes beside its payload: without it, empty packets would fill the memory."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why pictures are missing before one that came, and since when, monotonic time in microseconds."""

    cause: GapCause
    since_us: int


@dataclass(frozen=True, slots=True)
class Run:
    """Packets that simply follow each other. at: when the first came. missing: None if it follows too."""

    at: Stamp
    missing: Missing | None
    packets: list[VideoPacket]


class PreRoll:
    """Keeps at least ``length_us`` of what came last, if that many bytes may be kept. Used by one thread."""

    def __init__(self, length_us: int, most_bytes: int = MOST_BYTES) -> None:
        self._length_us = length_us
        self._most_bytes = most_bytes
        self._runs: deque[Run] = deque()
        self._bytes = 0

    @property
    def full(self) -> bool:
        """No more may be kept: what there is must be written, or it would be too short."""
        return self._bytes > self._most_bytes

    def begin(self, packet: VideoPacket, at: Stamp, missing: Missing | None = None) -> None:
        """Take a packet that begins a run. Before the first keyframe nothing is kept."""
        if packet.keyframe:
            self._forget(at.mono_us - self._length_us)
        elif not self._runs:
            return
        self._runs.append(Run(at, missing, [packet]))
        self._bytes += _bytes((packet,))

    def extend(self, packets: Sequence[VideoPacket]) -> None:
        """Take packets that follow the last."""
        if self._runs:
            self._runs[-1].packets.extend(packets)
            self._bytes += _bytes(packets)

    def take(self) -> list[Run]:
        """All of it, oldest first; nothing is left here. The first begins with a keyframe."""
        runs = list(self._runs)
        self._runs.clear()
        self._bytes = 0
        return runs

    def _forget(self, before_us: int) -> None:
        """Drop the groups that are not needed to show everything from ``before_us`` on."""
        keyframes = [number for number, run in enumerate(self._runs) if run.packets[0].keyframe]
        needed = next((n for n in reversed(keyframes) if self._runs[n].at.mono_us <= before_us), 0)
        for _ in range(needed):
            self._bytes -= _bytes(self._runs.popleft().packets)


def _bytes(packets: Iterable[VideoPacket]) -> int:
    return sum(len(packet.payload) + PACKET_BYTES for packet in packets)
