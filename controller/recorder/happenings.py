"""What a camera's thread tells the acting thread: values on a queue, nothing else passes between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from controller.core.camera_health import Fault
from controller.core.event import Stamp
from controller.recorder.segments.segment_writer import WrittenSegment
from controller.store.known_cameras import KnownCamera


class GapCause(StrEnum):
    """Why pictures are missing."""

    SERVICE_STOPPED = "service_stopped"
    SERVICE_DIED = "service_died"
    CAMERA_LOST = "camera_lost"
    CAMERA_STALLED = "camera_stalled"
    CAMERA_JUMPED = "camera_jumped"
    STORAGE_FULL = "storage_full"
    DISK_FAULT = "disk_fault"
    FILE_MISSING = "file_missing"
    DISK_MISSING = "disk_missing"
    POLICY = "policy"
    """Nothing might be recorded: the policy profile or the published notice did not allow it."""


class LostCause(StrEnum):
    """What is wrong with a camera."""

    UNREACHABLE = "unreachable"


class Reason(StrEnum):
    """Why a camera is recorded, or not."""

    CONTINUOUS = "continuous"
    MOTION = "motion"
    DOOR = "door"
    CAMERA_FOUND = "camera_found"
    """What happened just before the camera came can only be guessed."""
    CAMERA_LOST = "camera_lost"
    """Somebody may have seen to it: what came last is kept."""
    SERVICE_STOPPED = "service_stopped"
    """Something may happen before the next run."""
    UNWATCHED = "unwatched"
    """Nobody knows whether something moves: its pictures cannot be looked at."""
    MEMORY_FULL = "memory_full"
    UNMEASURED = "unmeasured"
    KEYFRAMES_TOO_RARE = "keyframes_too_rare"

    QUIET = "quiet"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class SegmentClosed:
    """A segment has its final name. It has no row yet."""

    segment: WrittenSegment


@dataclass(frozen=True, slots=True)
class Gap:
    """No pictures from ``from_us`` to ``to_us``, wall time. Told when pictures come again."""

    camera: str
    from_us: int
    to_us: int
    cause: GapCause
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class CameraFound:
    """Pictures come, for the first time or again."""

    camera: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class CameraLost:
    """Told once until the camera is found again."""

    camera: str
    cause: LostCause
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class FaultChanged:
    """Something began to be wrong with what a camera sends, or has ceased to be."""

    camera: str
    fault: Fault
    begun: bool
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class CameraLearnt:
    """What is known of a camera now. view: the one by which it can be judged from now on; None: no news.

    usable: there is enough in that view to recognise it by.
    """

    known: KnownCamera
    view: str | None
    usable: bool
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Motion:
    """Something began (or has ceased) to move before the camera."""

    camera: str
    started: bool
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Paused:
    """From here on nothing is to be recorded, so that what is missing is no gap."""

    camera: str
    reason: Reason
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Resumed:
    """Recording goes on. from_us: wall time of the first picture, which can be older than the reason."""

    camera: str
    reason: Reason
    from_us: int
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Measured:
    """How far apart the camera's keyframes are.

    too_rare: whether that is too far for its pre-roll or post-roll; None if it is always recorded anyway.
    """

    camera: str
    keyframe_interval_us: int
    too_rare: bool | None
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class DiskFailed:
    """A segment cannot be written, and not for want of room. Its camera's thread goes on trying."""

    camera: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class NoRoom:
    """The disk took no more. The camera's thread waits until recording is allowed again."""

    camera: str


Recorded = (
    SegmentClosed
    | Gap
    | CameraFound
    | CameraLost
    | DiskFailed
    | FaultChanged
    | CameraLearnt
    | Motion
    | Paused
    | Resumed
    | Measured
)
"""What goes into the books and asks for nothing else."""

Happening = Recorded | NoRoom
