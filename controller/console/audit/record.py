"""What staff did, as the console's journal has it: a page of lines, the newest first.

Here: reading it, and each event as a line for people. Never here: permission, or how it looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo

from controller.console.audit.asked import Asked
from controller.console.events.saying import plain
from controller.console.events.telling import sentence
from controller.core.event import Event, JsonValue
from controller.core.local_time import local_time
from controller.store.journal_pages import Wanted
from controller.store.journal_reader import JournalReader

LINES = 50
MOST = 10_000
"""Lines of a file of the record."""
LONGEST = 200
"""Characters of a detail."""
LEAST_WALL_US = 1_000_000_000_000_000
"""Of 2001. What is below is a length."""
OF_OTHERS = frozenset({"user", "uid", "console", "need", "reason"})
"""Names in an event's data that have columns of their own, or say nothing to people."""
ENUMERATED = frozenset({"category", "cause", "change", "with"})
"""Names whose values are words of ours, written for machines."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What an event's data says besides. wall_us: it is a time."""

    name: str
    text: str
    wall_us: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """at_us: microseconds since 1970 UTC. where: "console", or "command line". need, reason: as was said."""

    seq: int
    at_us: int
    clock_trusted: bool
    account: str
    where: str
    what: str
    need: str
    reason: str
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """before: where the next page begins; None: there is none."""

    lines: tuple[Line, ...]
    before: int | None


def page(journal: JournalReader, asked: Asked, zone: tzinfo, limit: int = LINES) -> Page:
    """Raises JournalMissing, DatabaseUnusable."""
    end_us, from_us = asked.end_us(zone), asked.from_us(zone)
    newest = journal.last_seq() if end_us is None else journal.number_at(end_us - 1)
    if asked.before is not None:
        newest = min(newest, asked.before)
    oldest = 0 if from_us is None else journal.number_at(from_us - 1)
    found = journal.page(Wanted(asked.types, None, asked.said), newest, back=True, limit=limit)
    lines = tuple(_line(one.event, one.at_us) for one in found.found if one.event.seq > oldest)
    last = found.looked_to.event.seq if found.looked_to else 0
    return Page(lines, last - 1 if last - 1 > oldest else None)


def lines(journal: JournalReader, asked: Asked, zone: tzinfo) -> Iterator[Line]:
    """All of them, MOST at most. Raises as ``page``."""
    left, before = MOST, asked.before
    while left > 0:
        found = page(journal, _from(asked, before), zone, min(left, 500))
        yield from found.lines
        left -= len(found.lines)
        if found.before is None:
            return
        before = found.before


def _from(asked: Asked, before: int | None) -> Asked:
    return Asked(asked.account, asked.kind, asked.need, asked.from_day, asked.to_day, before)


def _line(event: Event, at_us: int) -> Line:
    def said(name: str) -> str:
        value = event.data.get(name)
        return value if isinstance(value, str) else ""

    account = said("user")
    return Line(
        event.seq,
        at_us,
        event.stamp.clock_trusted,
        account or "not known",
        "console" if event.data.get("console") or event.type.startswith("console.") else "command line",
        sentence(event).replace(f" by {account}", "") if account else sentence(event),
        said("need"),
        plain(said("reason")),
        tuple(_details(event)),
    )


def _details(event: Event) -> Iterator[Detail]:
    for name, value in event.data.items():
        if name in OF_OTHERS or value in (None, "", [], {}):
            continue
        if value == 0 and name.endswith("_us"):
            continue  # no such time was set
        if isinstance(value, int) and name.endswith("_us") and value > LEAST_WALL_US:
            yield Detail(plain(name.removesuffix("_us")), "", value)
        else:
            text = _text(value)
            yield Detail(plain(name), (plain(text) if name in ENUMERATED else text)[:LONGEST])


def _text(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{plain(name)} {_text(one)}" for name, one in value.items())
    return str(value)


def shown(detail: Detail, moment: Callable[[int], str]) -> str:
    """As one text, where a time cannot be marked as such."""
    return f"{detail.name}: {detail.text if detail.wall_us is None else moment(detail.wall_us)}"


def moment_of(zone: tzinfo) -> Callable[[int], str]:
    return lambda wall_us: local_time(wall_us, zone).isoformat(sep=" ", timespec="seconds")
