"""A viewing: who looks at which cameras' footage of which time, for which need.

It is an event first, and what the event says is what may be seen, by that account and in the session of the
browser that asked for it. Never here: which pages show it.
"""

from __future__ import annotations

from collections.abc import Collection, MutableMapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from controller.console.footage.asking import Asked
from controller.console.web.branch import Branch
from controller.core.event import Event, EventType, JsonValue
from controller.staff.account import Account
from controller.staff.viewing import refused
from controller.store.journal_reader import JournalMissing

KEY = "viewings"
"""In a session: the ids of its viewings, the newest last."""
MOST = 50


@dataclass(frozen=True, slots=True)
class Viewing:
    """id: of its event. Times in microseconds, wall time."""

    id: UUID
    cameras: tuple[str, ...]
    begins_us: int
    ends_us: int
    need: str
    user: str


def begin(
    branch: Branch,
    session: MutableMapping[str, Any],
    who: Account,
    asked: Asked,
    need: str,
    cause: str | None,
) -> Viewing:
    """Record it, and remember it in the session. cause: the event that it is about, if it is about one.

    Raises JournalUnavailable; then nothing may be shown.
    """
    cameras: list[JsonValue] = list(asked.cameras)
    data: dict[str, JsonValue] = {
        "cameras": cameras,
        "start_us": asked.begins_us,
        "end_us": asked.ends_us,
        "need": need,
        "cause": cause,
    }
    event = branch.record(EventType.FOOTAGE_VIEWED, "footage", data, by=who)
    session[KEY] = [*session.get(KEY, []), event.id][-MOST:]
    return of_event(event)


def find(branch: Branch, remembered: Collection[str], who: Account, id: UUID) -> Viewing | None:
    """None where it is no viewing of this account, or not one of this session.

    remembered: ids of the session's viewings. Raises DatabaseUnusable.
    """
    if str(id) not in remembered:
        return None
    try:
        event = branch.journal("console").find(str(id))
    except JournalMissing:
        return None
    if event is None or event.type is not EventType.FOOTAGE_VIEWED:
        return None
    found = of_event(event)
    return found if found.user == who.user and event.data.get("console") is True else None


def refuse(branch: Branch, who: Account, cause: str, what: str) -> None:
    """Journal that footage was not shown. cause, what: in one word. Raises JournalUnavailable."""
    refused(branch.staff, who, cause, what)


def of_event(event: Event) -> Viewing:
    cameras = event.data["cameras"]
    begins_us, ends_us = event.data["start_us"], event.data["end_us"]
    assert isinstance(cameras, list)
    assert isinstance(begins_us, int)
    assert isinstance(ends_us, int)
    return Viewing(
        UUID(event.id),
        tuple(str(one) for one in cameras),
        begins_us,
        ends_us,
        str(event.data["need"]),
        str(event.data["user"]),
    )
