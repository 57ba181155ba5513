"""Where a second factor is required, nobody does a thing before they have set one up.

Whoever logged in through the authority's issuer has it there. Never here: what the factors are
(django-allauth).
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from controller.console.accounts.models import StaffAccount
from controller.console.web.branch import branch_of


class SecondFactorRequired:
    """Middleware, after the one that limits sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        del args, kwargs
        sso = branch_of(request).settings.console.sso
        account = request.user
        if not (sso and sso.second_factor and isinstance(account, StaffAccount)):
            return None
        if getattr(view, "before_password", False) or getattr(view, "before_second_factor", False):
            return None
        elsewhere = any(
            one["method"] == "socialaccount" for one in get_authentication_records(request, account)
        )
        return None if elsewhere or is_mfa_enabled(account) else redirect("mfa_index")
