"""Values and tables as the text of a TOML file (https://toml.io/en/v1.0.0). Never here: reading one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from enum import Enum
from pathlib import PurePath

BARE = re.compile(r"[A-Za-z0-9_-]+")


def text_of_key(name: str) -> str:
    return name if BARE.fullmatch(name) else text_of(name)


def text_of(value: object) -> str:
    """A value, in one line. Raises TypeError for what TOML has no form of."""
    match value:
        case bool():
            return str(value).lower()
        case Enum():
            return text_of(value.value)
        case str() | PurePath():
            # JSON escapes what TOML wants escaped, but for this one.
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
        case int() | float():
            return repr(value)
        case date() | time():
            return value.isoformat()
        case list() | tuple():
            return f"[{', '.join(map(text_of, value))}]"
        case Mapping():
            pairs = (f"{text_of_key(name)} = {text_of(one)}" for name, one in value.items())
            return "{ " + ", ".join(pairs) + " }" if value else "{}"
        case _:
            raise TypeError(f"a {type(value).__name__} is no value of TOML")


def document(tables: Mapping[str, object]) -> str:
    """A whole file: keys first, then a table for each table within, in their order."""
    return "\n".join(_lines(tables, "")).lstrip("\n") + "\n"


def _lines(table: Mapping[str, object], path: str) -> Iterator[str]:
    below = {name: one for name, one in table.items() if isinstance(one, Mapping) or _are_tables(one)}
    for name, value in table.items():
        if name not in below:
            yield f"{text_of_key(name)} = {text_of(value)}"
    for name, value in below.items():
        whole = f"{path}.{text_of_key(name)}" if path else text_of_key(name)
        if isinstance(value, Mapping):
            yield f"\n[{whole}]"
            yield from _lines(value, whole)
        elif isinstance(value, list | tuple):
            for each in value:
                yield f"\n[[{whole}]]"
                yield from _lines(each, whole)


def _are_tables(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)
