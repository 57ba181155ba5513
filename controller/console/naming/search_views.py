"""Pages of a search by card number: the form, how far it is, what it found."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from controller.console.accounts.sessions import unattended
from controller.console.events.telling import sentence
from controller.console.naming import forms
from controller.console.naming.asking import case_of, event_link, naming_page, not_done, refuse_without_need
from controller.console.naming.memory import key_session_of, memory_of
from controller.console.naming.searches import Busy, CardSearch
from controller.console.web.access import may
from controller.console.web.branch import branch_of
from controller.core.event import Event
from controller.core.local_time import local_time
from controller.core.naming import Wanted
from controller.settings.rules import card_rules
from controller.settings.staff import Role
from controller.staff.naming import people
from controller.staff.refusal import Refused

PAGE = 100
NOT_THERE = "there is no such search, or its key session has ended and what it found was forgotten"


@may(Role.SUPERVISOR)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("card")
@sensitive_variables("number")
def form(request: HttpRequest) -> HttpResponseBase:
    """Which card, from when to when, and why."""
    branch = branch_of(request)
    if request.method == "GET":
        now = local_time(branch.now().wall_us, branch.zone)
        sent = {"to-day": f"{now:%Y-%m-%d}", "to-time": f"{now:%H:%M}"}
        return naming_page(request, "search.html", {"sent": sent | forms.carried(request.GET)})
    number = forms.card(request.POST, card_rules(branch.settings.cards))
    time, why = forms.time(request.POST, branch.zone), forms.why(request.POST)
    if not why.need_given:
        refuse_without_need(request, {"purpose": "card"})
    errors = {**number.errors, **time.errors, **why.errors}
    session = key_session_of(request)
    two = people.needed(branch.settings).people > 1
    if session is None and not two:
        errors = {"key": "Bring the authority's key first", **errors}
    if errors or number.number is None or why.reason is None:
        sent = {key: str(value) for key, value in request.POST.items() if key != "card"}
        return naming_page(request, "search.html", {"sent": sent, "errors": errors}, status=422)
    case = case_of(request, Wanted(why.reason, why.need, None, time.start_us, time.end_us))
    card = number.number.reveal().encode()
    if two:
        return redirect("naming:approval", case.ask(card).id)
    assert session is not None
    try:
        return redirect("naming:search", memory_of(request).searches.start(case, session, card).id)
    except Busy as error:
        return not_done(request, str(error), back="naming:new_search")


@may(Role.SUPERVISOR)
@require_safe
def search(request: HttpRequest, search_id: str) -> HttpResponse:
    """How far it is; what it found, once it is done."""
    one = _find(request, search_id)
    if one is None:
        return not_done(request, NOT_THERE, status=404)
    number = request.GET.get("page", "1")
    page_number = int(number) if number.isdecimal() and len(number) < 6 else 1
    try:
        matching = _shown(request, one)
    except Refused as error:
        return not_done(request, str(error), status=503)
    begin = (max(1, page_number) - 1) * PAGE
    rows = [
        (service, event, sentence(event), event_link(event))
        for service, event in matching[begin : begin + PAGE]
    ]
    found = one.found
    return naming_page(
        request,
        "search_state.html",
        {
            "search": one,
            "rows": rows,
            "page": max(1, page_number),
            "pages": -(-len(matching) // PAGE),
            "matching": len(matching),
            "hidden": found.hidden + len(found.matching) - len(matching) if found else 0,
        },
    )


@unattended
@may(Role.SUPERVISOR)
@require_safe
def state(request: HttpRequest, search_id: str) -> JsonResponse:
    """For the page's script: how far it is."""
    one = _find(request, search_id)
    if one is None:
        return JsonResponse({"state": "gone"}, status=404)
    return JsonResponse({"state": one.state.value, "tried": one.tried, "total": one.total})


@may(Role.SUPERVISOR)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, search_id: str) -> HttpResponse:
    one = _find(request, search_id)
    if one is None:
        return not_done(request, NOT_THERE, status=404)
    if request.method == "POST":
        one.cancelled.set()
    return redirect("naming:search", search_id)


def _shown(request: HttpRequest, one: CardSearch) -> list[tuple[str, Event]]:
    """What it found and may be shown now: some of it may have been restricted since. Raises Refused."""
    found = one.found.matching if one.found else []
    if not found or one.case.wanted.reason.reaches_restricted:
        return found
    restricted = branch_of(request).hidden()
    restricted.check_known()
    return [each for each in found if each[1].id not in restricted.event_ids]


def _find(request: HttpRequest, search_id: str) -> CardSearch | None:
    return memory_of(request).searches.find(search_id, key_session_of(request))
