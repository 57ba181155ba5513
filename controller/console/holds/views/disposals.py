"""Disposals: what is due next, what is overdue, what is blocked and by what, and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from controller.console.holds import certificates as proofs
from controller.console.holds import disposals as model
from controller.console.holds.blocked import blocked
from controller.console.holds.views.common import SEE, not_there, shown
from controller.console.holds.words import JOURNALS
from controller.console.web.access import may
from controller.console.web.branch import Branch, branch_of
from controller.settings.paths import JOURNALS as SERVICES


@may(*SEE, trained=False)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    branch = branch_of(request)
    kept = blocked(branch.journal)
    lines = model.disposals(branch.settings, branch.journal, branch.footage(), branch.registers())
    return shown(
        request,
        "disposals.html",
        {
            "lines": lines,
            "overdue": [line for line in lines if line.overdue],
            "blocked": kept,
            "held": {one.category for one in kept},
            "protections": protections(branch),
            "now_us": branch.now().wall_us,
            "trusted": branch.now().clock_trusted,
        },
    )


@may(*SEE, trained=False)
@require_safe
def certificates(request: HttpRequest) -> HttpResponse:
    """``category``: only these. A number for each journal says where the page before ended."""
    branch, asked = branch_of(request), request.GET
    category = proofs.CATEGORIES.get(asked.get("category", ""))
    beyond = {name: int(asked[name]) for name in SERVICES if _is_number(asked.get(name, ""))}
    found = proofs.page(branch.journal, category, beyond)
    older = ""
    if found.beyond is not None:
        chosen = {"category": category.value} if category else {}
        older = urlencode({**chosen, **{name: str(number) for name, number in found.beyond.items()}})
    return shown(
        request,
        "certificates.html",
        {"found": found.found, "older": older, "category": category, "first": not beyond},
    )


@may(*SEE, trained=False)
@require_safe
def certificate(request: HttpRequest, service: str, certificate_id: UUID) -> HttpResponse:
    branch = branch_of(request)
    one = proofs.find(branch.journal, service, str(certificate_id)) if service in SERVICES else None
    if one is None:
        return not_there(request, "certificate")
    return shown(
        request,
        "certificate.html",
        {"one": one, "journals": JOURNALS, "protections": protections(branch)},
    )


def protections(branch: Branch) -> Mapping[str, str]:
    """By id, what each hold and restriction is called. Of a restriction, its reference is not told here."""
    registers = branch.registers()
    holds = {one.id: f"{one.authority}, {one.reference}" for one in registers.holds()}
    return holds | {one.id: "" for one in registers.restrictions()}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
