"""One event with all that belongs to it: what led to it, what followed, its clips, and what proves it.

Reads through the store. Never here: whether somebody may see it (the view asks), or the words of a type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from controller.console.events import decision
from controller.console.timeline.rows import Row, row
from controller.console.timeline.span import Line
from controller.core.event import CONTROLLER, UUID7, Event, EventType, JsonValue
from controller.settings.paths import JOURNALS
from controller.store.engine import DatabaseUnusable
from controller.store.footage import Clip, FootageReader
from controller.store.journal_pages import Wanted
from controller.store.journal_proof import Proof
from controller.store.journal_reader import JournalMissing, JournalReader

AROUND = 5
"""So many events before, and as many after."""
LEAST_WALL_US = 1_000_000_000_000_000
"""Of 2001. What is below is a length."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What its data says under a name. us: if that is a time. event: if it is another event."""

    name: str
    text: str
    us: int | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """before, after: at the same place, newest first, without what is restricted; hidden: how many that is.

    unread: what could not be read, with why.
    """

    row: Row
    event: Event
    why: list[str]
    to_do: str
    facts: list[Fact]
    after: list[Row]
    before: list[Row]
    hidden: int
    clips: list[Clip]
    proof: Proof | None
    unread: Mapping[str, str]


def find(readers: Mapping[str, JournalReader], event_id: str) -> tuple[str, Event] | None:
    """The event, and whose journal it is in. Raises DatabaseUnusable if a journal cannot be read."""
    trouble: DatabaseUnusable | None = None
    for service in JOURNALS:
        try:
            found = readers[service].find(event_id)
        except JournalMissing:
            continue
        except DatabaseUnusable as error:
            trouble = error
            continue
        if found is not None:
            return service, found
    if trouble is not None:
        raise trouble
    return None


def tell(
    reader: JournalReader,
    footage: FootageReader,
    service: str,
    event: Event,
    hides: Callable[[Event], bool],
) -> Story:
    """The story of an event that may be shown. reader: of its journal. Raises DatabaseUnusable."""
    place = Wanted(subject=event.subject)
    at = reader.page(Wanted(), event.seq, back=True, limit=1).found[0]
    after = reader.page(place, event.seq, back=False, limit=AROUND).found[::-1]
    before = reader.page(place, event.seq - 1, back=True, limit=AROUND).found
    hidden = sum(hides(one.event) for one in (*after, *before))
    clips, unread = _clips(footage, event)
    return Story(
        row(Line(service, event, at.at_us)),
        event,
        decision.why(event),
        decision.what_to_do(event),
        [*_facts(event)],
        [row(Line(service, one.event, one.at_us)) for one in after if not hides(one.event)],
        [row(Line(service, one.event, one.at_us)) for one in before if not hides(one.event)],
        hidden,
        clips,
        reader.proof(event),
        unread,
    )


def _clips(footage: FootageReader, event: Event) -> tuple[list[Clip], dict[str, str]]:
    cause = event.data.get("cause") if event.type is EventType.CLIP_RECORDED else event.id
    try:
        return footage.clips_of(str(cause)), {}
    except DatabaseUnusable as error:
        return [], {"clips": str(error)}


def _facts(event: Event) -> Iterator[Fact]:
    """What the journal has of it, in its own names: nothing is left out."""
    if event.subject != CONTROLLER:
        yield Fact("where", event.subject)
    for name, value in event.data.items():
        yield _fact(name, value)


def _fact(name: str, value: JsonValue) -> Fact:
    shown = name.removesuffix("_us").replace("_", " ")
    if isinstance(value, str):
        return Fact(shown, value, event=value if UUID7.fullmatch(value) else None)
    if isinstance(value, bool) or value is None:
        return Fact(shown, {True: "yes", False: "no", None: "not known"}[value])
    if isinstance(value, int):
        if name.endswith("_us") and value > LEAST_WALL_US:
            return Fact(shown, "", us=value)
        return Fact(name.replace("_", " "), f"{value:,}")
    if isinstance(value, list):
        return Fact(shown, ", ".join(_fact("", each).text for each in value))
    return Fact(shown, "; ".join(f"{key}: {_fact('', each).text}" for key, each in value.items()))
