"""What cannot be done because a file, the disk or another service is at fault, said in a page.

Here: the faults that any page may meet. Never here: what one page alone can say better itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from controller.console.web.page import page
from controller.store.engine import DatabaseMissing, DatabaseUnusable
from controller.store.journal import JournalUnavailable

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
        else:
            return None
        log.error("%s: %s", request.path, error)
        return page(request, "fault.html", {"said": said, "details": str(error)}, status=503)
