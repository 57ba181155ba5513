"""The need reference: which case somebody looks at personal data for. No names: events carry it."""

from __future__ import annotations

import re

NEED = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{1,39}")
SHAPE = "a reference such as INC-2026-014, without spaces; no names"


def is_need(text: str | None) -> bool:
    return text is not None and NEED.fullmatch(text) is not None
