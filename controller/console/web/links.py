"""Addresses of pages that another noun has, for what one page offers of another.

A page that is not there, or that whoever is logged in may not see, is not offered. Never here: permission;
each view says itself who may see it.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse

from controller.console.web.access import Access, lack_of


def offered(request: HttpRequest, name: str, *args: object) -> str:
    """The address of the view of this name; empty if it is not offered to this account."""
    try:
        href = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    access: Access = resolve(href).func.access  # type: ignore[attr-defined]
    return href if lack_of(request, access) is None else ""
