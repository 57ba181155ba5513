"""A camera looked through as the recorder does when it looks for motion, for ``unlocked camera watch``.

Never here: showing what is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from av import VideoFrame

from controller.core.camera_health import Figures
from controller.devices import Camera, VideoPacket
from controller.recorder.capture.sub_stream import Pace
from controller.recorder.watching.health import COLOUR
from controller.recorder.watching.motion import MotionDetector, Seen
from controller.recorder.watching.pictures import KeyframeDecoder, Picture, StreamDecoder, colour, small
from controller.recorder.watching.view import ReferenceView, edges, light, shown
from controller.recorder.watching.zones import View
from controller.store.known_cameras import KnownCamera

_HEALTH_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """One picture: frame as the camera sent it, seen what moves in it, health what else is to be seen."""

    mono_us: int
    frame: VideoFrame
    seen: Seen
    health: Figures


class _Decoder(Protocol):
    def frame(self, packet: VideoPacket) -> VideoFrame | None: ...


def looks(
    camera: Camera, view: View, known: KnownCamera, since_boot_us: Callable[[], int], *, keyframes: bool
) -> Iterator[Look | None]:
    """A look for each picture that counts, None for each packet that does not. Ends by raising DeviceLost.

    known: the views by which its health is judged.
    keyframes: only they count, as in the stream that is recorded; otherwise five pictures a second do.
    """
    detector, pace, health = MotionDetector(view), Pace(), _Health(known)
    decoder: _Decoder = KeyframeDecoder(camera.format) if keyframes else StreamDecoder(camera.format)
    for packet in camera.packets():
        now_us = since_boot_us()
        frame = decoder.frame(packet) if packet.keyframe or not keyframes else None
        if frame is None or not (keyframes or pace.due(now_us)):
            yield None
        else:
            picture = small(frame)
            seen = detector.look(picture, now_us)
            yield Look(now_us, frame, seen, health.figures(picture, frame, now_us))


class _Health:
    """What a picture by itself says of the camera's health."""

    def __init__(self, known: KnownCamera) -> None:
        views = (known.colour_view, known.grey_view)
        self._colour, self._grey = (ReferenceView.unpacked(found or b"") for found in views)
        self._figures = Figures(0, 0)
        self._next_us = 0

    def figures(self, picture: Picture, frame: VideoFrame, mono_us: int) -> Figures:
        """Of the last second."""
        if mono_us >= self._next_us:
            self._next_us = mono_us + _HEALTH_US
            self._figures = self._measured(picture, colour(frame) > COLOUR)
        return self._figures

    def _measured(self, picture: Picture, coloured: bool) -> Figures:
        found = edges(picture)
        figures = Figures(light(picture), shown(found))
        reference = self._colour if coloured else self._grey
        if reference is None or not reference.usable:
            return figures
        like = reference.likeness(found)
        return replace(figures, kept=like.kept, reference_shown=reference.shown, elsewhere=like.elsewhere)
