"""A supervisor adds accounts, changes roles and training, gives passwords, disables accounts.

Nobody does so to their own account. A password that is made is shown once, on the page that answers. Never
here: what is done to an account and journalled (``accounts.changes``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from controller.console.accounts import changes, passwords
from controller.console.accounts.forms import NewAccount, Standing
from controller.console.accounts.models import StaffAccount
from controller.console.web.access import may
from controller.console.web.branch import account_of, branch_of
from controller.console.web.page import page
from controller.core.event import Event, EventType, JsonValue
from controller.settings.staff import NEED_TRAINING, Role
from controller.staff.roles import today

supervisor = may(Role.SUPERVISOR)

SAYS = {
    Role.DESK: "Today, timeline, lockdown, placing holds",
    Role.SUPERVISOR: "all that desk may, naming members, ending holds, these accounts; needs training",
    Role.CCTV: "footage and exports, with a need; needs training",
    Role.DPO: "holds, restrictions, promises, audit",
    Role.AUDITOR: "audit and promises; no footage, no timeline",
    Role.ENGINEER: "devices, settings, imports",
}
"""Each role in a line."""

ForOne = Callable[[HttpRequest, StaffAccount], HttpResponseBase]


def of_somebody_else(view: ForOne) -> Callable[..., HttpResponseBase]:
    """The page is about the account of this name, which is not the one that asks."""

    @wraps(view)
    def found(request: HttpRequest, name: str) -> HttpResponseBase:
        account = StaffAccount.objects.filter(name=name).first()
        if account is None:
            raise Http404
        if account.name == account_of(request).user:
            data: dict[str, JsonValue] = {"page": f"staff:{view.__name__}", "cause": "own_account"}
            branch_of(request).record(EventType.CONSOLE_REFUSED, "console", data, by=account_of(request))
            return page(request, "staff/own.html", status=403)
        return view(request, account)

    return found


@supervisor
@require_http_methods(["GET"])
def listing(request: HttpRequest) -> HttpResponseBase:
    branch = branch_of(request)
    shown = {
        "accounts": list(StaffAccount.objects.all()),
        "today": today(branch.settings, branch.now()),
        "need_training": NEED_TRAINING,
    }
    return page(request, "staff/list.html", shown)


@supervisor
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponseBase:
    form = NewAccount(request.POST) if request.method == "POST" else NewAccount()
    if form.is_bound and form.is_valid():
        found = form.cleaned_data
        try:
            account, password = changes.add(
                _recording(request), found["name"], found["given"], found["trained_until"]
            )
        except changes.NameTaken as error:
            form.add_error("name", str(error))
        else:
            return _password_page(request, account, password, added=True)
    return page(request, "staff/add.html", {"form": form, "says": SAYS}, status=400 if form.errors else 200)


@supervisor
@require_http_methods(["GET", "POST"])
@of_somebody_else
def change(request: HttpRequest, account: StaffAccount) -> HttpResponseBase:
    until = account.trained_until
    held: dict[str, object] = {"roles": account.roles_held}
    if until:
        held |= {"day": until.day, "month": until.month, "year": until.year}
    form = Standing(request.POST) if request.method == "POST" else Standing(initial=held)
    if form.is_bound and form.is_valid():
        changes.change(
            _recording(request), account, form.cleaned_data["given"], form.cleaned_data["trained_until"]
        )
        return redirect("staff:list")
    factors = branch_of(request).settings.console.sso is not None
    shown = {"form": form, "account": account, "says": SAYS, "second_factors": factors}
    return page(request, "staff/change.html", shown, status=400 if form.errors else 200)


@supervisor
@require_POST
@of_somebody_else
def password(request: HttpRequest, account: StaffAccount) -> HttpResponseBase:
    return _password_page(request, account, changes.new_password(_recording(request), account), added=False)


@supervisor
@require_POST
@of_somebody_else
def disable(request: HttpRequest, account: StaffAccount) -> HttpResponseBase:
    changes.set_active(_recording(request), account, False)
    return redirect("staff:change", account.name)


@supervisor
@require_POST
@of_somebody_else
def enable(request: HttpRequest, account: StaffAccount) -> HttpResponseBase:
    changes.set_active(_recording(request), account, True)
    return redirect("staff:change", account.name)


@supervisor
@require_POST
@of_somebody_else
def forget_factors(request: HttpRequest, account: StaffAccount) -> HttpResponseBase:
    if not branch_of(request).settings.console.sso:
        raise Http404
    changes.forget_factors(_recording(request), account)
    return redirect("staff:change", account.name)


@supervisor
@require_POST
@of_somebody_else
def end_sessions(request: HttpRequest, account: StaffAccount) -> HttpResponseBase:
    changes.end_sessions(_recording(request), account)
    return redirect("staff:change", account.name)


def _password_page(
    request: HttpRequest, account: StaffAccount, password: str, *, added: bool
) -> HttpResponseBase:
    shown = {"account": account, "password": password, "added": added, "days": passwords.MADE_FOR.days}
    return page(request, "staff/password.html", shown)


def _recording(request: HttpRequest) -> changes.Record:
    def record(type: EventType, subject: str, data: Mapping[str, JsonValue]) -> Event:
        return branch_of(request).record(type, subject, data, by=account_of(request))

    return record
