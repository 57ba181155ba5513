"""Who may see a page about footage: who is trained for it, and of a viewing whoever began it, in its session.

Never here: what the page shows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from controller.console.footage.viewing import KEY, Viewing, find, refuse
from controller.console.web.access import may
from controller.console.web.branch import account_of, branch_of
from controller.console.web.page import page
from controller.settings.staff import Role
from controller.staff.refusal import Refused

OfViewing = Callable[..., HttpResponseBase]

trained = may(Role.CCTV)
"""The view is for who may see footage."""


def of_viewing(what: str) -> Callable[[OfViewing], OfViewing]:
    """The view is of a viewing, which it is given in place of its id. what: in one word, for the journal.

    Where nobody said in this session for which need, that is refused and journalled.
    """

    def decorate(view: OfViewing) -> OfViewing:
        @wraps(view)
        def checked(request: HttpRequest, /, viewing: UUID, **given: object) -> HttpResponseBase:
            branch, who = branch_of(request), account_of(request)
            found: Viewing | None = find(branch, request.session.get(KEY, []), who, viewing)
            if found is None:
                refuse(branch, who, "no_need", what)
                return page(request, "footage/no_need.html", status=404)
            try:
                return view(request, found, **given)
            except Refused as error:
                return page(request, "footage/withheld.html", {"said": str(error)}, status=503)

        return trained(checked)

    return decorate
