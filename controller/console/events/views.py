"""The page of one event. What it shows is told by ``story``."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from controller.console.events import story
from controller.console.web.access import has, may
from controller.console.web.branch import branch_of
from controller.console.web.links import offered
from controller.console.web.page import page
from controller.core.event import Event, EventType
from controller.core.hold import OF_JOURNAL
from controller.settings.paths import JOURNALS
from controller.settings.staff import Role


@may(Role.DESK, Role.SUPERVISOR, Role.CCTV, Role.DPO)
def event(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """What happened, why, what came before and after, its clips, and its proof."""
    branch = branch_of(request)
    readers = {service: branch.journal(service) for service in JOURNALS}
    found, hidden = story.find(readers, str(event_id)), branch.hidden()
    if found is None or hidden.hides(found[1]):
        # Whether it is there is not told of a restricted one either.
        return page(request, "events/none.html", {"unknown": hidden.unknown}, status=404)
    service, that = found
    return page(
        request,
        "events/one.html",
        {
            "story": story.tell(readers[service], branch.footage(), service, that, hidden.hides),
            "may_watch": has(request, Role.CCTV),
            "watch": offered(request, "footage:start"),
            "export": offered(request, "footage:export"),
            "name_it": offered(request, "naming:event", event_id) if _is_of_a_card(that) else "",
            "hold_it": offered(request, "holds:new"),
            "held_as": OF_JOURNAL[service].value,
            "restrict_it": offered(request, "holds:restrict"),
        },
    )


def _is_of_a_card(event: Event) -> bool:
    """Whether a known card's number is sealed in it: only then it says how old its membership was."""
    return event.type in (EventType.ACCESS_GRANTED, EventType.ACCESS_REFUSED) and "age_s" in event.data
