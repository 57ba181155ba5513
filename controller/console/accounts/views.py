"""Logging in and out, and one's own account."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from django.contrib.auth import SESSION_KEY, authenticate, login, logout, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from controller.console.accounts import changes, passwords, sessions, throttle
from controller.console.accounts.forms import ChoosePassword, LogIn
from controller.console.accounts.limits import HOURS, WAIT
from controller.console.accounts.models import StaffAccount
from controller.console.web.access import anybody, everybody
from controller.console.web.branch import account_of, branch_of
from controller.console.web.navigation import navigation
from controller.console.web.page import page
from controller.core.event import Event, EventType, JsonValue
from controller.staff.account import Account
from controller.store.journal import JournalUnavailable

log = logging.getLogger(__name__)

TOO_MANY = 429
HOME = "accounts:home"


@anybody
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponseBase:
    """The same words whatever was wrong with name or password."""
    if request.user.is_authenticated:
        return redirect("accounts:home")
    if request.method != "POST":
        shown = {
            "form": LogIn(),
            "next": request.GET.get("next", ""),
            "ended": request.session.pop(sessions.ENDED, ""),
            "issuer": _issuer(request),
        }
        return page(request, "accounts/login.html", shown)
    form = LogIn(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        account = authenticate(request, username=name, password=form.cleaned_data["password"])
        if isinstance(account, StaffAccount) and not _expired(account):
            return _begin(request, account)
        _refuse(request, name, "expired" if account else "wrong")
        if throttle.must_wait(request):
            return _wait(request)
        form.add_error(None, "That name and password do not belong together, or the account is disabled")
    shown = {"form": form, "next": request.POST.get("next", ""), "issuer": _issuer(request)}
    return page(request, "accounts/login.html", shown, status=400)


def _issuer(request: HttpRequest) -> str | None:
    """What the button says that leads to the authority's own accounts, where there is one."""
    sso = branch_of(request).settings.console.sso
    return sso.openid.label if sso and sso.openid else None


def _expired(account: StaffAccount) -> bool:
    return account.made_until is not None and account.made_until < timezone.now()


def _begin(request: HttpRequest, account: StaffAccount) -> HttpResponseBase:
    """Journal first: whoever is not recorded is not logged in. A second factor comes before both."""
    branch = branch_of(request)
    if branch.settings.console.sso:
        from controller.console.sso.flow import go_on

        where_to = _where_to(request)
        return go_on(request, account, reverse(HOME) if where_to == HOME else where_to)
    branch.record(
        EventType.CONSOLE_LOGGED_IN, "console", {"with": "password"}, by=Account(None, account.name)
    )
    login(request, account)
    sessions.begin(request.session, branch.now())
    throttle.tidy()
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return redirect(_where_to(request))


def _where_to(request: HttpRequest) -> str:
    """The page that was asked for, on this host and no other."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return HOME


def _refuse(request: HttpRequest, name: str, cause: str) -> None:
    """What was typed is told only if it is an account's name. A try that was not looked at is no event, nor
    is one of very many that are of no account.
    """
    if throttle.must_wait(request) and getattr(request, "axes_failures_since_start", None) is None:
        return
    throttle.tidy()
    known = StaffAccount.objects.filter(name=name).exists()
    if not known and throttle.too_many_strangers():
        return
    data: dict[str, JsonValue] = {"cause": cause, "must_wait": throttle.must_wait(request), "console": True}
    branch_of(request).staff.record(
        EventType.CONSOLE_LOGIN_REFUSED, "console", data | ({"user": name} if known else {})
    )


def _wait(request: HttpRequest) -> HttpResponse:
    minutes = int(WAIT.total_seconds() // 60)
    answer = page(request, "accounts/wait.html", {"minutes": minutes}, status=TOO_MANY)
    answer.headers["Retry-After"] = str(minutes * 60)
    return answer


@sessions.while_password_is_changed
@anybody
@require_POST
def log_out(request: HttpRequest) -> HttpResponseBase:
    """Always possible, also where it cannot be recorded."""
    if request.user.is_authenticated:
        who = account_of(request)
        logout(request)
        try:
            branch_of(request).record(
                EventType.CONSOLE_LOGGED_OUT, "console", {"cause": sessions.End.ASKED.value}, by=who
            )
        except JournalUnavailable as error:
            log.error("logging out was not recorded: %s", error)
    answer = redirect("accounts:login")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@everybody
@require_http_methods(["GET"])
def account(request: HttpRequest) -> HttpResponse:
    since = request.session.get(sessions.KEY) or {}
    shown = {
        "others": _open_sessions(request) - 1,
        "since_us": since.get("wall"),
        "idle_minutes": branch_of(request).settings.console.idle_minutes,
        "hours": HOURS,
        "second_factors": branch_of(request).settings.console.sso is not None,
    }
    return page(request, "accounts/account.html", shown)


def _open_sessions(request: HttpRequest) -> int:
    """Of this account, in whatever browsers. There are few."""
    own = str(request.user.pk)
    rows = Session.objects.filter(expire_date__gt=timezone.now())[:1000]
    return sum(row.get_decoded().get(SESSION_KEY) == own for row in rows)


@everybody
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponseBase:
    """Wherever else this account is logged in; here it stays so."""
    own = _own(request)
    try:
        changes.end_other_sessions(_recording(request), own)
    except changes.Overtaken:
        return redirect("accounts:login")
    update_session_auth_hash(request, own)
    return redirect("accounts:account")


@sessions.while_password_is_changed
@everybody
@sensitive_post_parameters("present", "new", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponseBase:
    own = _own(request)
    shown = {"must": own.must_change_password, "shortest": passwords.SHORTEST}
    if request.method != "POST":
        return page(request, "accounts/password.html", {**shown, "form": ChoosePassword(own)})
    form = ChoosePassword(own, request.POST)
    if form.is_valid():
        # As logging in does, so that a browser that was left alone cannot be used to guess.
        known = authenticate(request, username=own.name, password=form.cleaned_data["present"])
        if known is not None:
            try:
                changes.choose_password(_recording(request), own, form.cleaned_data["new"])
            except changes.Overtaken:
                return redirect("accounts:login")
            update_session_auth_hash(request, own)
            return redirect("accounts:home")
        _refuse(request, own.name, "wrong")
        if throttle.must_wait(request):
            return _wait(request)
        form.add_error("present", "This is not the password that you have now")
    return page(request, "accounts/password.html", {**shown, "form": form}, status=400)


@everybody
@require_http_methods(["GET"])
def home(request: HttpRequest) -> HttpResponseBase:
    """The first page that this account may see."""
    links = navigation(request)
    return redirect(links[0].href if links else "accounts:account")


def _own(request: HttpRequest) -> StaffAccount:
    assert isinstance(request.user, StaffAccount)
    return request.user


def _recording(request: HttpRequest) -> changes.Record:
    def record(type: EventType, subject: str, data: Mapping[str, JsonValue]) -> Event:
        return branch_of(request).record(type, subject, data, by=account_of(request))

    return record
