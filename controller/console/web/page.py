"""Makes pages of templates: what each template is given, and how it shows times.

Never here: what any one page shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.urls import reverse
from jinja2 import (
    ChainableUndefined,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    pass_context,
)
from jinja2.loaders import BaseLoader, ChoiceLoader
from jinja2.runtime import Context
from markupsafe import Markup

from controller.console.naming.memory import shown_key_session
from controller.console.web.branch import branch_of
from controller.console.web.navigation import navigation
from controller.core.local_time import local_time

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def page(
    request: HttpRequest, template: str, shown: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """template: its path below ``templates``. shown: what it shows, by name."""
    shown = {**frame(request), **(shown or {})}
    return HttpResponse(engines["jinja2"].get_template(template).render(shown), status=status)


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every template is given."""
    branch = branch_of(request)
    return {
        "branch": branch.settings.branch,
        "zone": branch.zone,
        "staff": request.user if request.user.is_authenticated else None,
        "navigation": navigation(request),
        "key_session": shown_key_session(request),
        "path": request.path,
        "csrf_input": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(
            get_token(request)
        ),
        "nonce": getattr(request, "csp_nonce", ""),
    }


def environment(**options: Any) -> Environment:
    """Jinja2 as our templates use it. Called by Django's template engine."""
    ours: BaseLoader = options.pop("loader", None) or FileSystemLoader([])
    macros = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    # The macros of govuk-frontend-jinja look into what was not given: they need ChainableUndefined.
    options["undefined"] = ChainableUndefined
    found = Environment(**options, loader=ChoiceLoader([ours, macros]))  # noqa: S701 -- Django's engine sets autoescape
    found.globals["url"] = _url
    found.filters.update(moment=moment, day=day, clock=clock, calendar=calendar)
    return found


def _url(name: str, *args: object, **kwargs: object) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)


def _zone(context: Context) -> ZoneInfo:
    zone = context["zone"]
    assert isinstance(zone, ZoneInfo)
    return zone


@pass_context
def moment(context: Context, wall_us: int) -> Markup:
    """A point in time: 21 November 2026, 21:14:05 GMT."""
    local = local_time(wall_us, _zone(context))
    return _time(local, f"{_day(local)}, {local:%H:%M:%S %Z}")


@pass_context
def clock(context: Context, wall_us: int) -> Markup:
    """The time of the day alone, where the day is said elsewhere: 21:14:05 GMT."""
    local = local_time(wall_us, _zone(context))
    return _time(local, f"{local:%H:%M:%S %Z}")


@pass_context
def day(context: Context, wall_us: int) -> Markup:
    """The day alone: Saturday 21 November 2026."""
    local = local_time(wall_us, _zone(context))
    return Markup('<time datetime="{}">{} {}</time>').format(
        f"{local:%Y-%m-%d}", DAYS[local.weekday()], _day(local)
    )


def calendar(date: date) -> Markup:
    """A day of the calendar, wherever it is: 21 November 2026."""
    return Markup('<time datetime="{}">{}</time>').format(f"{date:%Y-%m-%d}", _day(date))


def _day(local: date) -> str:
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def _time(local: datetime, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), text)
