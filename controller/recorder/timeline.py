"""A camera's time stamps to a line that only rises, at the pace at which pictures arrive.

Cameras restart their count, jump by hours when they are set by NTP, and repeat themselves. A muxer
refuses a falling dts and writes an hour's pause for a jump. Never here: clocks; arrival comes in.
"""

from __future__ import annotations

from dataclasses import replace

from controller.devices import VideoPacket

_TICKS_PER_MS = 90
JUMP_TICKS = 2_000 * _TICKS_PER_MS
"""How far a stamp may fall back, or run ahead of the arrival, before it counts as a jump."""


class Timeline:
    """Corrects packets one after the other."""

    def __init__(self) -> None:
        self._offset = 0
        self._last_dts: int | None = None
        self._last_arrival_us = 0

    def place(self, packet: VideoPacket, arrival_us: int) -> tuple[VideoPacket, bool]:
        """The packet with stamps on the line, and whether the camera's own had jumped.

        arrival_us: monotonic time of arrival, microseconds.
        """
        dts = packet.dts + self._offset
        jumped = False
        if self._last_dts is not None:
            expected = self._last_dts + max(1, (arrival_us - self._last_arrival_us) * _TICKS_PER_MS // 1000)
            # Arriving late is no jump: a network that stalled delivers the old pictures in a burst.
            if dts < self._last_dts - JUMP_TICKS or dts > expected + JUMP_TICKS:
                self._offset += expected - dts
                dts = expected
                jumped = True
            dts = max(dts, self._last_dts + 1)
        self._last_dts = dts
        self._last_arrival_us = arrival_us
        return replace(packet, dts=dts, pts=max(dts, packet.pts + self._offset)), jumped
