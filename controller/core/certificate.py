"""What a ``disposal.certificate`` says of a journal's own rows: which of them were destroyed, and how old.

Its data names them in ``event_seqs`` and, for sealed boxes that went alone, ``box_seqs``: lists of
``[first seq, last seq]``, both inclusive. ``times_us`` has the earliest and the latest time of each of
``event_seqs``. It counts only for what came before itself. Never here: writing one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from controller.core.event import Event, JsonValue

Range = tuple[int, int]

DECOMMISSIONED = "decommissioned"
"""The basis of what went because the branch closed, due or not."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """event_seqs, times_us: in the same order; times_us is empty where the certificate has none.

    policy: SHA-256 of the profile that was in force, empty where there was none. site: the branch. basis: the
    kind of rule, or DECOMMISSIONED.
    """

    seq: int
    site: str
    wall_us: int
    clock_trusted: bool
    category: str
    policy: str
    event_seqs: tuple[Range, ...]
    times_us: tuple[Range, ...]
    box_seqs: tuple[Range, ...]
    due_to_us: int | None
    basis: str = ""


def certificate_of(event: Event) -> Certificate:
    """event: of the type ``disposal.certificate``. Raises ValueError for data that no certificate has."""
    data = event.data
    seqs, times = _ranges(data.get("event_seqs")), _ranges(data.get("times_us"))
    boxes = _ranges(data.get("box_seqs"))
    if any(first < 1 for first, _ in (*seqs, *boxes)):
        raise ValueError("it names rows before the first")
    due_to_us = data.get("due_to_us")
    if times and len(times) != len(seqs):
        raise ValueError("it has not one pair of times for each range")
    return Certificate(
        event.seq,
        event.subject,
        event.stamp.wall_us,
        event.stamp.clock_trusted,
        str(data.get("category", "")),
        str(data.get("policy", "")),
        seqs,
        times,
        boxes,
        due_to_us if isinstance(due_to_us, int) else None,
        str(data.get("basis", "")),
    )


def _ranges(value: JsonValue) -> tuple[Range, ...]:
    if not isinstance(value, list | None):
        raise ValueError("it names rows with something else than a list")  # noqa: TRY004 -- it came from a file
    return tuple(_range(pair) for pair in value or [])


def _range(pair: JsonValue) -> Range:
    if isinstance(pair, list) and len(pair) == 2:
        first, last = pair
        if type(first) is int and type(last) is int and first <= last:  # true and false are no numbers here
            return (first, last)
    raise ValueError("it names rows with something else than their first and last number")


class Cover:
    """The rows that certificates cover, each only before its own number: quick to ask, however many."""

    def __init__(self, named: Iterable[tuple[int, Range]]) -> None:
        """named: the number of a certificate, and a range that it names."""
        joined: list[Range] = []
        for first, last in sorted((first, min(last, seq - 1)) for seq, (first, last) in named):
            if first > last:
                continue
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
            else:
                joined.append((first, last))
        self._firsts = [first for first, _ in joined]
        self._lasts = [last for _, last in joined]

    def __contains__(self, seq: int) -> bool:
        at = bisect_right(self._firsts, seq) - 1
        return at >= 0 and seq <= self._lasts[at]
