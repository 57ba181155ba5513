"""The first page about naming, and naming the member of an event."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from controller.console.events.telling import sentence
from controller.console.naming import forms
from controller.console.naming.asking import (
    case_of,
    event_link,
    naming_page,
    not_done,
    refuse_without_need,
)
from controller.console.naming.key_sessions import KeySession
from controller.console.naming.memory import key_session_of, memory_of
from controller.console.web.access import may
from controller.console.web.branch import account_of, branch_of
from controller.core.naming import Wanted
from controller.settings.staff import Role
from controller.staff import hidden
from controller.staff.naming import people
from controller.staff.naming.approving import pending
from controller.staff.naming.case import Case
from controller.staff.naming.event import name, sealed_card
from controller.staff.refusal import Refused
from controller.store.boxes import Box


@may(Role.SUPERVISOR)
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What can be done here, what waits, and what was searched for."""
    branch, session = branch_of(request), key_session_of(request)
    waiting = pending(branch.settings, branch.now())
    shown = {
        "waiting": sum(one.may_be_approved_by(account_of(request), branch.now()) for one in waiting),
        "mine": sum(one.is_of(account_of(request)) for one in waiting),
        "searches": memory_of(request).searches.of(session) if session else [],
    }
    return naming_page(request, "start.html", shown)


@may(Role.SUPERVISOR)
@require_http_methods(["GET", "POST"])
def event(request: HttpRequest, event_id: UUID) -> HttpResponseBase:
    """Why somebody is to be named; then the card number, or that it waits for a second person."""
    try:
        box = sealed_card(branch_of(request).paths, str(event_id))
    except Refused as error:
        return not_done(request, str(error), status=404)
    if request.method == "GET":
        return _form(request, box, forms.carried(request.GET), {})
    why = forms.why(request.POST)
    if not why.need_given:
        refuse_without_need(request, {"purpose": "event", "event": str(event_id)})
    if why.reason is None or why.errors:
        return _form(request, box, request.POST, why.errors)
    case = case_of(request, Wanted(why.reason, why.need, str(event_id)))
    if people.needed(case.settings).people > 1:
        return redirect("naming:approval", case.ask().id)
    session = key_session_of(request)
    if session is None:
        return _form(request, box, request.POST, {"key": "Bring the authority's key first"})
    return named(request, case, session, box)


def named(request: HttpRequest, case: Case, session: KeySession, box: Box) -> HttpResponse:
    """The page with the card number; it is journalled before."""
    try:
        with memory_of(request).sessions.use(session) as keys:
            card = name(case, keys, box)
    except Refused as error:
        return not_done(request, str(error))
    shown = {"card": card, "event": box.event, "kind": sentence(box.event), "wanted": case.wanted}
    return naming_page(request, "named.html", {**shown, "link": event_link(box.event)})


def _form(request: HttpRequest, box: Box, sent: Mapping[str, str], errors: dict[str, str]) -> HttpResponse:
    restricted = hidden.look_up(branch_of(request).paths)
    shown = {
        "event": box.event,
        "kind": sentence(box.event),
        "restricted": restricted.hides(box.event),
        "unknown": restricted.unknown,
        "link": event_link(box.event),
        "sent": sent,
        "errors": errors,
    }
    return naming_page(request, "event.html", shown, status=422 if errors else 200)
