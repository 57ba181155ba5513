"""When did an event happen whose clock could not be believed? Before the next event whose clock could.

Such an event is as old as that one at least counts: it is never destroyed too early. While no trusted event
follows, it has no date, and stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controller.store.journal_rows import Row, Rows


@dataclass(frozen=True, slots=True)
class Dated:
    """happened_us: when, at the latest; None: nothing tells."""

    row: Row
    happened_us: int | None


def dated(rows: Rows, page: Sequence[Row]) -> list[Dated]:
    """The page of rows that follow each other, each with its time."""
    found: list[Dated] = []
    after_us: int | None = None
    known = False
    for row in reversed(page):
        if row.clock_trusted:
            after_us, known = row.wall_us, True
        elif not known:
            after_us, known = rows.trusted_after(row.seq), True
        found.append(Dated(row, after_us))
    return found[::-1]
