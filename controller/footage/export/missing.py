"""Why there is no footage of a stretch, from what the recorder's journal says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from controller.core.event import Event, EventType
from controller.footage.export.manifest import ExplainedGap

TYPES = (EventType.RECORDING_GAP, EventType.RECORDING_PAUSED, EventType.RECORDING_RESUMED)
_NEVER_US = 1 << 62

Stretch = tuple[int, int, str]
"""Beginning and end, wall time, and the cause."""


def explained(
    gaps: Sequence[tuple[int, int]], camera: str, events: Iterable[Event]
) -> tuple[ExplainedGap, ...]:
    """Each gap with the cause that covers most of it. events: of TYPES, in the journal's order."""
    known = tuple(_stretches(event for event in events if event.subject == camera))
    return tuple(ExplainedGap(begins=begin, ends=end, cause=_cause(begin, end, known)) for begin, end in gaps)


def _stretches(events: Iterable[Event]) -> Iterator[Stretch]:
    paused: Event | None = None
    for event in events:
        if event.type is EventType.RECORDING_GAP:
            yield _us(event, "from_us"), _us(event, "to_us"), str(event.data["cause"])
            continue
        if paused is not None:
            ends_us = _us(event, "from_us") if event.type is EventType.RECORDING_RESUMED else None
            yield _pause(paused, ends_us or event.stamp.wall_us)
        paused = event if event.type is EventType.RECORDING_PAUSED else None
    if paused is not None:
        yield _pause(paused, _NEVER_US)


def _pause(paused: Event, ends_us: int) -> Stretch:
    return paused.stamp.wall_us, ends_us, f"paused: {paused.data['cause']}"


def _us(event: Event, name: str) -> int:
    value = event.data.get(name)
    return value if isinstance(value, int) else 0


def _cause(begin_us: int, end_us: int, known: Sequence[Stretch]) -> str | None:
    def overlap(stretch: Stretch) -> int:
        return min(end_us, stretch[1]) - max(begin_us, stretch[0])

    longest = max(known, key=overlap, default=None)
    return longest[2] if longest is not None and overlap(longest) > 0 else None
