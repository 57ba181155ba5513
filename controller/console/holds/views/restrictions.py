"""Restrictions: the register, placing one, noting that its subject was told, and lifting it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from controller.console.holds import forms
from controller.console.holds.forms import Fault, Faulty
from controller.console.holds.views.common import acting, fault, not_there, shown, written_first
from controller.console.web.access import may
from controller.console.web.branch import branch_of
from controller.core.restriction import Ground, Means, Restriction
from controller.staff import restrictions
from controller.staff.holds.placing import LONGEST_REFERENCE
from controller.staff.refusal import Refused
from controller.store.registers import NotInForce


@may(*restrictions.MAY)
@require_safe
def all_restrictions(request: HttpRequest) -> HttpResponse:
    """Those in force first, the newest first."""
    found = sorted(branch_of(request).registers().restrictions(), key=lambda one: -one.placed_us)
    return shown(
        request,
        "restrictions.html",
        {
            "in_force": [one for one in found if one.in_force],
            "lifted": [one for one in found if not one.in_force],
        },
    )


@may(*restrictions.MAY)
@require_safe
def restriction(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
    one = _find(request, restriction_id)
    if one is None:
        return not_there(request, "restriction")
    gone = sorted(one.event_ids - restrictions.found(branch_of(request).paths, one.event_ids).keys())
    return shown(request, "restriction.html", {"one": one, "gone": gone})


@may(*restrictions.MAY)
@require_http_methods(["GET", "HEAD", "POST"])
@written_first
def new(request: HttpRequest) -> HttpResponseBase:
    """Links may say which events: ``event``, several times."""
    if request.method != "POST":
        typed = {"events": "\n".join(request.GET.getlist("event"))}
        return _form(request, "restrict.html", {"typed": typed}, [])
    sent = request.POST
    typed = {name: forms.text(sent, name) for name in ("reference", "ground", "events")}
    faults = list(_faults(typed))
    events = forms.event_ids(typed["events"], faults)
    try:
        if not faults:
            with acting(request) as at:
                placed = restrictions.restrict(
                    at, events, typed["reference"], Ground(typed["ground"]), wait_s=0
                )
            return redirect(reverse("holds:restriction", args=[placed.restriction.id]))
    except restrictions.NoSuchEvent as error:
        faults.append(Fault("events", str(error)))
    return _form(request, "restrict.html", {"typed": typed}, faults)


def _faults(typed: dict[str, str]) -> list[Fault]:
    faults = []
    if not 1 <= len(typed["reference"]) <= LONGEST_REFERENCE:
        faults.append(Fault("reference", f"Enter a reference of up to {LONGEST_REFERENCE} characters"))
    if typed["ground"] not in {one.value for one in Ground}:
        faults.append(Fault("ground", "Choose why it is owed"))
    if not typed["events"].split():
        faults.append(Fault("events", "Enter the id of at least one event"))
    return faults


@may(*restrictions.MAY)
@require_http_methods(["GET", "HEAD", "POST"])
@written_first
def inform(request: HttpRequest, restriction_id: UUID) -> HttpResponseBase:
    one = _find(request, restriction_id)
    if one is None or one.informed_us is not None:
        return not_there(request, "restriction whose subject is still to be told")
    faults: list[Fault] = []
    if request.method == "POST":
        how = forms.text(request.POST, "how")
        if how not in {means.value for means in Means}:
            faults = [Fault("how", "Choose how the person was told")]
        else:
            try:
                with acting(request) as at:
                    restrictions.inform(at, one.id, Means(how))
                return _to_the_restriction(one.id)
            except (Refused, NotInForce) as error:
                faults = fault(error)
    return _form(request, "inform.html", {"one": one}, faults)


@may(*restrictions.MAY)
@require_http_methods(["GET", "HEAD", "POST"])
@written_first
def lift(request: HttpRequest, restriction_id: UUID) -> HttpResponseBase:
    one = _find(request, restriction_id)
    if one is None or not one.in_force:
        return not_there(request, "restriction in force")
    faults: list[Fault] = []
    if request.method == "POST":
        try:
            reason = forms.reason(request.POST)
            with acting(request) as at:
                restrictions.lift(at, one.id, reason)
            return _to_the_restriction(one.id)
        except Faulty as error:
            faults = error.faults
        except (Refused, NotInForce) as error:
            faults = fault(error)
    typed = {"reason": forms.text(request.POST, "reason")}
    return _form(request, "lift.html", {"one": one, "typed": typed}, faults)


def _find(request: HttpRequest, restriction_id: UUID) -> Restriction | None:
    found = branch_of(request).registers().restrictions()
    return next((one for one in found if one.id == str(restriction_id)), None)


def _to_the_restriction(id: str) -> HttpResponse:
    return redirect(reverse("holds:restriction", args=[id]))


def _form(request: HttpRequest, template: str, given: dict[str, Any], faults: list[Fault]) -> HttpResponse:
    told = {"faults": faults, "fault": {one.id: one.text for one in faults}}
    return shown(request, template, {**given, **told}, status=400 if faults else 200)
