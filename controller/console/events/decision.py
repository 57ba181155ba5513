"""A decision on a card in plain English: why, how sure, and what staff can do. From its event alone.

Never here: whose card it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from controller.console.events.saying import duration, number, word
from controller.core.access import Reason
from controller.core.event import Event, EventType
from controller.core.meanings import MEANINGS
from controller.core.outcome import outcome_of, text

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ENDED = {
    Reason.EXPIRED: "The membership expired with {}.",
    Reason.ENTITLEMENT_ENDED: "The entitlement to unstaffed hours ended with {}; the membership had not.",
    Reason.ENTITLEMENT_NOT_BEGUN: "The entitlement to unstaffed hours begins on {}.",
}
_HOURS = {
    "staffed": "These were staffed hours.",
    "unstaffed": "These were unstaffed hours.",
    "closed": "The branch was closed, and this category of card has hours of its own.",
    "clear_out": "Staff were leaving, and this category of card has hours of its own.",
}
_CHECKED = {
    "live": "The library management system was asked about the card, and its answer decided.",
    "offline": "The library management system was asked about the card and did not answer in time.",
}


def why(event: Event) -> list[str]:
    """Sentences; none for events that are no decision on a card."""
    match event.type:
        case EventType.ACCESS_GRANTED:
            return [*_granted(event)]
        case EventType.ACCESS_REFUSED:
            return [*_refused(event)]
        case EventType.ACCESS_NOT_NEEDED:
            return ["Staff were there, and the door was open to everybody. The card was not looked up."]
        case EventType.ACCESS_OUTCOME:
            return [*_outcome(event)]
        case _:
            return []


def what_to_do(event: Event) -> str:
    """For staff; empty where there is nothing to do."""
    reason = _reason(event)
    return "" if reason is None else MEANINGS[reason].staff


def _granted(event: Event) -> Iterator[str]:
    yield "What is known of the card was in order, and the door opens to it at that hour."
    if hours := _HOURS.get(word(event, "mode")):
        yield hours
    if event.data.get("pin") is True:
        yield "A PIN was asked for, and it was right."
    if event.data.get("passback") is True:
        yield "The card had come in before and had not been seen to leave; the branch only notes that."
    yield from _how_sure(event)


def _refused(event: Event) -> Iterator[str]:
    reason = _reason(event)
    if reason is None:
        return
    on = _day(word(event, "day"))
    yield _ENDED[reason].format(on) if on and reason in _ENDED else MEANINGS[reason].member
    yield from _how_sure(event)
    if "age_s" not in event.data and reason is not Reason.UNKNOWN_CARD:
        yield "Nothing about a membership was needed for that."
    shown = " ".join(text(outcome_of(reason), reason))
    yield f"Whoever stood there was told: “{shown}”, unless the branch has set words of its own."


def _outcome(event: Event) -> Iterator[str]:
    reason = _reason(event)
    if event.data.get("done") == "admitted":
        yield "The door was opened although the grant could not be recorded in time; it is set to do so."
    else:
        yield "A card or a command had been accepted, and the door was not opened after all."
    if reason is not None:
        yield MEANINGS[reason].member


def _how_sure(event: Event) -> Iterator[str]:
    if asked := _CHECKED.get(word(event, "checked")):
        yield asked
    age_s = number(event, "age_s")
    if age_s is not None:
        yield f"What was known of the membership was {duration(age_s)} old."


def _reason(event: Event) -> Reason | None:
    reason = word(event, "reason")
    return Reason(reason) if reason in set(Reason) else None


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
