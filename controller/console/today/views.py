"""The page of today, and the stream that keeps it up to date. Never here: commands to a door (``orders``)."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from controller.console.accounts.sessions import unattended
from controller.console.today.orders import MAY_COMMAND, SAID
from controller.console.today.serving import live_of
from controller.console.web.access import has, may, still_may
from controller.console.web.branch import branch_of
from controller.console.web.page import page
from controller.settings.staff import Role

MAY_SEE = (Role.DESK, Role.SUPERVISOR, Role.CCTV, Role.DPO, Role.ENGINEER)

CHECKED_S = 5.0
"""How soon an open page of somebody who was logged out, or may not see it any more, is told nothing more."""

MAY_SEE_EVENTS = tuple(role for role in MAY_SEE if role is not Role.ENGINEER)


@may(*MAY_SEE)
def now(request: HttpRequest) -> HttpResponse:
    branch = branch_of(request)
    shown = {
        "board": live_of(branch).board(),
        "now_us": branch.now().wall_us,
        "may_command": has(request, *MAY_COMMAND),
        "may_see_events": has(request, *MAY_SEE_EVENTS),
        "said": request.session.pop(SAID, ""),
    }
    return page(request, "today/now.html", shown)


@unattended
@may(*MAY_SEE)
def stream(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events: what has changed on the page, as it happens."""
    opened = live_of(branch_of(request)).open_stream(_gone(request))
    if opened is None:
        # No event stream: the browser tries no more, and the page says that it is not kept up to date.
        return HttpResponse("too many pages are open\n", status=503, content_type="text/plain")
    response = StreamingHttpResponse(opened, content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep it back
    return response


def _gone(request: HttpRequest) -> Callable[[], bool]:
    """Whether nobody is there any more who may be told."""
    disconnected = request.META.get("waitress.client_disconnected", lambda: False)
    still, checked_s = still_may(request, *MAY_SEE), time.monotonic()

    def gone() -> bool:
        nonlocal checked_s
        if disconnected():
            return True
        if time.monotonic() < checked_s + CHECKED_S:
            return False
        checked_s = time.monotonic()
        return not still()

    return gone
