"""Records of a JSON Lines file: on each line one object, flat, with the columns of CSV as its keys.

Values are texts; null is an empty one, true and false are yes and no. A card number without quotes would
lose its leading zeros, so numbers are refused wherever they are read. Nothing is nested, no key is there
twice, and no number is ever converted, however long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from controller.membership.feed.columns import Columns, normal
from controller.membership.feed.lines import Lines
from controller.membership.feed.refusal import BadFile, Cause

_WORDS = {True: "yes", False: "no"}


class _Number:
    """Stands for any number: it is not looked at."""


_NUMBER = _Number()


def _no_constant(_name: str) -> object:
    raise ValueError("NaN and Infinity are no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=tuple,
    parse_int=lambda _digits: _NUMBER,
    parse_float=lambda _digits: _NUMBER,
    parse_constant=_no_constant,
)


class JsonRecords:
    """names: the columns that have been read so far."""

    def __init__(self, lines: Lines, columns: Columns) -> None:
        self._lines = lines
        self._columns = columns
        self._understood: dict[tuple[str, ...], list[str]] = {}
        self.names: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Line, and column to value. Raises BadFile."""
        for text in self._lines:
            self._lines.begin_record()
            yield self._lines.number, self._record(text)

    def _record(self, text: str) -> dict[str, str]:
        line = self._lines.number
        pairs = _object(text, line)
        keys = tuple(key for key, _ in pairs)
        found: dict[str, str] = {}
        for (key, value), name in zip(pairs, self._names(keys), strict=True):
            if isinstance(value, (tuple, list)):
                raise BadFile(
                    Cause.NOT_JSON, "a value holds others; each must be a text", line=line, column=name
                )
            if name:
                found[name] = _text(value, name, line)
            elif value not in (None, ""):
                self._columns.dropped[normal(key)] += 1
        return found

    def _names(self, keys: tuple[str, ...]) -> list[str]:
        """Most lines have the same keys: these are looked at once."""
        if (known := self._understood.get(keys)) is not None:
            return known
        names = self._columns.understood(keys, self._lines.number)
        self.names |= {name for name in names if name}
        if len(self._understood) < 100:
            self._understood[keys] = names
        return names


def _object(text: str, line: int) -> tuple[tuple[str, object], ...]:
    try:
        found = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        why = f"it is not JSON: see character {error.pos + 1}"
        raise BadFile(Cause.NOT_JSON, why, line=line) from None
    except (ValueError, RecursionError):
        raise BadFile(Cause.NOT_JSON, "it is not JSON", line=line) from None
    if not isinstance(found, tuple):
        raise BadFile(Cause.NOT_JSON, "it is no object, such as {" + '"card_number": "…", …}', line=line)
    return found


def _text(value: object, name: str, line: int) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return _WORDS[value]
    raise BadFile(Cause.BAD_VALUE, "it must be a text, in quotes", line=line, column=name)
