"""How long somebody stays logged in, and what has to be done first.

A session ends when nothing was asked for in ``console.idle_minutes``, HOURS after it began, at a restart of
the machine, and when its account is disabled or has another password. Never here: logging in (``views``).
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from enum import StrEnum
from typing import Any, TypeVar

import django.db
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, logout
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from controller.console.accounts.limits import HOURS
from controller.console.accounts.models import StaffAccount
from controller.console.web.branch import account_of, branch_of
from controller.console.web.faults import accounts_unusable
from controller.core.event import EventType, Stamp

KEY = "since"
ENDED = "ended"
WRITE_EVERY_US = 30_000_000
"""How exactly it is known when somebody last asked for something; each time is a write."""
MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class End(StrEnum):
    """Why somebody was logged out, as events say it."""

    ASKED = "asked"
    IDLE = "idle"
    LONG = "long"
    RESTART = "restart"


def unattended(view: View) -> View:
    """What a page asks for by itself, again and again: it does not keep a session from ending."""
    view.unattended = True  # type: ignore[attr-defined]
    return view


def while_password_is_changed(view: View) -> View:
    """Also for those who have to choose a password first."""
    view.before_password = True  # type: ignore[attr-defined]
    return view


def begin(session: MutableMapping[str, Any], now: Stamp) -> None:
    session[KEY] = {"boot": now.boot_id, "begun": now.mono_us, "seen": now.mono_us, "wall": now.wall_us}


def ended(session: MutableMapping[str, Any], now: Stamp, idle_minutes: int) -> End | None:
    """Why it is over, if it is. By the time since the machine started, which nobody sets."""
    since = session.get(KEY)
    if since is None:
        begin(session, now)
        return None
    if since["boot"] != now.boot_id:
        return End.RESTART
    if now.mono_us - since["seen"] > idle_minutes * MINUTE_US:
        return End.IDLE
    if now.mono_us - since["begun"] > HOURS * HOUR_US:
        return End.LONG
    return None


def see(session: MutableMapping[str, Any], now: Stamp) -> None:
    since = session[KEY]
    if now.mono_us - since["seen"] > WRITE_EVERY_US:
        session[KEY] = {**since, "seen": now.mono_us}


def account_in(session_key: str | None) -> StaffAccount | None:
    """Whoever is logged in in this session now, for what goes on beside its requests."""
    session = SessionStore(session_key)
    found = StaffAccount.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
    known = found is not None and constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), found.get_session_auth_hash()
    )
    return found if known else None


class SessionLimits:
    """Middleware, after the one that knows who is logged in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        del args, kwargs
        try:
            logged_in = request.user.is_authenticated
        except django.db.Error as error:
            return accounts_unusable(error)
        account = request.user
        if not (logged_in and isinstance(account, StaffAccount)):
            return None
        branch = branch_of(request)
        now = branch.now()
        end = ended(request.session, now, branch.settings.console.idle_minutes)
        if end is not None:
            who = account_of(request)
            logout(request)
            request.session[ENDED] = end.value
            branch.record(EventType.CONSOLE_LOGGED_OUT, "console", {"cause": end.value}, by=who)
            return None
        if not getattr(view, "unattended", False):
            see(request.session, now)
        if account.must_change_password and not getattr(view, "before_password", False):
            return redirect("accounts:password")
        return None
