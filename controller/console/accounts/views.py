"""Pages about one's own account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from controller.console.web.access import everybody
from controller.console.web.navigation import navigation
from controller.console.web.page import page


@everybody
def account(request: HttpRequest) -> HttpResponse:
    return page(request, "accounts/account.html")


@everybody
def home(request: HttpRequest) -> HttpResponseBase:
    """The first page that this account may see."""
    links = navigation(request)
    return redirect(links[0].href if links else "accounts:account")
