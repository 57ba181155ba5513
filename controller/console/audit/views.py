"""Who looked at what, and why: the page of the record, and the same as a file.

Taking the file is an event itself: it leaves the console.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from controller.console.audit.asked import Asked, asked
from controller.console.audit.csv_file import csv_of
from controller.console.audit.kinds import DOINGS
from controller.console.audit.record import MOST, Page, lines, page
from controller.console.web import page as pages
from controller.console.web.access import may
from controller.console.web.branch import account_of, branch_of
from controller.core.event import EventType
from controller.core.local_time import local_date
from controller.settings.staff import Role


@may(Role.AUDITOR, Role.DPO)
@require_GET
def record(request: HttpRequest) -> HttpResponse:
    wanted = asked({name: value for name, value in request.GET.items() if isinstance(value, str)})
    return _page(request, wanted)


@may(Role.AUDITOR, Role.DPO)
@require_POST
def file(request: HttpRequest) -> HttpResponse:
    wanted = asked({name: value for name, value in request.POST.items() if isinstance(value, str)})
    if wanted.faults:
        return _page(request, wanted)
    branch = branch_of(request)
    found = list(lines(branch.journal("console"), wanted, branch.zone))
    branch.record(
        EventType.AUDIT_EXPORTED,
        "console",
        {"lines": len(found), **_narrowed(wanted)},
        by=account_of(request),
    )
    today = local_date(branch.now().wall_us, branch.zone)
    name = f"audit-{branch.settings.branch.branch}-{today.isoformat()}.csv"
    return HttpResponse(
        csv_of(found, branch.zone),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _narrowed(wanted: Asked) -> dict[str, str]:
    """To what; the account is another name than that of whoever takes the file."""
    return {("of" if name == "account" else name): value for name, value in wanted.fields.items()}


def _page(request: HttpRequest, wanted: Asked) -> HttpResponse:
    branch = branch_of(request)
    found = Page((), None) if wanted.faults else page(branch.journal("console"), wanted, branch.zone)
    return pages.page(
        request,
        "audit/list.html",
        {
            "asked": wanted,
            "doings": DOINGS,
            "lines": found.lines,
            "older": None if found.before is None else wanted.query(found.before),
            "most": MOST,
        },
        status=400 if wanted.faults else 200,
    )
