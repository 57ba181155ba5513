"""Reviewing a hold, ending it, and confirming an end that somebody else has proposed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from controller.console.holds import forms
from controller.console.holds.forms import Fault, Faulty
from controller.console.holds.register import Shown, register
from controller.console.holds.views.common import acting, fault, not_there, shown, written_first
from controller.console.holds.views.register import lost
from controller.console.web.access import may
from controller.console.web.branch import branch_of
from controller.core.proposal import Kind, Proposal
from controller.staff.holds import ending
from controller.staff.holds.rules import hold_rules
from controller.staff.refusal import Refused
from controller.store.registers import NotInForce


@may(*ending.MAY_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
@written_first
def review(request: HttpRequest, hold_id: UUID) -> HttpResponseBase:
    rules = hold_rules(branch_of(request).settings, strict=False)
    one = _in_force(request, hold_id)
    if one is None:
        return not_there(request, "hold in force")
    given = {"one": one, "id": one.hold.id, "review_days": rules.review_days}
    if request.method != "POST":
        return _form(request, "review.html", given, [])
    try:
        days = forms.days(request.POST, rules.review_days)
        with acting(request) as at:
            ending.review(at, one.hold.id, days)
    except Faulty as error:
        return _form(request, "review.html", given, error.faults)
    except (Refused, NotInForce) as error:
        return _form(request, "review.html", given, fault(error))
    return _to_the_hold(hold_id)


@may(*ending.MAY_END)
@require_http_methods(["GET", "HEAD", "POST"])
@written_first
def end(request: HttpRequest, hold_id: UUID) -> HttpResponseBase:
    """End it, or propose that; also one that the register has lost."""
    one = _in_force(request, hold_id)
    if one is None and str(hold_id) not in lost(branch_of(request)):
        return not_there(request, "hold in force")
    given: dict[str, Any] = {"one": one, "id": str(hold_id)}
    try:
        rules = hold_rules(branch_of(request).settings, strict=True)
        given |= {"people": rules.people_to_end, "cooling_off_days": rules.cooling_off_days}
        if request.method != "POST":
            return _form(request, "end.html", given, [])
        reason = forms.reason(request.POST)
        with acting(request) as at:
            ending.end(at, rules, str(hold_id), reason)
    except Faulty as error:
        return _form(request, "end.html", given, error.faults)
    except (Refused, NotInForce) as error:
        return _form(request, "end.html", given, fault(error))
    return redirect("holds:list") if one is None else _to_the_hold(hold_id)


@may(*ending.MAY_END)
@require_http_methods(["GET", "HEAD", "POST"])
@written_first
def confirm(request: HttpRequest, hold_id: UUID) -> HttpResponseBase:
    """The second person. ``proposal`` in the form: what was shown, so that nobody confirms something else."""
    branch = branch_of(request)
    waiting = next((one for one in branch.registers().proposals() if _is_about(one, hold_id)), None)
    if waiting is None:
        return not_there(request, "proposal that waits")
    given: dict[str, Any] = {
        "one": _in_force(request, hold_id),
        "id": str(hold_id),
        "proposal": waiting,
    }
    try:
        rules = hold_rules(branch.settings, strict=True)
        given["cooling_off_days"] = rules.cooling_off_days
        if request.method != "POST":
            return _form(request, "confirm.html", given, [])
        if forms.text(request.POST, "proposal") != waiting.id:
            return _form(request, "confirm.html", given, fault("The proposal has changed: read it again"))
        with acting(request) as at:
            ending.confirm(at, rules, waiting)
    except (Refused, NotInForce) as error:
        return _form(request, "confirm.html", given, fault(error))
    return redirect("holds:approvals") if given["one"] is None else _to_the_hold(hold_id)


def _is_about(proposal: Proposal, hold_id: UUID) -> bool:
    return proposal.open and (proposal.kind, proposal.about) == (Kind.HOLD_END, str(hold_id))


def _in_force(request: HttpRequest, hold_id: UUID) -> Shown | None:
    branch = branch_of(request)
    found = register(branch.registers(), branch.now().wall_us)
    return next((one for one in found if one.hold.id == str(hold_id) and one.in_force), None)


def _to_the_hold(hold_id: UUID) -> HttpResponse:
    return redirect(reverse("holds:hold", args=[hold_id]))


def _form(request: HttpRequest, template: str, given: dict[str, Any], faults: list[Fault]) -> HttpResponse:
    told = {"faults": faults, "fault": {one.id: one.text for one in faults}}
    typed = {"typed": {name: request.POST.get(name, "") for name in ("reason", "review-days")}}
    return shown(request, template, {**given, **told, **typed}, status=400 if faults else 200)
