"""The page of a month's statistics, and the same as CSV."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from controller.console.statistics.counted import Available, Counted, available
from controller.console.statistics.csv_file import csv_of
from controller.console.statistics.drawing import bars_of, map_of
from controller.console.statistics.figures import WEEKDAYS, Figures, figures
from controller.console.web.access import everybody
from controller.console.web.branch import Branch, branch_of
from controller.console.web.page import MONTHS, page
from controller.core.local_time import local_date
from controller.core.statistics.disclosure import Rules
from controller.core.statistics.months import Month, month_of
from controller.staff.refusal import Refused
from controller.store.engine import DatabaseMissing

_counted = Counted()


@everybody
def last(request: HttpRequest) -> HttpResponse:
    """The month that was over last."""
    found = _available(branch_of(request))
    return _page(request, found, found.months[0]) if found.months else _nothing_yet(request, found)


@everybody
def month(request: HttpRequest, month: str) -> HttpResponse:
    found = _available(branch_of(request))
    return _page(request, found, _chosen(found, month))


@everybody
def csv_file(request: HttpRequest, month: str) -> HttpResponse:
    branch = branch_of(request)
    chosen = _chosen(_available(branch), month)
    try:
        told = _figures(branch, chosen)
    except Refused as error:
        return _unknown(request, error)
    name = f"statistics-{branch.settings.branch.branch}-{chosen}.csv"
    return HttpResponse(
        csv_of(chosen, told, inside=_published(branch)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(request: HttpRequest, found: Available, chosen: Month) -> HttpResponse:
    branch = branch_of(request)
    try:
        told = _figures(branch, chosen)
    except Refused as error:
        return _unknown(request, error)
    first_us = found.first_us or 0
    return page(
        request,
        "statistics/month.html",
        {
            "month": chosen,
            "months": found.months,
            "named": named,
            "weekdays": WEEKDAYS,
            "figures": told,
            "visits": map_of(told.visits),
            "refusals": bars_of(told.refusals_told),
            "inside": map_of(told.inside) if _published(branch) else None,
            "rules": branch.settings.console.statistics,
            "from_us": first_us if first_us > chosen.start_us(branch.zone) else None,
        },
    )


def _nothing_yet(request: HttpRequest, found: Available) -> HttpResponse:
    branch = branch_of(request)
    now = branch.now()
    shown = {
        "first_us": found.first_us,
        "clock_trusted": now.clock_trusted,
        "named": named,
        "now": month_of(local_date(now.wall_us, branch.zone)),
    }
    return page(request, "statistics/nothing.html", shown)


def _unknown(request: HttpRequest, error: Refused) -> HttpResponse:
    said = "Statistics leave out what is restricted, and nobody knows now what that is."
    return page(request, "fault.html", {"said": said, "details": str(error)}, status=503)


def _available(branch: Branch) -> Available:
    try:
        return available(branch)
    except DatabaseMissing:
        return Available(None, ())


def _chosen(found: Available, text: str) -> Month:
    for one in found.months:
        if str(one) == text:
            return one
    raise Http404


def _figures(branch: Branch, chosen: Month) -> Figures:
    hidden = branch.hidden()
    hidden.check_known()
    rules = branch.settings.console.statistics
    return figures(_counted.of(branch, chosen, hidden), Rules(rules.suppressed_below, rules.rounded_to))


def _published(branch: Branch) -> bool:
    return branch.settings.occupancy.estimate and branch.settings.occupancy.publish


def named(chosen: Month) -> str:
    return f"{MONTHS[chosen.month - 1]} {chosen.year}"
