"""What is proposed where somebody asks for footage: the cameras there are, and the time of an event.

Never here: whether it may be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.console.footage.asking import Form
from controller.console.web.branch import Branch
from controller.core.event import event_wall_us
from controller.store.engine import DatabaseMissing
from controller.store.footage_sums import begins

BEFORE_US, AFTER_US = 60_000_000, 120_000_000
"""Around a moment of which there is no clip."""
USUAL_US = 600_000_000


@dataclass(frozen=True, slots=True)
class Camera:
    """since_us: of the oldest footage there is; None: there is none. known: it is in the settings."""

    id: str
    since_us: int | None
    known: bool


def cameras_of(branch: Branch) -> list[Camera]:
    """Those of the settings, and those of which there still is footage. Raises DatabaseUnusable."""
    try:
        there = branch.footage().read(begins)
    except DatabaseMissing:
        there = {}
    known = [one.id for one in branch.settings.cameras]
    ids = [*known, *sorted(set(there) - set(known))]
    return [Camera(id, there.get(id), id in known) for id in ids]


def of_event(branch: Branch, event_id: str, camera: str) -> Form:
    """An event's clips, or the time around it; of one camera, if it is said. Raises DatabaseUnusable."""
    found = branch.footage().clips_of(event_id)
    if clips := [clip for clip in found if clip.camera == camera] or found:
        cameras = [clip.camera for clip in clips]
        begins_us, ends_us = min(clip.start_us for clip in clips), max(clip.end_us for clip in clips)
        return Form.proposed(cameras, begins_us, ends_us, branch.zone)
    at_us = event_wall_us(event_id)
    if at_us is None:
        return Form()
    cameras = [one.id for one in branch.settings.cameras if camera in ("", one.id)]
    return Form.proposed(cameras, at_us - BEFORE_US, at_us + AFTER_US, branch.zone)


def around(branch: Branch, asked: Mapping[str, str], cameras: list[Camera]) -> Form:
    """asked: ``at``, microseconds, and ``camera``, where a link says them; else the last minutes."""
    text = asked.get("at", "")
    now_us = branch.now().wall_us
    one = asked.get("camera", "")
    chosen = [one] if one in [camera.id for camera in cameras] else []
    if not chosen and len(cameras) == 1:
        chosen = [cameras[0].id]
    if text.isascii() and text.isdigit() and len(text) < 17:
        at_us = min(int(text), now_us)
        return Form.proposed(chosen, max(0, at_us - USUAL_US), min(at_us + USUAL_US, now_us), branch.zone)
    return Form.proposed(chosen, now_us - USUAL_US, now_us, branch.zone)
