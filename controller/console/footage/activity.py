"""What happened in a time, as it stands on the scrubber: recorded, missing and why, motion, events of doors.

Here: reading it from rows and journals. Never here: how it is drawn (``scrubber``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from controller.console.events.saying import plain
from controller.console.events.telling import sentence
from controller.console.footage.shown import OfCamera, Stretch
from controller.console.footage.viewing import Viewing
from controller.console.web.branch import Branch
from controller.core.event import Event, EventType
from controller.footage.export.manifest import ExplainedGap
from controller.footage.moments import gaps
from controller.staff.clips import UNFINISHED
from controller.staff.clips import gaps as explained
from controller.staff.hidden import Hidden
from controller.store.journal_reader import JournalMissing

DOOR_TYPES = frozenset(
    {
        EventType.ACCESS_GRANTED,
        EventType.ACCESS_REFUSED,
        EventType.EXIT_REQUESTED,
        EventType.DOOR_OPENED,
        EventType.DOOR_CLOSED,
        EventType.DOOR_FORCED,
        EventType.DOOR_HELD,
        EventType.FIRE_STARTED,
        EventType.LOCKDOWN_STARTED,
        EventType.EVACUATION_STARTED,
        EventType.HELP_REQUESTED,
        EventType.TAMPER_STARTED,
        EventType.PASSAGE_REOPENED,
        EventType.PASSAGE_LONG,
        EventType.PASSAGE_MORE_THAN_GRANTED,
    }
)
MOTION_TYPES = (EventType.MOTION_STARTED, EventType.MOTION_ENDED)
MOST_MARKS = 2000
"""Events on a scrubber; with more of them it tells that it does not show all."""
LONGEST_MOTION_US = 3600 * 1_000_000
"""How far back a motion may have begun that goes on when the time begins."""
BECAUSE = {
    UNFINISHED: "not written yet",
    "service_stopped": "the recorder was stopped",
    "service_died": "the recorder had failed",
    "camera_lost": "the camera did not answer",
    "camera_stalled": "the camera sent no pictures",
    "camera_jumped": "the camera's clock jumped",
    "storage_full": "the disk was full",
    "disk_fault": "the disk failed",
    "file_missing": "the file is missing",
    "disk_missing": "the disk was not there",
    "policy": "nothing might be recorded by the policy",
    "paused: quiet": "nothing moved",
    "paused: off": "the camera was off by its hours",
}

UNKNOWN = "nobody knows why"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a door."""

    at_us: int
    door: str
    event_id: str
    said: str


@dataclass(frozen=True, slots=True)
class Missing:
    """why: in words; empty if nobody knows."""

    begins_us: int
    ends_us: int
    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A camera's part of the scrubber."""

    camera: str
    recorded: tuple[Stretch, ...]
    restricted: tuple[Stretch, ...]
    missing: tuple[Missing, ...]
    motion: tuple[Stretch, ...]

    @property
    def in_order(self) -> list[tuple[int, int, str]]:
        """What was recorded and what not: beginning, end, and words."""
        lines = [(begin, end, "Recorded") for begin, end in self.recorded]
        lines += [(begin, end, "Restricted: stored only, and not shown") for begin, end in self.restricted]
        lines += [(gap.begins_us, gap.ends_us, f"Not recorded: {gap.why or UNKNOWN}") for gap in self.missing]
        return sorted(lines)


@dataclass(frozen=True, slots=True)
class Activity:
    """more: there are more marks than are shown. told: the doors' journal could be read."""

    cameras: tuple[Seen, ...]
    marks: tuple[Mark, ...]
    more: bool
    told: bool


def activity(branch: Branch, viewing: Viewing, found: Iterable[OfCamera], restricted: Hidden) -> Activity:
    """Raises DatabaseUnusable."""
    cameras = tuple(_seen(branch, viewing, one, restricted) for one in found)
    marks: list[Mark] = []
    told = True
    try:
        for event in branch.journal("door").between(viewing.begins_us, viewing.ends_us, DOOR_TYPES):
            if len(marks) > MOST_MARKS:
                break
            if not restricted.hides(event):
                marks.append(Mark(event.stamp.wall_us, event.subject, event.id, sentence(event)))
    except JournalMissing:
        told = False
    return Activity(cameras, tuple(marks[:MOST_MARKS]), len(marks) > MOST_MARKS, told)


def _seen(branch: Branch, viewing: Viewing, one: OfCamera, restricted: Hidden) -> Seen:
    there = [*one.recorded, *one.restricted]
    lacking = list(gaps(viewing.begins_us, viewing.ends_us, there))
    moving = _of_motion(branch, viewing, one.camera, restricted)
    causes = explained(branch.settings, one.camera, lacking, branch.now().wall_us)
    return Seen(
        one.camera,
        one.recorded,
        one.restricted,
        tuple(_missing(gap) for gap in causes),
        tuple(motion(moving, viewing.begins_us, viewing.ends_us)),
    )


def _missing(gap: ExplainedGap) -> Missing:
    return Missing(gap.begins, gap.ends, BECAUSE.get(gap.cause, plain(gap.cause)) if gap.cause else "")


def _of_motion(branch: Branch, viewing: Viewing, camera: str, restricted: Hidden) -> Iterator[Event]:
    since_us = max(0, viewing.begins_us - LONGEST_MOTION_US)
    try:
        for event in branch.journal("recorder").between(since_us, viewing.ends_us, MOTION_TYPES):
            if event.subject == camera and not restricted.hides(event):
                yield event
    except JournalMissing:
        return


def motion(events: Iterable[Event], begins_us: int, ends_us: int) -> Iterator[Stretch]:
    """From each beginning to its end, within the time. events: of one camera, in order."""
    began_us: int | None = None
    for event in events:
        at_us = event.stamp.wall_us
        if event.type is EventType.MOTION_STARTED:
            began_us = at_us if began_us is None else began_us
        elif began_us is not None:
            if at_us > begins_us:
                yield max(began_us, begins_us), min(at_us, ends_us)
            began_us = None
    if began_us is not None:
        yield max(began_us, begins_us), ends_us
