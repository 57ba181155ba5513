"""For ``unlocked check``: are pre-roll and post-roll long enough for the camera that is really there?

The recorder measures how far apart keyframes are and journals it; where its journal can be read, the figure
is taken from there. Never here: measuring.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from controller.core.event import EventType
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.recording import KEYFRAME_INTERVALS, CameraSettings
from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalMissing, JournalReader


@dataclass(frozen=True, slots=True)
class _Measure:
    """interval_us: between keyframes. when: at the branch."""

    interval_us: int
    when: datetime

    @property
    def least_s(self) -> int:
        return -(-KEYFRAME_INTERVALS * self.interval_us // 1_000_000)


class Keyframes:
    """What is wrong (``faults``) and what is not known (``hints``), a line each, beginning with the key."""

    def __init__(self, settings: Settings) -> None:
        self._cameras = [camera for camera in settings.cameras if "activity" in camera.modes]
        self._zone = ZoneInfo(settings.branch.timezone)
        self._journal = Paths.of(settings).journal("recorder")
        self._measures: dict[str, _Measure] = {}
        self._unknown = "nothing of it is there yet"
        if self._cameras:
            self._read(self._journal)

    def _read(self, journal: Path) -> None:
        reader = JournalReader(journal)
        try:
            for camera in self._cameras:
                event = reader.last(EventType.CAMERA_MEASURED, subject=camera.id)
                if event is not None:
                    when = datetime.fromtimestamp(event.stamp.wall_us / 1_000_000, self._zone)
                    interval_us = int(str(event.data["keyframe_interval_us"]))
                    self._measures[camera.id] = _Measure(interval_us, when)
        except JournalMissing:
            pass
        except DatabaseUnusable as error:
            self._unknown = str(error)
        finally:
            reader.close()

    def faults(self) -> Iterator[str]:
        for camera in self._cameras:
            if (measure := self._measures.get(camera.id)) is not None:
                yield from self._too_short(camera, measure)

    def _too_short(self, camera: CameraSettings, measure: _Measure) -> Iterator[str]:
        for key, seconds in (("pre_roll_s", camera.pre_roll_s), ("post_roll_s", camera.post_roll_s)):
            if seconds * 1_000_000 < KEYFRAME_INTERVALS * measure.interval_us:
                yield (
                    f"cameras[{camera.id}].{key}: {seconds} s is less than {KEYFRAME_INTERVALS} keyframe "
                    f"intervals of this camera, which are {measure.interval_us / 1_000_000:g} s each as the "
                    f"recorder measured on {measure.when:%Y-%m-%d at %H:%M} ({self._journal}); set {key} = "
                    f"{measure.least_s}, or have the camera send keyframes more often"
                )

    def hints(self) -> Iterator[str]:
        for camera in self._cameras:
            if camera.id not in self._measures:
                yield (
                    f"cameras[{camera.id}].pre_roll_s: whether it is long enough for the keyframes of this "
                    f"camera is not known; check again once the recorder has recorded it for a minute "
                    f"({self._journal}: {self._unknown})"
                )
