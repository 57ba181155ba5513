"""Holds: the register, what waits for a second person, and one hold."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from controller.console.holds import register as model
from controller.console.holds.blocked import blocked
from controller.console.holds.covered import covered
from controller.console.holds.late import late
from controller.console.holds.views.common import SEE, not_there, shown
from controller.console.web.access import has, may
from controller.console.web.branch import Branch, account_of, branch_of
from controller.keeping.known_holds import KnownHolds
from controller.settings.staff import Role
from controller.staff.holds.rules import hold_rules
from controller.staff.naming.approving import pending


@may(*SEE, trained=False)
@require_safe
def all_holds(request: HttpRequest) -> HttpResponse:
    """Those that protect, what wants attention first."""
    branch = branch_of(request)
    found = model.register(branch.registers(), branch.now().wall_us)
    return shown(
        request,
        "list.html",
        {
            "holds": model.protecting(found),
            "over": len(model.over(found)),
            "waiting": len(model.waiting(found)) + len(model.of_lost(branch.registers())),
            "kept": _kept(branch),
            "lost": sorted(lost(branch)),
        },
    )


@may(*SEE, trained=False)
@require_safe
def over_holds(request: HttpRequest) -> HttpResponse:
    branch = branch_of(request)
    found = model.register(branch.registers(), branch.now().wall_us)
    return shown(request, "over.html", {"holds": model.over(found)})


@may(*SEE, trained=False)
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """What one person proposed and a second one confirms."""
    branch = branch_of(request)
    found = model.waiting(model.register(branch.registers(), branch.now().wall_us))
    lost_ones = model.of_lost(branch.registers())
    people = hold_rules(branch.settings, strict=False).people_to_end
    naming = len(pending(branch.settings, branch.now())) if has(request, Role.SUPERVISOR) else 0
    me = account_of(request).user
    return shown(
        request,
        "approvals.html",
        {"holds": found, "people": people, "me": me, "naming": naming, "lost": lost_ones},
    )


@may(*SEE, trained=False)
@require_safe
def hold(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    branch, id = branch_of(request), str(hold_id)
    found = model.register(branch.registers(), branch.now().wall_us)
    one = next((one for one in found if one.hold.id == id), None)
    if one is None:
        if id in lost(branch):
            return shown(request, "lost.html", {"id": id})
        return not_there(request, "hold")
    return shown(
        request,
        "hold.html",
        {
            "one": one,
            "hold": one.hold,
            "scope": one.hold.scope,
            "covered": covered(one.hold, branch.journal, branch.footage()) if one.protects else None,
            "kept": _kept(branch).get(id, 0),
            "late": late(branch.paths, one.hold),
            "me": account_of(request).user,
        },
    )


def lost(branch: Branch) -> set[str]:
    """Holds and restrictions that the register lacks and the journal knows. Raises DatabaseUnusable."""
    return KnownHolds(branch.registers(), branch.journal("console")).lost()


def _kept(branch: Branch) -> dict[str, int]:
    """How much that is due each hold or restriction keeps."""
    found: dict[str, int] = {}
    for one in blocked(branch.journal):
        for id, count in one.by.items():
            found[id] = found.get(id, 0) + count
    return found
