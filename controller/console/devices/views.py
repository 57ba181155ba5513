"""The pages about what is fitted, trying a reader, and the settings in force."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from controller.console.devices import reader_trial
from controller.console.devices.described import devices
from controller.console.today.serving import live_of
from controller.console.web.access import has, may
from controller.console.web.branch import account_of, branch_of
from controller.console.web.page import page
from controller.secrets import credentials
from controller.settings.shown import tables
from controller.settings.staff import Role
from controller.staff.refusal import Refused

MAY_TRY = (Role.ENGINEER, Role.SUPERVISOR)


@may(*MAY_TRY, Role.CCTV)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    branch = branch_of(request)
    shown = {
        "devices": devices(branch.settings, live_of(branch).board()),
        "may_try": has(request, *MAY_TRY),
        "may_look": has(request, Role.CCTV),
    }
    return page(request, "devices/overview.html", shown)


@may(*MAY_TRY)
@require_http_methods(["GET", "POST"])
def reader(request: HttpRequest, door: str, reader: str) -> HttpResponse:
    settings = branch_of(request).settings
    if (door, reader) not in [(one.id, each.id) for one, each in settings.readers()]:
        raise Http404
    shown: dict[str, Any] = {"door": door, "reader": reader}
    try:
        if request.method == "POST":
            reader_trial.begin(settings, door, reader, account_of(request))
            return redirect("devices:reader", door, reader)
        shown["tested"] = reader_trial.look(settings, door, reader)
        shown["said"] = reader_trial.said(shown["tested"])
    except Refused as error:
        shown["silent"] = str(error)
    return page(request, "devices/reader.html", shown)


@may(*MAY_TRY)
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    in_force = branch_of(request).settings
    only_set = request.GET.get("only") == "set"
    found = tables(in_force)
    if only_set:
        found = [table for table in found if any(key.is_set for key in table.keys)]
    needed = credentials.needed(in_force)
    secrets = [(service, (*names, credentials.journal_key(service))) for service, names in needed.items()]
    first: dict[str, int] = {}
    for number, table in enumerate(found, start=1):
        first.setdefault(table.heading.strip("[]").partition(".")[0], number)
    shown = {"tables": found, "contents": first.items(), "only_set": only_set, "secrets": secrets}
    return page(request, "devices/settings.html", shown)
