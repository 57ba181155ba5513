"""The queue of what waits for a second person, where the policy wants two."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from controller.console.naming.asking import case_of, event_link, naming_page, not_done
from controller.console.naming.key_sessions import KeySession
from controller.console.naming.memory import key_session_of, memory_of
from controller.console.naming.views import named
from controller.console.web.access import may
from controller.console.web.branch import account_of, branch_of
from controller.secrets.identity import BoxNotOpened
from controller.settings.staff import Role
from controller.staff.naming.approving import Pending, approve, pending
from controller.staff.naming.case import Case
from controller.staff.naming.event import sealed_card
from controller.staff.naming.search import asked_card
from controller.staff.refusal import Refused

NOT_THERE = "nothing like that waits: it was done, or asked for more than a day ago, or never"
OTHER_KEY = "the card that was asked for is sealed to a key that is not in this key session; bring that one"


@may(Role.SUPERVISOR)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    return naming_page(request, "approvals.html", {"rows": [_row(request, one) for one in _pending(request)]})


@may(Role.SUPERVISOR)
@require_safe
def approval(request: HttpRequest, ask_id: UUID) -> HttpResponse:
    """What was asked for, all of it but the card."""
    one = _find(request, ask_id)
    if one is None:
        return not_done(request, NOT_THERE, status=404, back="naming:approvals")
    return naming_page(request, "approval.html", _row(request, one))


@may(Role.SUPERVISOR)
@require_http_methods(["GET", "POST"])
def approve_it(request: HttpRequest, ask_id: UUID) -> HttpResponse:
    if request.method == "GET":  # after logging in again
        return redirect("naming:approval", ask_id)
    branch = branch_of(request)
    try:
        approve(branch.settings, branch.staff, account_of(request), str(ask_id))
    except Refused as error:
        return not_done(request, str(error), back="naming:approvals")
    return redirect("naming:approval", ask_id)


@may(Role.SUPERVISOR)
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, ask_id: UUID) -> HttpResponseBase:
    """What was approved, by whoever asked, with the key."""
    if request.method == "GET":
        return redirect("naming:approval", ask_id)
    one = _find(request, ask_id)
    if one is None:
        return not_done(request, NOT_THERE, status=404, back="naming:approvals")
    session = key_session_of(request)
    if session is None:
        return not_done(request, "bring the authority's key first", back="naming:key")
    case = case_of(request, one.wanted, str(ask_id))
    try:
        case.check()
        if one.wanted.event is None:
            return _search(request, case, session, one)
        box = sealed_card(case.paths, one.wanted.event)
    except Refused as error:
        return not_done(request, str(error), back="naming:approvals")
    return named(request, case, session, box)


def _search(request: HttpRequest, case: Case, session: KeySession, one: Pending) -> HttpResponseBase:
    """Of the card that is sealed in the asking. Raises Refused."""
    memory = memory_of(request)
    try:
        with memory.sessions.use(session) as keys:
            card = asked_card(case.paths, one.ask, keys)
    except BoxNotOpened as error:
        raise Refused(f"{error}: verify the journal") from error
    if card is None:
        raise Refused(OTHER_KEY)
    return redirect("naming:search", memory.searches.start(case, session, card).id)


def _pending(request: HttpRequest) -> list[Pending]:
    branch = branch_of(request)
    return pending(branch.settings, branch.now())


def _find(request: HttpRequest, ask_id: UUID) -> Pending | None:
    return next((one for one in _pending(request) if one.ask.id == str(ask_id)), None)


def _row(request: HttpRequest, one: Pending) -> dict[str, object]:
    who, now = account_of(request), branch_of(request).now()
    return {
        "one": one,
        "mine": one.is_of(who),
        "may_approve": one.may_be_approved_by(who, now),
        "link": event_link(one.wanted.event) if one.wanted.event else None,
    }
