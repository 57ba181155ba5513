"""What does the library management system say of this card now? What the door asks, and what it is told.

The answer is a whole membership, so that the door decides as it does on its own copy. Whatever is not a plain
answer reads as ``None``: nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from controller.core.card import CardNumber
from controller.core.event import JsonValue
from controller.core.membership import Membership, Status
from controller.ipc.messages import BadMessage, Reply, Request

COMMAND = "look-up"
CARD = re.compile(r"[0-9A-Za-z]{1,64}")
MEMBERSHIP = "membership"
_DAYS = ("inducted_on", "granted_from", "granted_until", "expires", "adult_on")


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The system answered. membership: None if it has no such card."""

    membership: Membership | None


def ask_for(card: CardNumber) -> Request:
    return Request(COMMAND, {"card": card.reveal()})


def understand(request: Request) -> CardNumber:
    """Raises BadMessage, which repeats nothing."""
    if request.arguments.keys() != {"card"}:
        raise BadMessage("it takes a card number and nothing else")
    return card_in(request)


def card_in(request: Request) -> CardNumber:
    """The card number among its arguments. Raises BadMessage, which repeats nothing."""
    card = request.arguments.get("card")
    if not isinstance(card, str) or not CARD.fullmatch(card):
        raise BadMessage("the card number is none")
    return CardNumber(card)


def answer(looked_up: LookedUp | None) -> Reply:
    """None: nobody could say."""
    if looked_up is None:
        return Reply(done=False, reason="unavailable")
    return Reply(done=True, data=written(looked_up))


def looked_up_of(reply: Reply) -> LookedUp | None:
    return said_in(reply.data) if reply.done and reply.data.keys() == {MEMBERSHIP} else None


def written(looked_up: LookedUp) -> dict[str, JsonValue]:
    """As it stands in a reply, this one or another that tells it besides."""
    return {MEMBERSHIP: _written(looked_up.membership)}


def said_in(data: Mapping[str, JsonValue]) -> LookedUp | None:
    """What is ``written`` there; None if that is not plain."""
    try:
        membership = data[MEMBERSHIP]
        return LookedUp(None if membership is None else _read(membership))
    except (KeyError, TypeError, ValueError):
        return None


def _written(membership: Membership | None) -> JsonValue:
    if membership is None:
        return None
    days: dict[str, JsonValue] = {}
    for name in _DAYS:
        day: date | None = getattr(membership, name)
        days[name] = None if day is None else day.isoformat()
    return {
        "status": membership.status.value,
        **days,
        "category": membership.category,
        "guardian": membership.guardian,
        "as_of_us": membership.as_of_us,
    }


def _read(written: JsonValue) -> Membership:
    """Raises KeyError, TypeError, ValueError."""
    if not isinstance(written, dict) or len(written) != len(_DAYS) + 4:
        raise ValueError("no membership")
    inducted_on, granted_from, granted_until, expires, adult_on = (_day(written[name]) for name in _DAYS)
    category, guardian, as_of_us = written["category"], written["guardian"], written["as_of_us"]
    if expires is None or not isinstance(category, str) or not isinstance(guardian, bool):
        raise ValueError("no membership")
    if not isinstance(as_of_us, int) or isinstance(as_of_us, bool) or as_of_us <= 0:
        raise ValueError("no membership")
    status = Status(str(written["status"]))
    return Membership(
        status, inducted_on, granted_from, granted_until, expires, category, adult_on, guardian, as_of_us
    )


def _day(written: JsonValue) -> date | None:
    if written is None:
        return None
    if not isinstance(written, str):
        raise TypeError("no day")
    return date.fromisoformat(written)
