"""One camera's health: its packets and some of its keyframes, measured for ``core.camera_health``.

It outlives the connections to the camera, and learns what the camera usually shows and sends. A camera has
two views, one with colours and, by infrared light, one without; each is learnt by itself. Never here:
decoding, and what is done about a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from controller.core.camera_clock import CameraClock
from controller.core.camera_health import (
    LOOK_EVERY_S,
    OF_THE_PICTURE,
    CameraHealth,
    Fault,
    Figures,
    explained_by,
    view_back,
)
from controller.core.camera_rate import CameraRate
from controller.core.event import Stamp
from controller.core.lasting import Turn
from controller.recorder.happenings import CameraLearnt, FaultChanged
from controller.recorder.watching.pictures import Picture
from controller.recorder.watching.view import (
    LEARNING_LOOKS,
    SLOW_LOOKS,
    Edges,
    ReferenceView,
    SlowAverage,
    edges,
    light,
    shown,
)
from controller.store.known_cameras import KnownCamera

LOOK_US = round(LOOK_EVERY_S * 1_000_000)
_EARLY_US = 200_000
"""Keyframes come with a little jitter."""

STILL_SHARE = 0.05
"""Size of the pictures between keyframes, as part of a keyframe's: where it lives, noise alone takes more."""

NO_COLOUR, COLOUR = 1.5, 3.0
"""How far the colours are from grey, of 128 levels: by infrared light not at all."""


class Tone(StrEnum):
    """Whether pictures have colours."""

    COLOUR = "colour"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Between:
    """What came between two keyframes."""

    pictures: int
    bytes: int


class HealthWatch:
    """Used by the camera's thread, but for ``forget``. tell: takes what happened; it may only enqueue.

    faults: those that were told before a restart and had not ended. min_kbps: see ``CameraRate``.
    """

    def __init__(
        self,
        known: KnownCamera,
        faults: Collection[Fault],
        min_kbps: int,
        tell: Callable[[FaultChanged | CameraLearnt], None],
    ) -> None:
        self._known = known
        self._min_kbps = min_kbps
        self._tell = tell
        self._asked = known.asked
        self._health = CameraHealth(faults)
        self._clock = CameraClock()
        self._next_us = 0
        self._last_us = 0
        self._last: bytes | None = None
        self._found: Edges | None = None
        self._still = False
        self._bytes = 0
        self._tone = Tone.COLOUR
        self.figures: Figures | None = None
        """Of the last look."""
        self._learn_anew(known)

    @classmethod
    def unknown(cls, camera: str, tell: Callable[[FaultChanged | CameraLearnt], None]) -> Self:
        """Of a camera of which nothing is known yet."""
        return cls(KnownCamera(camera), (), 0, tell)

    def _learn_anew(self, known: KnownCamera) -> None:
        self._known = known
        self._rate = CameraRate(self._min_kbps, known.usual_kbps)
        stored = {Tone.COLOUR: known.colour_view, Tone.GREY: known.grey_view}
        self.references = {tone: ReferenceView.unpacked(found or b"") for tone, found in stored.items()}
        """By which pictures are judged; None: not learnt yet."""
        self._averages = {tone: SlowAverage(reference) for tone, reference in self.references.items()}

    def forget(self, asked: str) -> None:
        """Somebody asked, in the event of this id, for all to be learnt anew. May be called by any thread."""
        self._asked = asked

    @property
    def faults(self) -> frozenset[Fault]:
        return self._health.faults

    @property
    def blind(self) -> bool:
        """What happens before the camera cannot be told from its pictures now."""
        return not self.faults.isdisjoint(OF_THE_PICTURE)

    def connected(self) -> None:
        self._clock.connected()
        self._rate.connected()
        self._next_us = self._last_us = self._bytes = 0
        self._last = None

    def keyframe(self, size: int, between: Between, stamp_us: int, now: Stamp) -> bool:
        """A keyframe came. Returns whether to look at it.

        size: its bytes. stamp_us: when it was taken, by the camera's own clock.
        """
        self._clock.took(stamp_us, now.mono_us)
        self._bytes += size + between.bytes
        self._still = between.bytes <= STILL_SHARE * size * between.pictures
        since_us, self._last_us = now.mono_us - self._last_us, now.mono_us
        # The last keyframe within the pace, rather than the first after it.
        due = now.mono_us + since_us > self._next_us + _EARLY_US
        if due:
            self._next_us = now.mono_us + LOOK_US
        return due

    def look(self, picture: Picture | None, colour: float, now: Stamp) -> None:
        """picture: of the last keyframe; None if it could not be decoded. colour: how far it is from grey."""
        if self._asked != self._known.asked:
            self._learn_anew(KnownCamera(self._known.camera, self._asked))
        figures = self._picture_figures(picture, colour)
        well = figures.readable and explained_by(figures) is None and not self.blind
        if self._rate.took(self._bytes, now.mono_us, counts=well):
            self._tell(CameraLearnt(self._what_is_known(), None, False, now))
        self._bytes = 0
        self.figures = replace(figures, clock_off=self._clock.off(now.mono_us), rate_low=self._rate.low)
        for change in self._health.look(self.figures, now.mono_us):
            self._tell(FaultChanged(self._known.camera, change.fault, change.turn is Turn.BEGUN, now))
        if well and self._found is not None and view_back(figures):
            self._learn(self._found, now)

    def _picture_figures(self, picture: Picture | None, colour: float) -> Figures:
        if picture is None:
            return Figures(0, 0, readable=False)
        if colour < NO_COLOUR or colour > COLOUR:
            self._tone = Tone.COLOUR if colour > COLOUR else Tone.GREY
        same = (pixels := picture.tobytes()) == self._last
        self._last = pixels
        self._found = found = edges(picture)
        figures = Figures(light(picture), shown(found), same=same, still=self._still)
        reference = self.references[self._tone]
        if reference is None or not reference.usable:
            return figures
        likeness = reference.likeness(found)
        return replace(
            figures, kept=likeness.kept, reference_shown=reference.shown, elsewhere=likeness.elsewhere
        )

    def _learn(self, found: Edges, now: Stamp) -> None:
        average = self._averages[self._tone]
        average.add(found)
        if not average.learnt or (average.looks - LEARNING_LOOKS) % SLOW_LOOKS:
            return
        before, learnt = self.references[self._tone], average.view()
        self.references[self._tone] = learnt
        news = None if before and before.usable == learnt.usable else self._tone
        self._tell(CameraLearnt(self._what_is_known(), news, learnt.usable, now))

    def _what_is_known(self) -> KnownCamera:
        views = {tone: found.packed() if found else None for tone, found in self.references.items()}
        return replace(
            self._known,
            colour_view=views[Tone.COLOUR],
            grey_view=views[Tone.GREY],
            usual_kbps=self._rate.usual,
        )
