"""What the forms about naming send, made into values once. Never here: a page, or who may send it.

``errors``: by the id of the field, what is wrong with it, in words for whoever filled it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from controller.core.card import CardNumber, CardRules, NotACard, parse_card
from controller.core.local_time import EPOCH
from controller.core.naming import Reason
from controller.staff.needs import SHAPE, is_need

CARRIED = ("reason", "need", "from-day", "from-time", "to-day", "to-time")
"""Fields that a form may be opened with."""


@dataclass(frozen=True, slots=True)
class Why:
    """reason, need: of the case. need_given: whether there is a need that can be one."""

    reason: Reason | None
    need: str
    need_given: bool
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class Time:
    """From when to before when; 0 where that is wrong."""

    start_us: int
    end_us: int
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    number: CardNumber | None
    errors: dict[str, str] = field(default_factory=dict)


def carried(sent: Mapping[str, str]) -> dict[str, str]:
    """What a form is opened with."""
    return {name: sent[name] for name in CARRIED if name in sent}


def why(sent: Mapping[str, str]) -> Why:
    errors = {}
    try:
        reason = Reason(sent.get("reason", ""))
    except ValueError:
        reason = None
        errors["reason"] = "Select why the member is to be named"
    need = sent.get("need", "").strip()
    if not is_need(need):
        errors["need"] = f"Enter {SHAPE}"
    return Why(reason, need if is_need(need) else "", is_need(need), errors)


def time(sent: Mapping[str, str], zone: tzinfo) -> Time:
    """Of an hour that the clocks repeat, all of it is meant."""
    errors: dict[str, str] = {}
    start_us = _moment(sent, "from", zone, errors, last=False)
    end_us = _moment(sent, "to", zone, errors, last=True)
    if not errors and start_us >= end_us:
        errors["to-day"] = "The end must be after the beginning"
    return Time(start_us, end_us, errors)


def card(sent: Mapping[str, str], rules: CardRules) -> Card:
    """No message has what was sent."""
    try:
        return Card(parse_card(sent.get("card", "").strip(), rules))
    except NotACard as error:
        return Card(None, {"card": f"Enter a card number of this branch: {error}"})


def _moment(sent: Mapping[str, str], name: str, zone: tzinfo, errors: dict[str, str], *, last: bool) -> int:
    day, clock = sent.get(f"{name}-day", "").strip(), sent.get(f"{name}-time", "").strip()
    try:
        date = datetime.strptime(day, "%Y-%m-%d").date()  # noqa: DTZ007 -- the zone is joined below
    except ValueError:
        errors[f"{name}-day"] = f'Enter the day of "{name}", such as 2026-11-21'
        return 0
    try:
        of_day = datetime.strptime(clock, "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        errors[f"{name}-time"] = f'Enter the time of "{name}", such as 18:00'
        return 0
    moment = datetime.combine(date, of_day, zone).replace(fold=int(last))
    return (moment - EPOCH) // datetime.resolution
