"""Who may see which page. Every view says so itself; one that does not is an error (a test walks them all).

What is refused gets a page that says what is missing, and one event. Never here: what the roles are
(``settings.staff``), or what somebody lacks (``controller.staff.roles``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.db import Error, connection
from django.http import HttpRequest, HttpResponseBase

from controller.console.accounts.sessions import account_in
from controller.console.web.branch import account_of, branch_of, standing_of
from controller.console.web.page import page
from controller.core.event import EventType
from controller.settings.staff import NEED_TRAINING, Role
from controller.staff.roles import Lack, lacking, today

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Given], HttpResponseBase]

EVERYBODY = frozenset(Role)
"""All who are logged in."""


@dataclass(frozen=True, slots=True)
class Access:
    """roles: any one of them is enough; None: also without logging in.

    trained: whether a role that needs training needs it in date here.
    """

    roles: frozenset[Role] | None
    trained: bool = True


def may(*roles: Role, trained: bool = True) -> Callable[[View[Given]], View[Given]]:
    """The page is for accounts that have one of these roles, with training where the role needs it.

    trained: False for what must not wait for training.
    """
    access = Access(frozenset(roles), trained)

    def decorate(view: View[Given]) -> View[Given]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            lack = lack_of(request, access)
            if lack is not None:
                return refused(request, lack, frozenset(roles))
            return view(request, *args, **kwargs)

        checked.access = access  # type: ignore[attr-defined]
        return checked

    return decorate


def everybody(view: View[Given]) -> View[Given]:
    """The page is for all who are logged in, whether their training is in date or not."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    checked.access = Access(EVERYBODY)  # type: ignore[attr-defined]
    return checked


def anybody(view: View[Given]) -> View[Given]:
    """The page is for those, too, who are not logged in."""
    view.access = Access(None)  # type: ignore[attr-defined]
    return view


def lack_of(request: HttpRequest, access: Access) -> Lack | None:
    """What whoever is logged in lacks for it."""
    if access.roles is None:
        return None
    branch = branch_of(request)
    day = today(branch.settings, branch.now())
    return lacking(standing_of(request), access.roles, day, trained=access.trained)


def has(request: HttpRequest, *roles: Role, trained: bool = True) -> bool:
    """Whether whoever is logged in may act in one of these roles now; for what a page offers."""
    return lack_of(request, Access(frozenset(roles), trained)) is None


def still_may(request: HttpRequest, *roles: Role) -> Callable[[], bool]:
    """For what goes on beyond a request, on any thread: whether whoever began it is logged in where they did
    so, and may act in one of these roles, now.
    """
    branch, session, wanted = branch_of(request), request.session.session_key, frozenset(roles)

    def may_now() -> bool:
        try:
            return lacking(account_in(session), wanted, today(branch.settings, branch.now())) is None
        except Error:
            return False
        finally:
            connection.close()  # this thread may never ask again

    return may_now


def refused(request: HttpRequest, lack: Lack, wanted: frozenset[Role]) -> HttpResponseBase:
    """The page that says so, and its event. Raises JournalUnavailable."""
    match = request.resolver_match
    name = match.view_name if match else "unknown"
    branch_of(request).record(
        EventType.CONSOLE_REFUSED, "console", {"page": name, "cause": lack.value}, by=account_of(request)
    )
    return page(
        request,
        "refused.html",
        {"lack": lack.value, "wanted": sorted(wanted), "training": bool(wanted & NEED_TRAINING)},
        status=403,
    )
