"""Where a page of the timeline begins: a number in each journal. What is older stands up to it.

As addresses have it, the five numbers with dashes between, in the order of JOURNALS. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from controller.settings.paths import JOURNALS

Position = Mapping[str, int]
"""By service."""

LAST = 2**62
"""Behind every number that a journal will have."""
NOW: Position = dict.fromkeys(JOURNALS, LAST)

_TEXT = re.compile(r"\d{1,19}(-\d{1,19}){4}", re.ASCII)


def as_text(position: Position) -> str:
    return "-".join(str(position[service]) for service in JOURNALS)


def parse(text: str) -> Position | None:
    """None for what is no position."""
    if not _TEXT.fullmatch(text):
        return None
    return {service: min(int(n), LAST) for service, n in zip(JOURNALS, text.split("-"), strict=True)}
