"""A camera looked through as the recorder does when it looks for motion, for ``unlocked camera watch``.

Never here: showing what is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from av import VideoFrame

from controller.devices import Camera, VideoPacket
from controller.recorder.watching.motion import MotionDetector, Seen
from controller.recorder.watching.pictures import KeyframeDecoder, Picture, StreamDecoder, small
from controller.recorder.watching.sub_stream import Pace
from controller.recorder.watching.zones import View


@dataclass(frozen=True, slots=True)
class Look:
    """One picture: frame as the camera sent it, picture as it was compared, seen what came of that."""

    mono_us: int
    frame: VideoFrame
    picture: Picture
    seen: Seen


class _Decoder(Protocol):
    def frame(self, packet: VideoPacket) -> VideoFrame | None: ...


def looks(
    camera: Camera, view: View, since_boot_us: Callable[[], int], *, keyframes: bool
) -> Iterator[Look | None]:
    """A look for each picture that counts, None for each packet that does not. Ends by raising DeviceLost.

    keyframes: only they count, as in the stream that is recorded; otherwise five pictures a second do.
    """
    detector, pace = MotionDetector(view), Pace()
    decoder: _Decoder = KeyframeDecoder(camera.format) if keyframes else StreamDecoder(camera.format)
    for packet in camera.packets():
        now_us = since_boot_us()
        frame = decoder.frame(packet) if packet.keyframe or not keyframes else None
        if frame is None or not (keyframes or pace.due(now_us)):
            yield None
        else:
            picture = small(frame)
            yield Look(now_us, frame, picture, detector.look(picture, now_us))
