"""Cards and who was let in: the sentences. Never here: what a refusal means (``core.meanings``)."""

from __future__ import annotations

from controller.console.events.kinds import Kind
from controller.console.events.saying import Sentences, at_reader, by, phrase, plain, word
from controller.core.access import Reason
from controller.core.event import Event, EventType
from controller.core.meanings import IN_SHORT


def _because(event: Event) -> str:
    reason = word(event, "reason")
    return IN_SHORT[Reason(reason)] if reason in set(Reason) else plain(reason)


def _granted(event: Event) -> str:
    more = "".join(
        said
        for name, said in (("pin", ", with a PIN"), ("passback", ", although the card had not left"))
        if event.data.get(name) is True
    )
    return f"Card accepted{at_reader(event)}{more}"


def _refused(event: Event) -> str:
    return f"Refused{at_reader(event)}: {_because(event)}"


def _outcome(event: Event) -> str:
    if event.data.get("done") == "admitted":
        return f"Let in although {_because(event)}"
    return f"Not let in after all: {_because(event)}"


_LOCKED_OUT = {"card": "a card", "reader": "the reader"}


def _locked_out(event: Event) -> str:
    return phrase(event, "of", _LOCKED_OUT) or "a card"


def _lockout(event: Event) -> str:
    return f"Not answered for a while{at_reader(event)}: {_locked_out(event)}, too many failed attempts"


def _lockout_over(event: Event) -> str:
    return f"Answered again{at_reader(event)}: {_locked_out(event)}"


SENTENCES: Sentences = {
    EventType.ACCESS_GRANTED: (Kind.GRANTED, _granted),
    EventType.ACCESS_REFUSED: (Kind.REFUSED, _refused),
    EventType.ACCESS_NOT_NEEDED: (
        Kind.DOOR,
        lambda event: f"A card was held{at_reader(event)}; none was needed, since staff were there",
    ),
    EventType.ACCESS_OUTCOME: (Kind.FAULT, _outcome),
    EventType.ACCESS_EXPLAINED: (Kind.STAFF, lambda event: f"A decision on a card was explained{by(event)}"),
    EventType.LOCKOUT_STARTED: (Kind.REFUSED, _lockout),
    EventType.LOCKOUT_ENDED: (Kind.REFUSED, _lockout_over),
}
