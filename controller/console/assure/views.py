"""The page of promises: what ``unlocked assure`` found, in the console."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from controller.console.assure.memory import examination
from controller.console.web.access import may
from controller.console.web.branch import branch_of
from controller.console.web.page import page
from controller.settings.staff import Role

STATES = {
    "kept": ("Kept", "green"),
    "not_kept": ("Not kept", "red"),
    "unproved": ("Not proved", "yellow"),
    "elsewhere": ("Elsewhere", "grey"),
}
"""In words, and the colour of the tag."""


@may(Role.DPO, Role.AUDITOR, Role.SUPERVISOR)
@require_GET
def promises(request: HttpRequest) -> HttpResponse:
    found = examination(branch_of(request)).now
    return page(
        request,
        "assure/page.html",
        {"report": found.report, "began_us": found.began_us, "fault": found.fault, "states": STATES},
    )


@may(Role.DPO, Role.AUDITOR, Role.SUPERVISOR)
@require_POST
def examine(request: HttpRequest) -> HttpResponse:
    branch = branch_of(request)
    examination(branch).begin(branch.now().wall_us)
    return redirect("assure:page")
