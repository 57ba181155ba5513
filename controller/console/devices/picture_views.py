"""The pages on which a camera's picture is asked for, for a need, and shown with its zones and masks."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from controller.console.devices.set_up_picture import Picture, Pictures, take
from controller.console.web.access import may
from controller.console.web.branch import account_of, branch_of
from controller.console.web.page import page
from controller.settings.recording import CameraSettings
from controller.settings.staff import Role
from controller.staff.refusal import Refused
from controller.staff.viewing import NoNeed, check_need

_pictures = Pictures()


@may(Role.CCTV)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, camera: str) -> HttpResponse:
    branch, who, chosen = branch_of(request), account_of(request), _camera(request, camera)
    if request.method == "GET":
        return _form(request, chosen)
    typed = request.POST.get("need", "").strip()
    try:
        need = check_need(branch.staff, who, typed, "picture")
        picture = take(branch, chosen, who, request.session.session_key or "", need)
    except NoNeed:
        fault = "Enter the reference of the need, such as INC-2026-014, without spaces; no names"
        return _form(request, chosen, typed, fault=fault, status=400)
    except Refused as error:
        return _form(request, chosen, typed, silent=str(error), status=409)
    return redirect("devices:shown", _pictures.keep(picture, branch.now().mono_us))


@may(Role.CCTV)
@require_GET
def shown(request: HttpRequest, token: str) -> HttpResponse:
    found = _found(request, token)
    if found is None:
        return page(request, "devices/gone.html", status=404)
    camera = _camera(request, found.camera)
    return page(request, "devices/picture.html", {"camera": camera, "at_us": found.at_us, "token": token})


@may(Role.CCTV)
@require_GET
def jpeg(request: HttpRequest, token: str) -> HttpResponse:
    found = _found(request, token)
    if found is None:
        raise Http404
    return HttpResponse(found.jpeg, content_type="image/jpeg")


def _found(request: HttpRequest, token: str) -> Picture | None:
    """Only for the account and the session that it was taken in."""
    now = branch_of(request).now()
    return _pictures.find(token, account_of(request).user, request.session.session_key or "", now.mono_us)


def _camera(request: HttpRequest, id: str) -> CameraSettings:
    for camera in branch_of(request).settings.cameras:
        if camera.id == id:
            return camera
    raise Http404


def _form(
    request: HttpRequest,
    camera: CameraSettings,
    typed: str = "",
    *,
    fault: str = "",
    silent: str = "",
    status: int = 200,
) -> HttpResponse:
    shown = {"camera": camera, "typed": typed, "fault": fault, "silent": silent}
    return page(request, "devices/ask_picture.html", shown, status=status)
