"""Asking for an export, how far it is, and its files. Each export is one event, before anybody has a file."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from controller.console.footage.allowed import trained
from controller.console.footage.asking import Asked as Range
from controller.console.footage.asking import Form, read
from controller.console.footage.exporting import Export, State, TooMany
from controller.console.footage.proposing import around, cameras_of
from controller.console.footage.sending import sent
from controller.console.footage.viewing import KEY, find, refuse
from controller.console.footage.workshop import workshop_of
from controller.console.footage.zipped import zipped
from controller.console.web.branch import Branch, account_of, branch_of
from controller.console.web.page import page
from controller.secrets import credentials
from controller.secrets.credentials import SecretMissing
from controller.secrets.minisign_signing import SigningKey
from controller.staff.exports import Asked
from controller.staff.needs import is_need
from controller.staff.refusal import Refused
from controller.staff.viewing import check_range
from controller.store.footage import Clip

KINDS = {".mp4": "video/mp4", ".json": "application/json", ".minisig": "application/octet-stream"}


@trained
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponseBase:
    branch, who = branch_of(request), account_of(request)
    cameras = cameras_of(branch)
    if request.method != "POST":
        return _form(request, _proposed(request), {}, cameras)
    form = Form.of(request.POST.dict(), request.POST.getlist("camera"))
    found, wrong = read(form, [one.id for one in cameras], branch.zone, branch.now().wall_us, most=1)
    if found is None:
        if not is_need(form.need):
            refuse(branch, who, "no_need", "export")
        return _form(request, form, wrong, cameras, status=400)
    asked = _asked(branch, form, found)
    try:
        check_range(branch.hidden(), branch.footage(), asked.camera, asked.begins_us, asked.ends_us)
    except Refused as error:
        refuse(branch, who, "restricted", "export")
        return page(request, "footage/withheld.html", {"said": str(error)}, status=403)
    name = credentials.EXPORT_SIGNING_KEY
    try:
        key = SigningKey.of(credentials.read(name), name)
        export = workshop_of(branch).exporting.begin(
            who,
            form.need,
            asked,
            key,
            encode=request.POST.get("h264") == "yes",
            damaged=request.POST.get("damaged") == "yes",
        )
    except SecretMissing as error:
        said = f"Nothing can be exported here: the key that exports are signed with is missing. {error}"
        return page(request, "footage/withheld.html", {"said": said}, status=503)
    except TooMany:
        said = "There are as many exports as there may be at a time. Remove one that is not needed any more."
        return _form(request, form, {"need": said}, cameras, status=409)
    return redirect("footage:exported", export=export.id)


def _form(
    request: HttpRequest, form: Form, wrong: dict[str, str], cameras: object, *, status: int = 200
) -> HttpResponse:
    exports = workshop_of(branch_of(request)).exporting.of(account_of(request))
    shown = {"form": form, "wrong": wrong, "cameras": cameras, "exports": exports}
    return page(request, "footage/export.html", shown, status=status)


def _proposed(request: HttpRequest) -> Form:
    """clip: its id. viewing: whose time, camera and need are meant; with begin and end within it."""
    branch = branch_of(request)
    if clip := _clip(branch, request.GET.get("clip", "")):
        return Form.proposed([clip.camera], clip.start_us, clip.end_us, branch.zone, clip.id)
    try:
        id = UUID(request.GET.get("viewing", ""))
    except ValueError:
        return around(branch, request.GET.dict(), cameras_of(branch))
    viewing = find(branch, request.session.get(KEY, []), account_of(request), id)
    if viewing is None:
        return Form()
    camera = request.GET.get("camera", viewing.cameras[0])
    proposed = Form.proposed([camera], viewing.begins_us, viewing.ends_us, branch.zone)
    begin, end = (request.GET.get(name, "")[:8] for name in ("begin", "end"))
    return Form(
        viewing.need, proposed.cameras, proposed.day, begin or proposed.begin, end or proposed.end, ""
    )


def _clip(branch: Branch, id: str) -> Clip | None:
    if len(id) != 36:
        return None
    return next((clip for clip in branch.footage().clips() if clip.id == id), None)


def _asked(branch: Branch, form: Form, found: Range) -> Asked:
    """The clip itself where that is meant, to the microsecond; else the time that was typed."""
    clip = _clip(branch, form.clip)
    if clip is not None and clip.camera == found.cameras[0]:
        proposed = Form.proposed([clip.camera], clip.start_us, clip.end_us, branch.zone)
        if (proposed.day, proposed.begin, proposed.end) == (form.day, form.begin, form.end):
            return Asked(clip.camera, clip.start_us, clip.end_us, clip)
    return Asked(found.cameras[0], found.begins_us, found.ends_us, None)


@trained
@require_safe
def export(request: HttpRequest, export: UUID) -> HttpResponse:
    """How far it is, then its files."""
    found = _of(request, export)
    public = found.key.public
    shown = {
        "export": found,
        "waiting": found.state is State.WAITING,
        "working": found.state is State.WORKING,
        "ready": found.state is State.READY,
        "public_key": public.text,
        "files": [
            (number, path.name, size)
            for number, (path, size) in enumerate(zip(found.files, found.sizes, strict=True))
        ],
    }
    return page(request, "footage/exported.html", shown)


@trained
@require_safe
def state(request: HttpRequest, export: UUID) -> HttpResponse:
    found = _of(request, export)
    return JsonResponse({"state": found.state.value, "done": found.done, "of": found.of})


@trained
@require_POST
def remove(request: HttpRequest, export: UUID) -> HttpResponseBase:
    """Stop it, or remove its files."""
    workshop_of(branch_of(request)).exporting.remove(_of(request, export))
    return redirect("footage:start")


@trained
@require_safe
def file(request: HttpRequest, export: UUID, number: int) -> HttpResponseBase:
    found = _of(request, export)
    if withheld := _withheld(request, found):
        return withheld
    if number >= len(found.files):
        raise Http404
    path = found.files[number]
    try:
        return sent(request, path, KINDS.get(path.suffix, "application/octet-stream"), name=path.name)
    except OSError:
        raise Http404 from None


@trained
@require_safe
def archive(request: HttpRequest, export: UUID) -> HttpResponseBase:
    """All of its files at once."""
    found = _of(request, export)
    if withheld := _withheld(request, found):
        return withheld
    if not found.files:
        raise Http404
    name = f"{found.files[0].stem}.zip"
    response = StreamingHttpResponse(zipped(found.files), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _withheld(request: HttpRequest, export: Export) -> HttpResponse | None:
    """The page that says so, where the event of a clip in it was restricted since."""
    branch, asked = branch_of(request), export.asked
    try:
        check_range(branch.hidden(), branch.footage(), asked.camera, asked.begins_us, asked.ends_us)
    except Refused as error:
        refuse(branch, account_of(request), "restricted", "export")
        return page(request, "footage/withheld.html", {"said": str(error)}, status=403)
    return None


def _of(request: HttpRequest, id: UUID) -> Export:
    """Of this account; somebody else's is not there for it."""
    found = workshop_of(branch_of(request)).exporting.find(id, account_of(request))
    if found is None:
        raise Http404
    return found
