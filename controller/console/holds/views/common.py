"""What these pages have in common: who may see them, what becomes of a refusal, and acts in the registers.

Never here: what one page shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from controller.console.holds.forms import Fault
from controller.console.holds.words import GROUNDS, MEANS, THINGS, amount
from controller.console.web.access import has
from controller.console.web.branch import account_of, branch_of
from controller.console.web.links import offered
from controller.console.web.page import page
from controller.settings.staff import Role
from controller.staff.desk import Desk, desk
from controller.staff.holds.ending import MAY_END, MAY_REVIEW
from controller.staff.restrictions import MAY
from controller.store.journal import JournalUnavailable

SEE = (Role.DESK, Role.SUPERVISOR, Role.CCTV, Role.DPO, Role.AUDITOR)
PLACE = (Role.DESK, Role.SUPERVISOR, Role.CCTV, Role.DPO)
"""Neither asks whether training is in date: a hold protects, and may be urgent."""

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Given], HttpResponseBase]


def shown(
    request: HttpRequest, template: str, given: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of this package: with what whoever is logged in may do here, and the words for things."""
    return page(
        request,
        f"holds/{template}",
        {
            "may_place": has(request, *PLACE, trained=False),
            "may_end": has(request, *MAY_END),
            "may_review": has(request, *MAY_REVIEW),
            "may_restrict": has(request, *MAY),
            "things": THINGS,
            "grounds": GROUNDS,
            "means": MEANS,
            "amount": amount,
            "event_link": partial(offered, request, "events:event"),
            **given,
        },
        status=status,
    )


def not_there(request: HttpRequest, what: str) -> HttpResponse:
    """what: such as "hold"."""
    return shown(request, "not_there.html", {"what": what}, status=404)


def fault(text: object, id: str = "main-content") -> list[Fault]:
    """What an act refused, as the one fault of a form."""
    return [Fault(id, str(text))]


def acting(request: HttpRequest) -> AbstractContextManager[Desk]:
    """Where whoever is logged in acts on the registers. Raises DatabaseUnusable."""
    branch = branch_of(request)
    return desk(branch.paths, branch.staff, account_of(request))


def written_first(view: View[Given]) -> View[Given]:
    """Registers are written before the journal: a fault between the two is told as what it is."""

    @wraps(view)
    def told(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except JournalUnavailable as error:
            said = (
                "The register has it, but the journal could not take down that you did it. "
                "It counts all the same."
            )
            return page(request, "fault.html", {"said": said, "details": str(error)}, status=503)

    return told
