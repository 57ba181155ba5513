"""The films of a viewing: their list for the player, each alone, their bytes, and stills of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from controller.console.footage.allowed import of_viewing
from controller.console.footage.preparing import State
from controller.console.footage.scrubber import offsets
from controller.console.footage.sending import sent
from controller.console.footage.shown import file_of, masks_for, may_show, needs_encoding, of_camera
from controller.console.footage.viewing import Viewing, refuse
from controller.console.footage.workshop import workshop_of
from controller.console.web.branch import Branch, account_of, branch_of
from controller.console.web.page import page
from controller.core.event import EventType
from controller.core.local_time import local_time
from controller.footage.export.manifest import Corners
from controller.footage.export.wanted import Wanted
from controller.footage.moments import place_at
from controller.footage.worker.client import Work, WorkFailed
from controller.footage.worker.job import FilmJob, StillJob
from controller.store.footage import Segment

GONE = "This film is not there any more: it was destroyed when it was due, or its disk is not there."
PREPARED = {
    State.WAITING: "It waits until another film is done.",
    State.WORKING: "It is being prepared.",
    State.READY: "",
    State.FAILED: "It could not be prepared.",
}


@dataclass(frozen=True, slots=True)
class _Found:
    """A film that may be seen. prepare: it is encoded anew to be played."""

    segment: Segment
    file: Path
    masks: tuple[Corners, ...]
    prepare: bool


@of_viewing("view")
@require_safe
def films(request: HttpRequest, viewing: Viewing) -> HttpResponse:
    """For the player: what there is of each camera, and how local time is made."""
    branch = branch_of(request)
    restricted = branch.hidden()
    cameras = []
    for camera in viewing.cameras:
        found = of_camera(viewing, camera, branch.footage(), restricted)
        rows = [[one.id, one.start_us, one.end_us] for one in found.segments]
        cameras.append({"camera": camera, "films": rows, "restricted": found.restricted})
    return JsonResponse(
        {
            "begins": viewing.begins_us,
            "ends": viewing.ends_us,
            "offsets": offsets(viewing.begins_us, viewing.ends_us, branch.zone),
            "cameras": cameras,
        }
    )


@of_viewing("view")
@require_safe
def film(request: HttpRequest, viewing: Viewing, segment: UUID) -> HttpResponseBase:
    """One film, for browsers without the player."""
    branch = branch_of(request)
    found = _find(request, viewing, segment)
    if isinstance(found, HttpResponse):
        return found
    restricted = branch.hidden()
    of = of_camera(viewing, found.segment.camera, branch.footage(), restricted).segments
    place = next((number for number, one in enumerate(of) if one.id == found.segment.id), None)
    if place is None:
        return _plain(GONE, 404)  # it went this very moment
    state, said = _prepared(branch, found)
    shown = {
        "viewing": viewing,
        "film": found.segment,
        "earlier": of[place - 1] if place else None,
        "later": of[place + 1] if place + 1 < len(of) else None,
        "ready": state is State.READY,
        "failed": state is State.FAILED,
        "said": said or PREPARED[state],
        "masked": bool(found.masks),
    }
    return page(request, "footage/film.html", shown)


@of_viewing("view")
@require_safe
def state(request: HttpRequest, viewing: Viewing, segment: UUID) -> HttpResponseBase:
    """Whether the bytes can be had now. Asking has them prepared."""
    found = _find(request, viewing, segment)
    if isinstance(found, HttpResponse):
        return found
    state, said = _prepared(branch_of(request), found)
    return JsonResponse({"state": state.value, "said": said or PREPARED[state]})


@of_viewing("view")
@require_safe
def media(request: HttpRequest, viewing: Viewing, segment: UUID) -> HttpResponseBase:
    """The bytes, or a range of them."""
    branch = branch_of(request)
    found = _find(request, viewing, segment)
    if isinstance(found, HttpResponse):
        return found
    file = found.file
    if found.prepare:
        state, said = _prepared(branch, found)
        if state is not State.READY:
            return _plain(said or PREPARED[state], 503)
        file = workshop_of(branch).preparing.file(_key(found))
    try:
        return sent(request, file, "video/mp4")
    except OSError:
        return _plain(GONE, 404)


@of_viewing("still")
@require_POST
def still(request: HttpRequest, viewing: Viewing) -> HttpResponseBase:
    """A picture as a file, journalled before anybody has it."""
    branch, who = branch_of(request), account_of(request)
    camera, at_us = request.POST.get("camera", ""), _moment(request.POST.dict())
    if camera not in viewing.cameras or at_us is None:
        return _no_still(request, viewing, "Say which moment the still is to be of.", 400)
    restricted = branch.hidden()
    place = place_at(at_us, branch.footage().segments(camera, at_us, at_us + 1))
    if place is None or not may_show(viewing, place.segment, branch.footage(), restricted):
        return _no_still(request, viewing, "There is no footage of that moment that may be shown.", 404)
    file = file_of(branch.paths.footage_dir, place.segment)
    if file is None:
        return _no_still(request, viewing, GONE, 404)
    try:
        with workshop_of(branch).stills:
            picture = Work(StillJob(file, place.offset_us, masks_for(branch.settings, camera))).picture()
    except WorkFailed as error:
        return _no_still(request, viewing, str(error), 503)
    branch.record(
        EventType.FOOTAGE_STILL_TAKEN,
        camera,
        {
            "at_us": at_us,
            "need": viewing.need,
            "viewing": str(viewing.id),
            "segment": place.segment.id,
            "sha256": hashlib.sha256(picture).hexdigest(),
        },
        by=who,
    )
    name = f"{camera}-{local_time(at_us, branch.zone):%Y-%m-%d-%H%M%S}.png"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(picture, content_type="image/png", headers=headers)


def _moment(typed: Mapping[str, str]) -> int | None:
    """``at``: microseconds; or ``start`` likewise, and ``seconds`` from there, which may have a fraction."""
    at, start, seconds = (typed.get(name, "")[:20] for name in ("at", "start", "seconds"))
    try:
        found = int(at) if at else int(start) + round(float(seconds) * 1_000_000)
    except (ValueError, OverflowError):
        return None
    return found if 0 < found < 1 << 53 else None


def _no_still(request: HttpRequest, viewing: Viewing, said: str, status: int) -> HttpResponse:
    return page(request, "footage/no_still.html", {"viewing": viewing, "said": said}, status=status)


def _find(request: HttpRequest, viewing: Viewing, segment: UUID) -> _Found | HttpResponse:
    """The film, or the answer that says why not."""
    branch = branch_of(request)
    found = branch.footage().segment(str(segment))
    if found is None:
        return _plain(GONE, 404)
    if not may_show(viewing, found, branch.footage(), branch.hidden()):
        refuse(branch, account_of(request), "not_of_viewing", "view")
        return _plain("This film is not of this viewing, or its event is restricted.", 404)
    file = file_of(branch.paths.footage_dir, found)
    masks = masks_for(branch.settings, found.camera)
    try:
        return _Found(found, file, masks, needs_encoding(file, masks)) if file else _plain(GONE, 404)
    except OSError:
        return _plain(GONE, 404)


def _prepared(branch: Branch, found: _Found) -> tuple[State, str]:
    if not found.prepare:
        return State.READY, ""
    one = found.segment

    def job(target: Path) -> FilmJob:
        wanted = Wanted(one.start_us, one.end_us, found.masks, encode=True, damaged=True)
        return FilmJob(wanted, (one,), branch.paths.footage_dir, target, branch.paths.encoding_turn)

    return workshop_of(branch).preparing.ask(_key(found), job)


def _key(found: _Found) -> str:
    masks = hashlib.sha256(json.dumps(found.masks).encode()).hexdigest()
    return f"{found.segment.id}-{masks[:12]}"


def _plain(said: str, status: int) -> HttpResponse:
    return HttpResponse(said, content_type="text/plain; charset=utf-8", status=status)
