"""Whether a camera is to be recorded now: by its mode, the hours of the branch, and what happened lately.

When in doubt, it is: before its keyframes are measured, when they are too far apart for a pre-roll, when
nobody can tell whether something moves, and when nobody knows which hours it is. Never here: pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from controller.core import hours
from controller.core.event import Stamp
from controller.recorder.activity import Activity
from controller.recorder.capture.keyframe_interval import KeyframeInterval
from controller.recorder.happenings import Reason
from controller.settings.recording import KEYFRAME_INTERVALS


class Mode(StrEnum):
    """From least to fullest."""

    OFF = "off"
    ACTIVITY = "activity"
    CONTINUOUS = "continuous"


@dataclass(frozen=True, slots=True)
class ModeRules:
    """usual: where ``by_hours`` names nothing else. hours_at: None when the hours cannot be known.

    hours_at takes wall time, microseconds since 1970 UTC, and is called on the camera's thread.
    watched: somebody looks for motion.
    """

    usual: Mode = Mode.CONTINUOUS
    by_hours: Mapping[hours.Mode, Mode] = field(default_factory=dict)
    hours_at: Callable[[int], hours.Mode] | None = None
    pre_roll_us: int = 10_000_000
    post_roll_us: int = 30_000_000
    watched: bool = True

    @property
    def modes(self) -> frozenset[Mode]:
        """Those that the camera is in at some time of the week."""
        return frozenset(self.by_hours.get(each, self.usual) for each in _SET)

    def at(self, now: Stamp) -> Mode:
        """The mode now; the fullest of all that it has while the hours are not known."""
        if not self.by_hours:
            return self.usual
        if self.hours_at is None or not now.clock_trusted:
            return max(self.modes, key=list(Mode).index)
        at = self.hours_at(now.wall_us)
        # Staff have gone, and whoever is still inside is on their own already.
        return self.by_hours.get(hours.Mode.UNSTAFFED if at is hours.Mode.CLEAR_OUT else at, self.usual)


_SET = (hours.Mode.STAFFED, hours.Mode.UNSTAFFED, hours.Mode.CLOSED)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be done with the pictures that come now, and why."""

    mode: Mode
    record: bool
    reason: Reason


class ModeJudge:
    """Judges for one camera. Outlives its connections; used by its thread, beside what ``activity`` is told.

    interval: of its keyframes, to be told of each.
    """

    def __init__(self, rules: ModeRules, activity: Activity) -> None:
        self.rules = rules
        self.activity = activity
        self.interval = KeyframeInterval()
        self._began_us = 0

    def connected(self, now: Stamp) -> None:
        """The first picture of a connection: what happened while there was none can only be guessed."""
        self._began_us = now.mono_us
        self.activity.happened(Reason.CAMERA_FOUND, now.mono_us)

    @property
    def too_rare(self) -> bool:
        """Whether keyframes are known to be too far apart for recording by activity."""
        least_us = KEYFRAME_INTERVALS * (self.interval.us or 0)
        return min(self.rules.pre_roll_us, self.rules.post_roll_us) < least_us

    def judgement(self, now: Stamp) -> Judgement:
        mode = self.rules.at(now)
        if mode is Mode.CONTINUOUS:
            return Judgement(mode, True, Reason.CONTINUOUS)
        if mode is Mode.OFF:
            return Judgement(mode, False, Reason.OFF)
        reason = self._lately(now) or self._doubt(now)
        return Judgement(mode, reason is not None, reason or Reason.QUIET)

    def _lately(self, now: Stamp) -> Reason | None:
        latest = self.activity.latest
        recent = latest is not None and now.mono_us - latest.mono_us < self.rules.post_roll_us
        return latest.reason if latest is not None and recent else None

    def _doubt(self, now: Stamp) -> Reason | None:
        if self.interval.us is None:
            return Reason.UNMEASURED
        if self.too_rare:
            return Reason.KEYFRAMES_TOO_RARE
        looked_us = max(self._began_us, self.activity.looked_us)
        if self.rules.watched and now.mono_us - looked_us >= self.rules.post_roll_us:
            return Reason.UNWATCHED
        return None
