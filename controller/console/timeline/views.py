"""The page of what happened. What is asked for is parsed by ``asked``, read by ``span``, told by ``rows``."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from controller.console.events.kinds import MARKS, Kind
from controller.console.timeline import jumps, rows, span
from controller.console.timeline.asked import LAST_24_H_US, Asked, parse, places
from controller.console.timeline.position import NOW
from controller.console.timeline.span import Span
from controller.console.web.access import may
from controller.console.web.branch import Branch, branch_of
from controller.console.web.links import offered
from controller.console.web.page import page
from controller.core.local_time import local_date
from controller.settings.paths import JOURNALS
from controller.settings.staff import Role
from controller.staff.hidden import Hidden

LINES = 50
READERS = (Role.DESK, Role.SUPERVISOR, Role.CCTV, Role.DPO)
"""Who may see what happened."""


@may(*READERS)
def day(request: HttpRequest) -> HttpResponse:
    """What happened, newest first: now, from a time back, or around one."""
    branch = branch_of(request)
    known, now_us = places(branch.settings), branch.now().wall_us
    today = local_date(now_us, branch.zone)
    asked = parse(dict(request.GET.lists()), known, branch.zone, today)
    hidden = branch.hidden()
    found = _read(branch, asked, hidden, now_us)
    of_days = list(rows.days(found.lines, branch.zone))
    shown = asked.date or (local_date(of_days[0].start_us, branch.zone) if of_days else today)
    return page(
        request,
        "timeline/day.html",
        {
            "asked": asked,
            "days": of_days,
            "span": found,
            "unknown": hidden.unknown,
            # Counted among some kinds or at one place, it would say what a restricted event was.
            "hidden": 0 if asked.narrowed and not hidden.unknown else found.hidden,
            "some_restricted": bool(asked.narrowed and hidden.event_ids),
            "older": None if found.older is None else asked.address(older=found.older),
            "newer": None if asked.begins_now or found.newer is None else asked.address(newer=found.newer),
            "kinds": [(MARKS[kind], asked.with_kind(kind), kind in asked.kinds) for kind in Kind],
            "places": known,
            "presets": _presets(asked),
            "jump": _jump(branch, asked, shown, today, now_us),
            "search": _search(request, asked, shown),
        },
        status=400 if asked.errors else 200,
    )


def _read(branch: Branch, asked: Asked, hidden: Hidden, now_us: int) -> Span:
    readers = {service: branch.journal(service) for service in JOURNALS}
    if asked.around_us is not None:
        position = span.at_time(readers, asked.around_us)
        found, _ = span.around(readers, asked.wanted, position, limit=LINES, hides=hidden.hides)
        return found
    if asked.newer is not None:
        found = span.read(readers, asked.wanted, asked.newer, back=False, limit=LINES, hides=hidden.hides)
        if found.lines or found.hidden:
            return found
    position = asked.older or NOW
    if asked.until is not None and asked.older is None:
        position = span.at_time(readers, asked.until * 1_000_000 - 1)
    return span.read(
        readers,
        asked.wanted,
        position,
        back=True,
        limit=LINES,
        hides=hidden.hides,
        since_us=now_us - LAST_24_H_US if asked.lately else 0,
    )


def _presets(asked: Asked) -> list[tuple[str, str, bool]]:
    """What it says, its address, and whether it is what is shown."""
    refused = Asked(kinds=(Kind.REFUSED,), lately=True)
    alarms = Asked(kinds=(Kind.ALARM,))
    everything = Asked()
    return [
        (
            text,
            preset.address(),
            (asked.kinds, asked.lately, asked.place) == (preset.kinds, preset.lately, None),
        )
        for text, preset in (
            ("Everything", everything),
            ("Refused in the last 24 hours", refused),
            ("Door alarms", alarms),
        )
    ]


def _search(request: HttpRequest, asked: Asked, shown: date) -> str:
    """Where a card is searched for, of the day that is shown; empty if it is not offered."""
    href = offered(request, "naming:new_search")
    if not href or asked.begins_now:
        return href
    begin, end = shown.isoformat(), (shown + timedelta(days=1)).isoformat()
    filled_in = {"from-day": begin, "from-time": "00:00", "to-day": end, "to-time": "00:00"}
    return f"{href}?{urlencode(filled_in)}"


def _jump(branch: Branch, asked: Asked, shown: date, today: date, now_us: int) -> dict[str, object]:
    return {
        "day": shown.isoformat(),
        "days": [
            (
                f"{each:%a} {each.day} {each:%b}",
                each.isoformat(),
                asked.address(day=each.isoformat(), lately=False),
                each == shown,
            )
            for each in jumps.days(shown, today)
        ],
        "hours": [
            (hour.text, asked.address(until=hour.until, lately=False), hour.until == asked.until)
            for hour in jumps.hours(shown, branch.zone, now_us)
        ],
    }
