"""The settings as they are in force, key by key, with whether the file sets each or it has its default.

Nothing here is secret: secrets have names in the settings and values in files of their own. Never here:
laying it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import PurePath

from controller.settings.model import Settings
from controller.settings.section import Section


@dataclass(frozen=True, slots=True)
class Key:
    """value: as it would stand in the file; empty where there is none and none is needed.

    is_set: whether the file has it, rather than its default.
    """

    name: str
    value: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class Table:
    """heading: as in the file. of: which one, where there can be several of the heading; else empty."""

    heading: str
    of: str
    is_set: bool
    keys: tuple[Key, ...]


def tables(settings: Settings) -> list[Table]:
    """Every table that a file can have, in its order, with the defaults of those that it does not have."""
    found: list[Table] = []
    for name, value in settings:
        below = list(_below(name, value, "", is_set=name in settings.model_fields_set))
        found += below or [Table(f"[{name}]" if value is None else f"[[{name}]]", "", is_set=False, keys=())]
    return found


def _below(path: str, value: object, of: str, *, is_set: bool) -> Iterator[Table]:
    """The tables that a key of the table ``of`` is the head of; none for one that is a plain value."""
    if isinstance(value, Section):
        yield from _of_section(f"[{path}]", path, value, of, is_set=is_set)
    elif isinstance(value, tuple) and value and all(isinstance(one, Section) for one in value):
        for number, one in enumerate(value, start=1):
            name = getattr(one, "id", None) or getattr(one, "account", None) or str(number)
            each = f"{name} of {of}" if of else str(name)
            yield from _of_section(f"[[{path}]]", path, one, each, is_set=True)
    elif isinstance(value, Mapping):
        sections = {name: one for name, one in value.items() if isinstance(one, Section)}
        for name, one in sections.items():
            yield from _of_section(f"[{path}.{_bare(name)}]", f"{path}.{_bare(name)}", one, of, is_set=True)
        if not sections:
            keys = tuple(Key(_bare(name), text_of(one), is_set=True) for name, one in value.items())
            yield Table(f"[{path}]", of, is_set, keys)


def _of_section(heading: str, path: str, section: Section, of: str, *, is_set: bool) -> Iterator[Table]:
    keys, below = [], []
    for name, value in section:
        key_set = name in section.model_fields_set
        found = list(_below(f"{path}.{name}", value, of, is_set=key_set))
        if found:
            below += found
        else:
            keys.append(Key(name, text_of(value), key_set))
    yield Table(heading, of, is_set, tuple(keys))
    yield from below


def _bare(name: object) -> str:
    text = str(name)
    return text if text.replace("_", "a").replace("-", "a").isalnum() and text.isascii() else f'"{text}"'


def text_of(value: object) -> str:
    """A plain value as it would stand in the file."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Enum():
            return text_of(value.value)
        case str() | PurePath():
            escaped = without_query(str(value)).replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case date():
            return value.isoformat()
        case float():
            return f"{value:g}"
        case frozenset():
            return text_of(tuple(sorted(value, key=str)))
        case tuple() | list():
            return f"[{', '.join(map(text_of, value))}]"
        case _:
            return str(value)


def without_query(text: str) -> str:
    """An address up to its ``?``: some cameras want a password behind it."""
    head, mark, _ = text.partition("?")
    return f"{head}?…" if mark and "://" in head else text
