"""Clips: which ranges of footage belong to which events.

A clip copies nothing: it is a range over segments, made for each camera when something happened at the
door or before that camera. It becomes a row, and is announced, once its pictures are in closed segments.
Causes are followed in the door's journal and in the recorder's own (motion), after the last cause that
has clips; so a restart takes up where it ended, and does nothing twice.
Never here: the pictures themselves.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp
from controller.footage.moments import place_at
from controller.store.footage import Clip, Footage

DOOR_CAUSES = frozenset(
    {
        EventType.ACCESS_GRANTED,
        EventType.ACCESS_REFUSED,
        EventType.EXIT_REQUESTED,
        EventType.DOOR_FORCED,
        EventType.DOOR_HELD,
        EventType.FIRE_STARTED,
        EventType.EVACUATION_STARTED,
        EventType.HELP_REQUESTED,
        EventType.TAMPER_STARTED,
        EventType.PASSAGE_REOPENED,
        EventType.PASSAGE_LONG,
        EventType.PASSAGE_MORE_THAN_GRANTED,
    }
)
"""One clip for each of these; an opening or closing lies within the clip of what led to it."""
CAUSES = DOOR_CAUSES | {EventType.MOTION_STARTED}

PATIENCE_US = 30_000_000
"""How long after its range and a whole segment a clip waits for its pictures: cameras fail."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that happened, when, and the range to be shown, wall time. seen: when it was read.

    camera: None for all. end_us: None until it has ended.
    """

    journal: str
    seq: int
    event_id: str
    type: EventType
    camera: str | None
    at_us: int
    start_us: int
    end_us: int | None
    seen: Stamp


@dataclass(frozen=True, slots=True)
class Margins:
    """before_us, after_us: around the cause. segment_us: how long a segment stays open.

    keep_us: causes older than this are passed over, since their footage is destroyed.
    """

    before_us: int
    after_us: int
    segment_us: int
    keep_us: int


def clip_id(event_id: str, camera: str) -> str:
    """The same for the same cause and camera."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{event_id}/{camera}"))


class Clips:
    """Used by the acting thread. cameras: of all that are recorded."""

    def __init__(
        self, footage: Footage, cameras: Sequence[str], margins: Margins, announced: AbstractSet[str]
    ) -> None:
        self._footage = footage
        self._cameras = cameras
        self._margins = margins
        self._announced = set(announced)
        self._waiting: dict[str, list[Cause]] = {}
        self._known: dict[str, Clip] = {clip.id: clip for clip in footage.clips()}

    def position(self, journal: str) -> int:
        """Where to begin to read: before the last cause that has a clip, which may lack some cameras."""
        seqs = [clip.event_seq for clip in self._known.values() if clip.event_journal == journal]
        return max(seqs, default=1) - 1

    def follow(self, journal: str, events: Iterable[Event], now: Stamp) -> None:
        """Take in events of a journal, in their order."""
        waiting = self._waiting.setdefault(journal, [])
        margins = self._margins
        for event in events:
            wall_us = event.stamp.wall_us
            if event.type in CAUSES:
                motion = event.type is EventType.MOTION_STARTED
                waiting.append(
                    Cause(
                        journal,
                        event.seq,
                        event.id,
                        event.type,
                        event.subject if motion else None,
                        wall_us,
                        wall_us - margins.before_us,
                        None if motion else wall_us + margins.after_us,
                        now,
                    )
                )
            elif event.type is EventType.MOTION_ENDED:
                self._end_motion(waiting, event.subject, wall_us + margins.after_us)
            elif event.type is EventType.SERVICE_STARTED:
                # The run before died while something moved: what it saw ends here at the latest.
                self._end_motion(waiting, None, wall_us + margins.after_us)
        oldest_us = now.wall_us - margins.keep_us
        self._waiting[journal] = [c for c in waiting if c.end_us is None or c.end_us >= oldest_us]

    @staticmethod
    def _end_motion(waiting: list[Cause], camera: str | None, end_us: int) -> None:
        for index, cause in enumerate(waiting):
            if cause.end_us is None and camera in (None, cause.camera):
                waiting[index] = replace(cause, end_us=end_us)

    def ready(self, now: Stamp) -> Iterator[NewEvent]:
        """Make the clips whose pictures are on disk; the events that announce them.

        In the order of their causes, journal by journal: that order is the position after a restart.
        Each event is to be journalled before the next is taken.
        """
        for waiting in self._waiting.values():
            while waiting and self._is_ready(waiting[0], now):
                for camera in self._cameras_of(waiting[0]):
                    yield from self._make(waiting[0], camera, now)
                done = waiting.pop(0)
                for camera in self._cameras_of(done):
                    finished = clip_id(done.event_id, camera)
                    self._known.pop(finished, None)
                    self._announced.discard(finished)

    def _cameras_of(self, cause: Cause) -> Sequence[str]:
        return self._cameras if cause.camera is None else (cause.camera,)

    def _is_ready(self, cause: Cause, now: Stamp) -> bool:
        if cause.end_us is None:
            return False
        # By the time since boot: a wall clock that is set back must not make a clip wait for years.
        over_us = now.mono_us - cause.seen.mono_us - max(0, cause.end_us - cause.seen.wall_us)
        if over_us < 0:
            return False
        if over_us > self._margins.segment_us + PATIENCE_US:
            return True
        return all(self._recorded_to(camera, cause) >= cause.end_us for camera in self._cameras_of(cause))

    def _recorded_to(self, camera: str, cause: Cause) -> int:
        assert cause.end_us is not None
        # A little beyond the end, for a segment that begins just there also tells that all is closed.
        found = self._footage.segments(camera, cause.start_us, cause.end_us + self._margins.segment_us)
        return max((segment.end_us for segment in found), default=0)

    def _make(self, cause: Cause, camera: str, now: Stamp) -> Iterator[NewEvent]:
        made = self._known.get(clip_id(cause.event_id, camera)) or self._range(cause, camera)
        if made is None:
            return  # the camera has no pictures of it; the gap is journalled
        if made.id not in self._known:
            self._footage.add_clip(made)
            self._known[made.id] = made
        if made.id in self._announced:
            return
        yield NewEvent(EventType.CLIP_RECORDED, camera, now, self._told(cause, made))
        self._announced.add(made.id)

    def _told(self, cause: Cause, made: Clip) -> dict[str, JsonValue]:
        found = self._footage.segments(made.camera, made.start_us, made.end_us)
        told: dict[str, JsonValue] = {
            "clip": made.id,
            "cause": cause.event_id,
            "cause_type": cause.type.value,
            "cause_journal": cause.journal,
            "start_us": made.start_us,
            # What of the range is covered by pictures.
            "length_ms": sum(min(s.end_us, made.end_us) - max(s.start_us, made.start_us) for s in found)
            // 1000,
        }
        if place := place_at(cause.at_us, found):
            told |= {"segment": place.segment.id, "offset_ms": place.offset_us // 1000}
        return told

    def _range(self, cause: Cause, camera: str) -> Clip | None:
        assert cause.end_us is not None
        found = self._footage.segments(camera, cause.start_us, cause.end_us)
        if not found:
            return None
        start_us = max(cause.start_us, min(segment.start_us for segment in found))
        end_us = min(cause.end_us, max(segment.end_us for segment in found))
        return Clip(
            clip_id(cause.event_id, camera),
            camera,
            cause.journal,
            cause.seq,
            cause.event_id,
            start_us,
            end_us,
        )
