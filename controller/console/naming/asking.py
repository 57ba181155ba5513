"""What the pages about naming have in common: the case that is asked for, and a need that was not given."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from controller.console.naming import forms
from controller.console.naming.words import REASONS
from controller.console.web.branch import account_of, branch_of
from controller.console.web.page import page
from controller.core.event import Event, JsonValue
from controller.core.naming import Wanted
from controller.staff.naming import people
from controller.staff.naming.case import Case, refused


def case_of(request: HttpRequest, wanted: Wanted, ask_id: str | None = None) -> Case:
    """Of whoever is logged in."""
    branch = branch_of(request)
    return Case(branch.settings, branch.staff, account_of(request), wanted, ask_id)


def refuse_without_need(request: HttpRequest, about: dict[str, JsonValue]) -> None:
    """Journal that something was asked for without a need. Raises JournalUnavailable."""
    refused(branch_of(request).staff, account_of(request), "no_need", about)


def naming_page(
    request: HttpRequest, template: str, shown: dict[str, object] | None = None, *, status: int = 200
) -> HttpResponse:
    """With what every page about naming shows."""
    needed = people.needed(branch_of(request).settings)
    sent = (shown or {}).get("sent") or {}
    context = {
        "reasons": REASONS,
        "people": needed.people,
        "people_problem": needed.problem,
        "sent": {},
        "errors": {},
        "then": _then(request, sent),
        **(shown or {}),
    }
    return page(request, f"naming/{template}", context, status=status)


def _then(request: HttpRequest, sent: object) -> str:
    """This page with what was filled in, for after the key was brought. Never a card number."""
    fields = (
        {name: sent[name] for name in forms.CARRIED if sent.get(name)} if isinstance(sent, Mapping) else {}
    )
    return f"{request.path}?{urlencode(fields)}" if fields else request.path


def not_done(
    request: HttpRequest, said: str, *, status: int = 409, back: str = "naming:start"
) -> HttpResponse:
    """The page that says why something was not done."""
    return naming_page(request, "not_done.html", {"said": said, "back": reverse(back)}, status=status)


def event_link(event: Event | str) -> str | None:
    """Where the page of an event is."""
    try:
        return reverse("events:event", args=[event if isinstance(event, str) else event.id])
    except NoReverseMatch:
        return None
