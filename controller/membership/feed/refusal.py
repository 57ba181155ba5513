"""Why a file of memberships is refused: one cause for journals, one message for people.

Never here: contents. A message has lines, columns of ours and numbers; whoever reads it has the file.
"""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """Short enough for journals, one for each thing that somebody can do about it."""

    NOT_TEXT = "not_text"
    """It is not UTF-8."""
    NOT_CSV = "not_csv"
    NOT_JSON = "not_json"
    TOO_LONG = "line_too_long"
    EMPTY = "empty"
    UNKNOWN_COLUMN = "unknown_column"
    MISSING_COLUMN = "missing_column"
    REPEATED_COLUMN = "repeated_column"
    BAD_VALUE = "bad_value"
    REPEATED_CARD = "repeated_card"

    BAD_NAME = "bad_name"
    NOT_A_FILE = "not_a_file"
    """A link, a folder, a device, or somebody else's."""
    TOO_LARGE = "too_large"
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"

    FUTURE = "from_the_future"
    OLDER = "older"
    """Not newer than the memberships there are: repeated, or overtaken."""
    GAP = "gap"
    """Changes to memberships that never came."""
    NO_BASE = "no_base"
    """Changes, and nothing that they could be changes to."""
    SHRUNK = "shrunk"


class BadFile(Exception):
    """The file is refused whole, and the memberships stay as they were.

    line: counted from 1, None if it is not about one. column: a name of ours, or empty. by_hand: the option
    of ``unlocked members import`` that imports it all the same, or empty.
    """

    def __init__(
        self, cause: Cause, why: str, *, line: int | None = None, column: str = "", by_hand: str = ""
    ) -> None:
        where = [f"line {line}"] * (line is not None) + [column] * bool(column)
        super().__init__(": ".join([*where, why]))
        self.cause = cause
        self.line = line
        self.column = column
        self.by_hand = by_hand

    def with_remedy(self) -> str:
        """For whoever is at the command line, or reads the log."""
        by_hand = f"; if that is right, `unlocked members import FILE {self.by_hand}`" if self.by_hand else ""
        return f"{self}{by_hand}"
