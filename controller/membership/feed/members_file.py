"""A file of memberships, as a library management system exports them: CSV or JSON Lines, whole or changes.

Columns: ``card_number``, ``status`` (active or suspended), ``induction`` (when it was done; empty: it was
not), ``granted_from`` (the first day of the entitlement to unstaffed hours; empty: there is none) and
``expires`` (the last day of the membership). If wanted: ``granted_until`` (the entitlement's last day),
``category``, ``adult_on`` (the day on which the minimum age is reached) and ``guardian`` (yes or no). Days
are written YYYY-MM-DD. Changes have ``change`` (put or remove) too, and to remove takes the card number only.
Columns of personal data that the door has no use for are dropped by their names and counted. Anything else
refuses the file whole, with its line. ``pin`` is dropped like those, unless the branch verifies PINs itself.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

from controller.core.card import CardRules
from controller.core.pin import PinRules
from controller.membership.feed.columns import PIN, Columns
from controller.membership.feed.csv_format import CsvRecords
from controller.membership.feed.json_format import JsonRecords
from controller.membership.feed.lines import Lines
from controller.membership.feed.refusal import BadFile, Cause
from controller.membership.feed.rows import Counts, Row, RowReader


class Format(StrEnum):
    """The end of a file's name."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class MembersFile:
    """The rows of an open file, streamed. counts: of the rows read so far."""

    def __init__(
        self,
        file: BinaryIO,
        format: Format,
        rules: CardRules,
        as_of_us: int,
        pins: PinRules | None = None,
        *,
        delta: bool = False,
    ) -> None:
        """pins: read the column ``pin`` by these rules. Whoever opened the file closes it. Raises BadFile."""
        self._file = file
        self._given = (format, rules, as_of_us, pins)
        self._delta = delta
        self._columns = Columns(delta=delta, pins=pins is not None)
        self._reader = RowReader(rules, as_of_us, pins, delta=delta)
        self._text: io.TextIOWrapper | None = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        records = CsvRecords if format is Format.CSV else JsonRecords
        try:
            self._records = records(Lines(self._text), self._columns)
        except BadFile:
            self.close()
            raise

    @property
    def counts(self) -> Counts:
        return self._reader.counts

    @property
    def dropped(self) -> Counter[str]:
        """Each personal column that it had, and how many values stood in it."""
        return self._columns.dropped

    @property
    def tells_pins(self) -> bool:
        """Whether PINs were read, be they empty. Known when all rows were."""
        return PIN in self._records.names

    def rows(self) -> Iterator[Row]:
        """Raises BadFile at the first row that is not understood, and when there is none at all."""
        line = None
        for line, found in self._records:
            yield self._reader.row(line, found)
        if line is None and not (self._delta and self._records.names):
            raise BadFile(Cause.EMPTY, "there are no memberships in it", line=1)

    def again(self) -> MembersFile:
        """The same file from its start; this one is of no use any more. Raises BadFile."""
        self.close()
        self._file.seek(0)
        return MembersFile(self._file, *self._given, delta=self._delta)

    def close(self) -> None:
        """The file stays open."""
        if self._text is not None:
            self._text.detach()
            self._text = None
