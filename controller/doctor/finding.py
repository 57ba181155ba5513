"""What a look at one part has found: a state, a line, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    HINT = "hint"
    """It works, and somebody should see to it before it does not."""
    FAULT = "fault"
    UNKNOWN = "unknown"
    """It could not be looked at; the line says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """part: by its name in ``parts``. what: a line without a full stop. remedy: what to do, if anything.

    Neither holds personal data: both go into the support bundle as they are.
    """

    part: str
    state: State
    what: str
    remedy: str | None = None


def ok(part: str, what: str) -> Finding:
    return Finding(part, State.OK, what)


def hint(part: str, what: str, remedy: str) -> Finding:
    return Finding(part, State.HINT, what, remedy)


def fault(part: str, what: str, remedy: str) -> Finding:
    return Finding(part, State.FAULT, what, remedy)


def unknown(part: str, why: str, remedy: str | None = None) -> Finding:
    return Finding(part, State.UNKNOWN, why, remedy)
