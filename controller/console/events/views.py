"""The page of one event. What it shows is told by ``story``."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from controller.console.events import story
from controller.console.web.access import has, may
from controller.console.web.branch import branch_of
from controller.console.web.page import page
from controller.settings.paths import JOURNALS
from controller.settings.staff import Role


@may(Role.DESK, Role.SUPERVISOR, Role.CCTV, Role.DPO)
def one(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """What happened, why, what came before and after, its clips, and its proof."""
    branch = branch_of(request)
    readers = {service: branch.journal(service) for service in JOURNALS}
    found, hidden = story.find(readers, str(event_id)), branch.hidden()
    if found is None or hidden.hides(found[1]):
        # Whether it is there is not told of a restricted one either.
        return page(request, "events/none.html", {"unknown": hidden.unknown}, status=404)
    service, event = found
    return page(
        request,
        "events/one.html",
        {
            "story": story.tell(readers[service], branch.footage(), service, event, hidden.hides),
            "may_watch": has(request, Role.CCTV),
            "may_name": has(request, Role.SUPERVISOR),
            "may_hold": has(request, Role.DESK, Role.SUPERVISOR, Role.CCTV, Role.DPO),
        },
    )
