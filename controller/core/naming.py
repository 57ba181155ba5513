"""Naming a member: what somebody asks for, why, and whether a second person has approved it.

A card number in an event is sealed, and opening it is asked for in an event of its own before it is done.
Where the policy wants two people, somebody else approves that event, and what was asked is then done once,
within a day. Never here: roles, keys and boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.core.proposal import same_name

APPROVED_FOR_US = 24 * 3_600_000_000
"""How long after it was asked for something approved can be done."""


class Reason(StrEnum):
    """Why a member is to be named. The case itself is behind the need reference."""

    SECURITY_INCIDENT = "security_incident"
    CRIME = "crime"
    SAFEGUARDING = "safeguarding"
    SUBJECT_REQUEST = "subject_request"
    LEGAL_CLAIM = "legal_claim"
    FAULT = "fault"

    @property
    def reaches_restricted(self) -> bool:
        """Whether events whose processing is restricted may be looked at too (UK GDPR, Article 18(2))."""
        return self in (Reason.SUBJECT_REQUEST, Reason.LEGAL_CLAIM)


@dataclass(frozen=True, slots=True)
class Wanted:
    """event: whose card is to be named; None: a card's events from ``start_us`` to before ``end_us``."""

    reason: Reason
    need: str
    event: str | None = None
    start_us: int = 0
    end_us: int = 0

    @property
    def data(self) -> dict[str, JsonValue]:
        """As events have it."""
        scope: dict[str, JsonValue] = {"start_us": self.start_us, "end_us": self.end_us}
        if self.event is not None:
            scope = {"event": self.event}
        return {
            "purpose": "card" if self.event is None else "event",
            "reason": self.reason.value,
            "need": self.need,
            **scope,
        }


def wanted_in(ask: Event) -> Wanted | None:
    """What was asked for in this event; None if it cannot be understood."""
    found = ask.data
    event, start_us, end_us = (found.get(key) for key in ("event", "start_us", "end_us"))
    try:
        reason = Reason(str(found.get("reason")))
    except ValueError:
        return None
    if isinstance(event, str):
        return Wanted(reason, str(found.get("need")), event)
    if isinstance(start_us, int) and isinstance(end_us, int):
        return Wanted(reason, str(found.get("need")), None, start_us, end_us)
    return None


class Refusal(StrEnum):
    """Why what was asked for is not done."""

    NOT_ASKED = "not_asked"
    SOMETHING_ELSE = "something_else"
    SOMEBODY_ELSE = "somebody_else"
    NOT_APPROVED = "not_approved"
    DONE_ALREADY = "done_already"
    TOO_LATE = "too_late"


def same_person(one: Mapping[str, JsonValue], other: Mapping[str, JsonValue]) -> bool:
    """By the accounts as events have them: by name, wherever they logged in, or by number on one machine."""
    by_name = same_name(str(one.get("user")), str(other.get("user")))
    return by_name or ("uid" in one and _same(one, other, ("uid",)))


def may_approve(ask: Event | None, account: Mapping[str, JsonValue], now: Stamp) -> Refusal | None:
    """Whether this account may be the second person for what was asked. Its own asking it may not approve."""
    if ask is None or ask.type is not EventType.IDENTITY_ASKED:
        return Refusal.NOT_ASKED
    if same_person(ask.data, account):
        return Refusal.SOMEBODY_ELSE
    return None if in_time(ask, now) else Refusal.TOO_LATE


def may_open(
    ask: Event | None, since: Iterable[Event], wanted: Wanted, account: Mapping[str, JsonValue], now: Stamp
) -> Refusal | None:
    """Whether what was asked for may be done now. since: the events after it in the same journal."""
    if ask is None or ask.type is not EventType.IDENTITY_ASKED:
        return Refusal.NOT_ASKED
    if not _same(ask.data, account, ("user",)):
        return Refusal.SOMEBODY_ELSE
    if not _same(ask.data, wanted.data, tuple(wanted.data)):
        return Refusal.SOMETHING_ELSE
    about = [event.type for event in since if event.data.get("ask") == ask.id]
    if EventType.IDENTITY_OPENED in about:
        return Refusal.DONE_ALREADY
    if EventType.IDENTITY_APPROVED not in about:
        return Refusal.NOT_APPROVED
    return None if in_time(ask, now) else Refusal.TOO_LATE


def in_time(ask: Event, now: Stamp) -> bool:
    """Not on the word of a clock that is not trusted, nor of one that was set back behind the asking."""
    if not (now.clock_trusted and ask.stamp.clock_trusted):
        return False
    return 0 <= now.wall_us - ask.stamp.wall_us <= APPROVED_FOR_US


def _same(one: Mapping[str, JsonValue], other: Mapping[str, JsonValue], keys: tuple[str, ...]) -> bool:
    return all(one.get(key) == other.get(key) for key in keys)
