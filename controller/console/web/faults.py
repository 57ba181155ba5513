"""What cannot be done because a file, the disk or another service is at fault, said in a page.

Here: the faults that any page may meet, and what is answered to requests that no page is for. Never here:
what one page alone can say better itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import django.db
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from controller.console.web.page import page
from controller.store.engine import DatabaseMissing, DatabaseUnusable
from controller.store.journal import JournalUnavailable

CALL = (
    "If it stays so, call whoever looks after the controller: `journalctl -u unlocked-console` says more. "
    "The doors work without this."
)

log = logging.getLogger(__name__)


class Faults:
    """A fault is told with status 503, since it may pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, JournalUnavailable):
            said = "What you do here cannot be recorded, so it was not done."
        elif isinstance(error, DatabaseMissing):
            said = "The service whose records this page shows has not begun to keep them."
        elif isinstance(error, DatabaseUnusable):
            said = "Records that this page shows cannot be read."
        elif isinstance(error, django.db.Error):
            log.error("%s: %s", request.path, error)
            return accounts_unusable(error)
        else:
            return None
        log.error("%s: %s", request.path, error)
        return page(request, "fault.html", {"said": said, "details": str(error)}, status=503)


def accounts_unusable(error: Exception) -> HttpResponse:
    """Without the frame of a page, which tells who is logged in."""
    return _bare(
        f"The accounts of staff cannot be read now ({type(error).__name__}): nobody is let in here. {CALL}",
        503,
    )


def not_understood(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """A request that no browser of ours sends; nothing of it is repeated."""
    del request, exception
    return _bare(
        "This cannot be asked here. Check the address: the console answers to the names in branch.toml.", 400
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    del exception
    return _told(request, "This may not be done", "It was not done, and nothing was changed.", 403)


def no_form_of_ours(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """A form that was not made for this browser, by us, lately."""
    log.warning("%s: a form was refused: %s", request.path, reason)
    return _told(
        request,
        "The form is too old",
        "Nothing was changed. Go back, load the page again and send it once more. Allow cookies.",
        403,
    )


def no_such_page(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    del exception
    return _told(request, "There is no such page", "Check the address, or begin at the first page.", 404)


def unforeseen(request: HttpRequest) -> HttpResponseBase:
    """What broke is in the log, and told to nobody here."""
    del request
    return _bare(
        f"Something is out of order, and this page cannot be shown. Try again in a minute. {CALL}", 500
    )


def _told(request: HttpRequest, title: str, said: str, status: int) -> HttpResponseBase:
    if not hasattr(request, "user"):
        return _bare(f"{title}. {said}", status)
    try:
        return page(request, "told.html", {"title": title, "said": said}, status=status)
    except django.db.Error as error:
        return accounts_unusable(error)


def _bare(said: str, status: int) -> HttpResponse:
    return HttpResponse(said + "\n", content_type="text/plain; charset=utf-8", status=status)
