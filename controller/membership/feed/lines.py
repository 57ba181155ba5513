"""Lines of a text of any size, none longer than what a membership can need."""

from __future__ import annotations

from typing import TextIO

from controller.membership.feed.refusal import BadFile, Cause

LONGEST_LINE = 16_384
"""Characters. A membership has some 80; the rest is for columns that are dropped."""
LONGEST_RECORD = 65_536
"""Characters of one record, where quotes let it go over several lines."""


class Lines:
    """An iterator of lines, ends included. number: of the line that came last, from 1."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._record = 0
        self.number = 0

    def begin_record(self) -> None:
        self._record = 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        """Raises BadFile."""
        try:
            line = self._file.readline(LONGEST_LINE + 1)
        except UnicodeDecodeError:
            why = "from here on it is not UTF-8; export it as UTF-8"
            raise BadFile(Cause.NOT_TEXT, why, line=self.number + 1) from None
        if not line:
            raise StopIteration
        self.number += 1
        self._record += len(line)
        if len(line) > LONGEST_LINE or self._record > LONGEST_RECORD:
            limit = LONGEST_LINE if len(line) > LONGEST_LINE else LONGEST_RECORD
            raise BadFile(Cause.TOO_LONG, f"it has more than {limit} characters", line=self.number)
        return line
