"""Records of a CSV file (RFC 4180), whose first line names the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from controller.membership.feed.columns import OPTIONAL, REQUIRED, Columns, normal
from controller.membership.feed.lines import Lines
from controller.membership.feed.refusal import BadFile, Cause


class CsvRecords:
    """Reads the first line at once. names: the columns that are read. Raises BadFile."""

    def __init__(self, lines: Lines, columns: Columns) -> None:
        self._lines = lines
        self._columns = columns
        self._reader = csv.reader(lines, strict=True)
        self._begins = 1
        header = self._next()
        if header is None:
            why = f"the file is empty; its first line is {','.join((*REQUIRED, *OPTIONAL))}"
            raise BadFile(Cause.EMPTY, why, line=1)
        ours = columns.understood(header, 1)
        self._width = len(ours)
        self._read = [(name, place) for place, name in enumerate(ours) if name]
        self.names = frozenset(name for name, _ in self._read)
        named = (normal(name) for name in header)
        self._dropped = [(name, place) for place, name in enumerate(named) if columns.is_personal(name)]

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Line where it begins, and column to value. Raises BadFile."""
        dropped = self._columns.dropped
        while (fields := self._next()) is not None:
            if len(fields) != self._width:
                why = f"it has {len(fields)} fields, not {self._width}"
                raise BadFile(Cause.NOT_CSV, why, line=self._begins)
            for name, place in self._dropped:
                if fields[place]:
                    dropped[name] += 1
            yield self._begins, {name: fields[place].strip() for name, place in self._read}

    def _next(self) -> list[str] | None:
        self._begins = self._lines.number + 1
        self._lines.begin_record()
        try:
            return next(self._reader, None)
        except csv.Error as error:
            raise BadFile(Cause.NOT_CSV, f"it is not CSV: {error}", line=self._begins) from None
