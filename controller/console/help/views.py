"""Help, the sheet to be printed, and the accessibility statement."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from controller.console.help.sheet import dialled, told, ways_out
from controller.console.web.access import anybody, everybody
from controller.console.web.branch import branch_of
from controller.console.web.page import page
from controller.settings.model import Settings
from controller.settings.policy.load import PolicyUnusable, load_profile


@everybody
def start(request: HttpRequest) -> HttpResponse:
    return page(request, "help/start.html", _shown(request))


@everybody
def sheet(request: HttpRequest) -> HttpResponse:
    return page(request, "help/sheet.html", _shown(request))


@anybody
def accessibility(request: HttpRequest) -> HttpResponse:
    settings = branch_of(request).settings
    shown = {"authority": _authority(settings), "contacts": settings.console.contacts, "dialled": dialled}
    return page(request, "help/accessibility.html", shown)


def _shown(request: HttpRequest) -> dict[str, Any]:
    branch = branch_of(request)
    return {
        "contacts": branch.settings.console.contacts,
        "dialled": dialled,
        "ways_out": ways_out(branch.settings),
        "told": told(branch.settings),
        "remote_unlock": branch.settings.console.remote_unlock,
        "printed_us": branch.now().wall_us,
    }


def _authority(settings: Settings) -> str:
    """Its name as its policy profile has it, if there is one that can be read."""
    try:
        if settings.policy.profile is not None:
            return load_profile(settings.policy.profile).authority
    except PolicyUnusable:
        pass
    return settings.branch.authority
