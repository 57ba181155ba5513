"""The links at the top of every page: those that whoever is logged in may follow.

Never here: permission. Each view says itself who may see it, and only that is asked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse

from controller.console.web.branch import standing_of

if TYPE_CHECKING:
    from controller.console.web.access import Access

LINKS = (
    ("today:now", "Today"),
    ("timeline:day", "Timeline"),
    ("footage:start", "Footage"),
    ("naming:start", "Naming"),
    ("holds:list", "Holds"),
    ("statistics:visits", "Statistics"),
    ("memberships:overview", "Memberships"),
    ("devices:overview", "Devices"),
    ("assure:page", "Promises"),
    ("audit:list", "Audit"),
    ("staff:list", "Staff"),
    ("help:start", "Help"),
)
"""Name of the view, and what the link says."""


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str
    current: bool


def navigation(request: HttpRequest) -> list[Link]:
    """What this account's roles lead to; nothing while nobody is logged in."""
    standing = standing_of(request)
    if standing is None:
        return []
    held = frozenset(standing.roles)
    links = []
    for name, text in LINKS:
        try:
            href = reverse(name)
        except NoReverseMatch:
            continue
        access: Access = resolve(href).func.access  # type: ignore[attr-defined]
        if access.roles is None or access.roles & held:
            match = request.resolver_match
            here = match is not None and match.app_name == name.partition(":")[0]
            links.append(Link(text, href, here))
    return links
