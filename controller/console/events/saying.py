"""What an event's data says, in words: for the sentences.

Never here: a sentence of one type of event (``sentences``), or times, which the pages write themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controller.console.events.kinds import Kind
from controller.core.event import Event

Sentence = str | Callable[[Event], str]
Sentences = Mapping[str, tuple[Kind, Sentence]]
"""By type: its kind, and what it tells."""


def word(event: Event, name: str) -> str:
    """A name or an enumeration as it stands there; empty if nothing does."""
    value = event.data.get(name)
    return value if isinstance(value, str) else ""


def number(event: Event, name: str) -> int | None:
    value = event.data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def plain(value: str) -> str:
    """An enumeration that has no better words."""
    return value.replace("_", " ").replace("-", " ")


def phrase(event: Event, name: str, words: Mapping[str, str]) -> str:
    """An enumeration in these words, or in its own."""
    value = word(event, name)
    return words.get(value, plain(value))


def many(count: int | None, one: str, more: str = "") -> str:
    """Such as "1 card" or "3 cards"; "some cards" where no count is known."""
    if count is None:
        return f"some {more or one + 's'}"
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def duration(seconds: int) -> str:
    """Roughly, as people say it."""
    for unit_s, unit in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * unit_s or (unit != "day" and seconds >= unit_s):
            count = seconds // unit_s
            return f"{count} days" if unit == "day" else f"{count} {unit}"
    return many(max(seconds, 0), "second")


def by(event: Event) -> str:
    """Who did it, as the journal has the account; empty if nobody is named."""
    who = word(event, "staff") or word(event, "user")
    return f" by {who}" if who else ""


def at_reader(event: Event) -> str:
    reader = word(event, "reader")
    return f" at reader {reader}" if reader else ""


def tell(event: Event, sentence: Sentence) -> str:
    said = sentence if isinstance(sentence, str) else sentence(event)
    return " ".join(said.split()).rstrip(" :,")  # where its data says nothing, nothing is announced
