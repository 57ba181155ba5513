"""The settings as they may leave the branch: numbers, switches and words of ours, and of any text that
somebody wrote only that it is there.

What may be shown is decided by its type, not by its content. Never here: reading the file.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import Any, Literal, Union, get_args, get_origin

from controller.settings.hours import PERIOD
from controller.settings.model import Settings
from controller.settings.section import Section

IDS = frozenset({"id", "authority", "branch", "timezone"})
"""Texts that are shown: names of devices and places, of letters, digits and hyphens, and a time zone."""
PEOPLE = frozenset({"staff", "contacts"})
"""Tables of which only the number is shown."""
SET = "(set)"


@dataclass(frozen=True, slots=True)
class Shown:
    """key: as in the file. value: as it may be shown. hidden: the texts that are not."""

    key: str
    value: str
    hidden: tuple[str, ...] = ()


def shown(settings: Settings) -> Iterator[Shown]:
    """Every key."""
    yield from _of_section(settings, "")


def _of_section(section: Section, path: str) -> Iterator[Shown]:
    for name, value in section:
        key = f"{path}.{name}" if path else name
        if name in PEOPLE:
            yield Shown(key, f"({len(value)})", tuple(_texts(value)))
        elif isinstance(value, Section):
            yield from _of_section(value, key)
        elif isinstance(value, tuple) and value and all(isinstance(one, Section) for one in value):
            for number, one in enumerate(value, start=1):
                yield from _of_section(one, f"{key}[{getattr(one, 'id', number)}]")
        elif isinstance(value, Mapping):
            yield from _of_mapping(value, key)
        else:
            yield _value(section, name, value, key)


def _of_mapping(value: Mapping[Any, object], key: str) -> Iterator[Shown]:
    """The names in it are somebody's words."""
    yield Shown(key, f"({len(value)})", tuple(name for name in value if isinstance(name, str)))
    for number, one in enumerate(value.values(), start=1):
        if isinstance(one, Section):
            yield from _of_section(one, f"{key}[{number}]")
        elif _is_ours(one):
            yield Shown(f"{key}[{number}]", _written(one))
        else:
            yield Shown(f"{key}[{number}]", SET, tuple(_texts(one)))


def _value(section: Section, name: str, value: object, key: str) -> Shown:
    field = type(section).model_fields[name]
    if name in IDS or _is_ours(value) or _is_enumerated(field.annotation):
        return Shown(key, _written(value))
    if value == field.get_default(call_default_factory=True):
        return Shown(key, f"{_written(value)} (default)")
    return Shown(key, SET, tuple(_texts(value)))


def _is_ours(value: object) -> bool:
    """A number, a switch, a day, a word of a list in our code, or several: nothing that somebody wrote."""
    match value:
        case None | bool() | int() | float() | date() | Enum():
            return True
        case str():
            return PERIOD.fullmatch(value) is not None
        case tuple() | frozenset():
            return all(map(_is_ours, value))
        case _:
            return False


def _is_enumerated(annotation: object) -> bool:
    """Whether a value of this type is one of those that our code lists."""
    if get_origin(annotation) is Literal or annotation is type(None):
        return True
    if get_origin(annotation) in (Union, types.UnionType):
        return all(map(_is_enumerated, get_args(annotation)))
    return isinstance(annotation, type) and issubclass(annotation, Enum | bool)


def _written(value: object) -> str:
    match value:
        case None:
            return "(unset)"
        case Enum():
            return str(value.value)
        case tuple() | frozenset():
            return f"[{', '.join(map(_written, value))}]"
        case _:
            return str(value)


def _texts(value: object) -> Iterator[str]:
    """Every text within it."""
    match value:
        case str() | PurePath():
            yield str(value)
        case Section():
            for _, one in value:
                yield from _texts(one)
        case Mapping():
            for name, one in value.items():
                yield from _texts(name)
                yield from _texts(one)
        case tuple() | list() | frozenset():
            for one in value:
                yield from _texts(one)
