"""A camera's time stamps to a line that only rises, at the pace at which pictures arrive.

Cameras restart their count, jump by hours when they are set by NTP, and repeat themselves. A muxer
refuses a falling dts and writes an hour's pause for a jump. Never here: clocks; arrival comes in.
"""

from __future__ import annotations

from dataclasses import replace

from controller.devices import TICKS_PER_S, VideoPacket
from controller.footage.ticks import microseconds, ticks

JUMP_TICKS = 2 * TICKS_PER_S
"""How far a stamp may fall back, or run ahead of the arrival, before it counts as a jump."""

MOST_AHEAD_TICKS = 30 * TICKS_PER_S
"""How far the line may run ahead of the arrival in all, however small the steps: a camera whose clock runs
fast, or lies, must not decide how long a segment lasted, nor how often the disk is synced."""


class Timeline:
    """Holds where the line is. For each packet, in order: ``goes_on``, and if it does not, ``place``."""

    def __init__(self) -> None:
        self._offset = 0
        self.last_dts: int | None = None
        """Of the last packet, on the line."""
        self._seen_dts = 0
        self._seen_at_us = 0
        self._limit = 0
        """How far the line may have come when the last packet was placed."""

    def goes_on(self, packet: VideoPacket) -> bool:
        """Whether the packet simply follows the one before; then nothing else need be asked of it."""
        if self.last_dts is None:
            return False
        dts = packet.dts + self._offset
        if 0 < dts - self.last_dts <= JUMP_TICKS and dts <= self._limit:
            self.last_dts = dts
            return True
        return False

    def place(self, packet: VideoPacket, arrived_us: int) -> bool:
        """Find the packet's place on the line; whether the camera's stamps had jumped.

        arrived_us: monotonic time of arrival, microseconds.
        """
        dts = packet.dts + self._offset
        jumped = False
        limit = self._limit + ticks(arrived_us - self._seen_at_us)
        if self.last_dts is None:
            limit = dts + MOST_AHEAD_TICKS
        else:
            expected = max(self.last_dts + 1, self._seen_dts + ticks(arrived_us - self._seen_at_us))
            # Arriving late is no jump: a network that stalled delivers the old pictures in a burst.
            if dts < self.last_dts - JUMP_TICKS or dts > expected + JUMP_TICKS:
                self._offset += expected - dts
                dts = expected
                jumped = True
            elif dts <= self.last_dts:
                self._offset += self.last_dts + 1 - dts
                dts = self.last_dts + 1
            elif dts > limit:
                self._offset += max(self.last_dts + 1, limit) - dts
                dts = max(self.last_dts + 1, limit)
        # A camera that was late for long has gained nothing by it.
        self._limit = min(limit, dts + MOST_AHEAD_TICKS)
        self.last_dts = self._seen_dts = dts
        self._seen_at_us = arrived_us
        return jumped

    def since_placed_us(self) -> int:
        """How much later than the last packet that was placed the last one is."""
        return microseconds((self.last_dts or 0) - self._seen_dts)

    def on_the_line(self, packet: VideoPacket) -> VideoPacket:
        """The packet with the stamps it has there. To be asked before the next one is placed."""
        if not self._offset:
            return packet
        return replace(packet, dts=packet.dts + self._offset, pts=packet.pts + self._offset)
