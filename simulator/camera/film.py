"""A camera's sensor, encoder and clock: picture after picture, and what can be wrong with them.

Here: no threads and no networks; time comes in, so that a test can film a night in a second. ``camera``
films in real time and serves it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from enum import StrEnum

from simulator.camera.encoder import CLOCK_HZ, AccessUnit, Codec, Encoder
from simulator.camera.scene import SceneState, background, draw

BITRATE = 800_000
STARVED_BITRATE = 25_000
"""Bits a second of an encoder that was set by somebody who wanted to save disk."""
DARK = 0.04
"""Of the day's light: none that is of any use."""
TURNED = 0.2
FAST = 1.02
"""Pace of a clock that gains 1.2 s a minute."""


class Condition(StrEnum):
    """What a camera can be made to suffer from. They add up until it is ``well``."""

    WELL = "well"
    NIGHT = "night"
    """No fault: dark, and its infrared lamps on."""
    DARK = "dark"
    COVERED = "covered"
    TURNED = "turned"
    FROZEN = "frozen"
    STARVED = "starved"
    """Too few bits a second."""
    FAST = "fast"
    """Its clock runs too fast."""


class Film:
    """width, height: pixels. fps: pictures a second. gop_s: seconds between keyframes.

    ``state`` is what goes on before the camera. Times in seconds of any clock that does not step.
    """

    def __init__(self, width: int, height: int, fps: int, gop_s: float, codec: Codec = Codec.H264) -> None:
        self.state = SceneState()
        self._size = (width, height)
        self._fps = fps
        self._codec = codec
        self._gop = max(1, round(gop_s * fps))
        self._behind = background(width, height)
        self._encoder = self._encode_at(BITRATE)
        self._conditions: set[Condition] = set()
        self._frozen_s: float | None = None
        self._stamp_s = 0.0

    def be(self, condition: Condition, now_s: float) -> None:
        """From now on."""
        if condition is Condition.WELL:
            self._conditions.clear()
        else:
            self._conditions.add(condition)
        has = self._conditions.__contains__
        unlit = has(Condition.DARK) or has(Condition.NIGHT)
        self.state = replace(
            self.state,
            light=DARK if unlit else 1.0,
            infrared=has(Condition.NIGHT) and not has(Condition.DARK),
            covered=has(Condition.COVERED),
            turned=TURNED if has(Condition.TURNED) else 0.0,
        )
        if condition in (Condition.STARVED, Condition.WELL):
            self._encoder = self._encode_at(STARVED_BITRATE if has(Condition.STARVED) else BITRATE)
        if condition in (Condition.FROZEN, Condition.WELL):
            self._frozen_s = now_s if has(Condition.FROZEN) else None

    def door(self, is_open: bool, now_s: float) -> None:
        """The door's leaf swings."""
        if self.state.door_open != is_open:
            self.state = replace(self.state, door_open=is_open, door_moved_s=now_s)

    def walk(self, now_s: float) -> None:
        """Somebody walks past, from now on, for ``scene.WALK_S`` seconds."""
        self.state = replace(self.state, walker_since_s=now_s)

    def next(self, now_s: float, wall_s: float) -> AccessUnit:
        """The picture taken now. wall_s: what the caption says, seconds since 1970."""
        seen_s = now_s if self._frozen_s is None else self._frozen_s
        caption = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(wall_s - now_s + seen_s))
        picture = draw(self._behind, self.state, seen_s, caption)
        stamp_s = self._stamp_s
        self._stamp_s += (FAST if Condition.FAST in self._conditions else 1.0) / self._fps
        return self._encoder.encode(picture, round(stamp_s * CLOCK_HZ))

    def _encode_at(self, bitrate: int) -> Encoder:
        return Encoder(*self._size, self._fps, self._gop, bitrate, self._codec)
