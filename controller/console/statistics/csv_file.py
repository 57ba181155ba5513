"""The figures of a month as CSV: a line a figure, with ``[c]`` (confidential) where none is told.

That mark is what the Government Analysis Function advises for tables. Never here: totals, which whoever
reads it can add up.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from controller.console.statistics.figures import WEEKDAYS, Figures, Grid
from controller.core.statistics.disclosure import Figure
from controller.core.statistics.months import Month

UNTOLD = "[c]"
COLUMNS = ("month", "what", "weekday", "hour", "reason", "figure")


def csv_of(month: Month, figures: Figures, *, inside: bool) -> str:
    """inside: whether it is journalled how many people are inside."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in _lines(figures, inside):
        writer.writerow((str(month), *line))
    return text.getvalue()


def _lines(figures: Figures, inside: bool) -> Iterator[tuple[str, ...]]:
    yield from _grid("visits", figures.visits)
    for one in figures.refusals:
        yield "refusals", "", "", one.reason, _text(one.figure)
    if inside:
        yield from _grid("most inside", figures.inside)


def _grid(what: str, grid: Grid) -> Iterator[tuple[str, ...]]:
    for weekday, name in enumerate(WEEKDAYS):
        for row in grid.rows:
            yield what, name, row.label, "", _text(row.figures[weekday])


def _text(figure: Figure) -> str:
    return UNTOLD if figure is None else str(figure)
