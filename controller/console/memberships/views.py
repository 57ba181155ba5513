"""The pages about memberships: what there is, handing over a file, and how far its import is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from controller.console.memberships import asking, told
from controller.console.memberships.order import REMEDIES, Checked, File, check
from controller.console.web.access import has, may
from controller.console.web.branch import account_of, branch_of
from controller.console.web.page import page
from controller.console.web.uploads import LARGEST, Upload
from controller.ipc.membership_commands import Stage
from controller.settings.staff import Role
from controller.staff.refusal import Refused

IMPORTING = (Role.SUPERVISOR, Role.ENGINEER)


@may(Role.DESK, Role.SUPERVISOR, Role.CCTV, Role.DPO, Role.ENGINEER)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    branch = branch_of(request)
    imported = told.last_import(branch)
    shown: dict[str, Any] = {
        "settings": branch.settings,
        "imported": imported,
        "refused": told.refused_since(branch, imported),
        "system": told.system(branch),
        "may_import": has(request, *IMPORTING),
    }
    try:
        counted = asking.count(branch.settings)
    except Refused as error:
        shown["silent"] = str(error)
    else:
        shown["counted"] = counted
        shown["freshness"] = told.freshness(counted, branch.settings, branch.now().wall_us)
    return page(request, "memberships/overview.html", shown)


@may(*IMPORTING)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _form(request, Checked(), {})
    branch = branch_of(request)
    typed = {name: str(value) for name, value in request.POST.items()}
    file, signature = request.FILES.get("file"), request.FILES.get("signature")
    checked = check(
        File(file.name or "", file.size or 0, file.too_large) if isinstance(file, Upload) else None,
        signature.read() if isinstance(signature, Upload) else None,
        typed,
        branch.zone,
        signed=_signed(request),
        largest_mb=LARGEST // 1_000_000,
    )
    if checked.order is None or not isinstance(file, Upload):
        return _form(request, checked, typed, status=400)
    try:
        asking.hand_over(branch.settings, checked.order, file.descriptor, account_of(request))
    except Refused as error:
        checked.faults["file"] = f"Not handed over: {error}"
        return _form(request, checked, typed, status=409)
    return redirect("memberships:progress")


@may(*IMPORTING)
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    branch = branch_of(request)
    shown: dict[str, Any] = {"stages": Stage}
    try:
        shown["importing"] = asking.importing(branch.settings)
    except Refused as error:
        shown["silent"] = str(error)
    return page(request, "memberships/progress.html", shown)


def _form(
    request: HttpRequest, checked: Checked, typed: dict[str, str], *, status: int = 200
) -> HttpResponse:
    """again: what would import a file that was refused as an accident is offered only then."""
    again = request.GET.get("again", "")
    shown = {
        "faults": checked.faults,
        "typed": typed,
        "signed": _signed(request),
        "again": again if again in REMEDIES else "",
        "largest_mb": LARGEST // 1_000_000,
    }
    return page(request, "memberships/import.html", shown, status=status)


def _signed(request: HttpRequest) -> bool:
    feed = branch_of(request).settings.feed
    return feed is not None and feed.public_key is not None
