"""Asking for footage, and the page of a viewing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from controller.console.footage.activity import activity
from controller.console.footage.allowed import of_viewing, trained
from controller.console.footage.asking import MOST_CAMERAS, Form, read
from controller.console.footage.proposing import around, cameras_of, of_event
from controller.console.footage.scrubber import scrubber
from controller.console.footage.shown import masks_for, of_camera
from controller.console.footage.viewing import Viewing, begin, refuse
from controller.console.footage.workshop import workshop_of
from controller.console.web.branch import account_of, branch_of
from controller.console.web.page import page
from controller.staff.needs import is_need

HOUR_US = 3_600_000_000


@trained
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponseBase:
    """Nothing is shown before the need was said; what is shown then was recorded before."""
    branch, who = branch_of(request), account_of(request)
    cameras = cameras_of(branch)
    if request.method != "POST":
        event_id = request.GET.get("event", "")
        one = request.GET.get("camera", "")
        form = of_event(branch, event_id, one) if event_id else around(branch, request.GET.dict(), cameras)
        return _ask(request, form, {}, cameras)
    form = Form.of(request.POST.dict(), request.POST.getlist("camera"))
    asked, wrong = read(form, [one.id for one in cameras], branch.zone, branch.now().wall_us)
    if asked is None:
        if not is_need(form.need):
            refuse(branch, who, "no_need", "view")
        return _ask(request, form, wrong, cameras, status=400)
    cause = request.POST.get("event", "")
    known = cause if branch.footage().clips_of(cause) else None
    found = begin(branch, request.session, who, asked, form.need, known)
    return redirect("footage:viewing", viewing=found.id)


def _ask(
    request: HttpRequest, form: Form, wrong: dict[str, str], cameras: object, *, status: int = 200
) -> HttpResponse:
    branch = branch_of(request)
    shown = {
        "form": form,
        "wrong": wrong,
        "cameras": cameras,
        "most": MOST_CAMERAS,
        "event": request.POST.get("event", request.GET.get("event", ""))[:36],
        "exports": workshop_of(branch).exporting.of(account_of(request)),
    }
    return page(request, "footage/start.html", shown, status=status)


@of_viewing("view")
@require_safe
def viewing(request: HttpRequest, viewing: Viewing) -> HttpResponse:
    """What there is of the time, the player, and every film."""
    branch = branch_of(request)
    restricted = branch.hidden()
    found = [of_camera(viewing, camera, branch.footage(), restricted) for camera in viewing.cameras]
    happened = activity(branch, viewing, found, restricted)
    hours = _hours(viewing)
    chosen = _number(request.GET.get("hour", ""), len(hours) - 1)
    from_us, to_us = hours[chosen]
    shown = {
        "viewing": viewing,
        "found": found,
        "activity": happened,
        "scrubber": scrubber(happened, viewing.begins_us, viewing.ends_us, branch.zone),
        "masked": [camera for camera in viewing.cameras if masks_for(branch.settings, camera)],
        "hours": hours,
        "hour": chosen,
        "films": [
            (one.camera, [s for s in one.segments if s.start_us < to_us and s.end_us > from_us])
            for one in found
        ],
    }
    return page(request, "footage/viewing.html", shown)


def _hours(viewing: Viewing) -> list[tuple[int, int]]:
    """The time in parts that fit on a page."""
    begins = range(viewing.begins_us, viewing.ends_us, HOUR_US)
    return [(begin, min(begin + HOUR_US, viewing.ends_us)) for begin in begins]


def _number(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 4 else 0
