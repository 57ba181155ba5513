"""After the right password: the second factor, for those who have one, and then the log-in itself."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from controller.console.accounts.models import StaffAccount


def go_on(request: HttpRequest, account: StaffAccount, where_to: str) -> HttpResponseBase:
    """where_to: a path on this host. Raises JournalUnavailable."""
    login = Login(user=account, redirect_url=where_to)
    answer: HttpResponseBase = perform_password_login(request, {"username": account.name}, login)
    return answer


def forget_factors(account: StaffAccount) -> int:
    """For whoever lost theirs; how many there were."""
    return int(Authenticator.objects.filter(user=account).delete()[0])
