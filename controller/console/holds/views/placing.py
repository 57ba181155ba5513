"""Placing a hold, from scratch or from an event, a clip or a stretch of footage; and what became of it.

Links to ``new`` may say what is held: ``event`` (several times), ``device``, ``category`` (several times),
``from_us`` and ``to_us``.
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from controller.console.holds.forms import FIELD_IDS, Fault, Faulty, HoldForm, text
from controller.console.holds.late import late
from controller.console.holds.once import Once
from controller.console.holds.register import register
from controller.console.holds.views.common import PLACE, SEE, acting, shown, written_first
from controller.console.holds.words import HINTS
from controller.console.web.access import may
from controller.console.web.branch import account_of, branch_of
from controller.core.hold import Category
from controller.settings.policy.tables import HoldRules
from controller.staff.holds.placing import Unclear, Wanted, place
from controller.staff.holds.rules import hold_rules

PLACED: Once[list[str]] = Once()


@may(*PLACE, trained=False)
@require_http_methods(["GET", "HEAD", "POST"])
@written_first
def new(request: HttpRequest) -> HttpResponseBase:
    branch = branch_of(request)
    rules = hold_rules(branch.settings, strict=False)
    if request.method != "POST":
        form = HoldForm.filled_in(request.GET, branch.zone, branch.now().wall_us)
        return _form(request, form, rules, [])
    form = HoldForm.sent(request.POST)
    try:
        wanted = form.wanted(branch.zone, rules.review_days)
        copy, who = text(request.POST, "copy"), account_of(request).user
        ids = PLACED.do(who, copy, lambda: _place(request, wanted))
    except Faulty as error:
        return _form(request, form, rules, error.faults)
    except Unclear as error:
        return _form(request, form, rules, [Fault(FIELD_IDS[error.field], str(error))])
    return redirect(f"{reverse('holds:placed')}?{urlencode([('id', one) for one in ids])}")


def _place(request: HttpRequest, wanted: Wanted) -> list[str]:
    with acting(request) as at:
        return [one.hold.id for one in place(at, branch_of(request).settings, wanted)]


def _form(request: HttpRequest, form: HoldForm, rules: HoldRules, faults: list[Fault]) -> HttpResponse:
    settings = branch_of(request).settings
    devices = [*(door.id for door in settings.doors), *(camera.id for camera in settings.cameras)]
    if form.device and form.device not in devices:
        devices.append(form.device)  # of a camera that was taken down
    given = {
        "form": form,
        "copy": text(request.POST, "copy") or str(uuid4()),
        "faults": faults,
        "fault": {one.id: one.text for one in faults},
        "categories": [(one.value, one, HINTS[one]) for one in Category],
        "devices": devices,
        "review_days": rules.review_days,
    }
    return shown(request, "new.html", given, status=400 if faults else 200)


@may(*SEE, trained=False)
@require_safe
def placed(request: HttpRequest) -> HttpResponse:
    """What became of holds that were placed just now. To be looked at again while a disposal is under way."""
    branch = branch_of(request)
    ids = set(request.GET.getlist("id"))
    found = [one for one in register(branch.registers(), branch.now().wall_us) if one.hold.id in ids]
    return shown(request, "placed.html", {"placed": [(one, late(branch.paths, one.hold)) for one in found]})
