"""Saying in a line what Django says of requests that no browser of staff sends.

It would add a traceback to each, and so let whoever reaches the port fill the log.
"""

from __future__ import annotations

import logging

LONGEST = 300

log = logging.getLogger(__name__)


class Strangers(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        log.warning("%s", record.getMessage()[:LONGEST])


def say_in_a_line() -> None:
    """Once a process."""
    django = logging.getLogger("django.security")
    django.addHandler(Strangers())
    django.propagate = False
