"""What the door says of itself over its socket, as types. Never here: asking it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.event import JsonValue


class NotUnderstood(Exception):
    """The answer is of another release, or of no door."""


@dataclass(frozen=True, slots=True)
class Inside:
    """How many are inside, as far as anybody can tell: the estimate of ``core.occupancy``.

    likely, at_least: None where nothing is known. at_most: None where nobody can say. limit: None for none.
    """

    basis: str
    likely: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    limit: int | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class DoorSays:
    """Of one door. contact: None where none is fitted. readers: by id, whether each can be used."""

    mode: str
    contact: str | None
    readers: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """hours: the mode of the hours now; None while the clock cannot be believed. journal: it can be written.

    memberships: they can be read. inside: None where people are not counted.
    """

    hours: str | None
    journal: bool
    memberships: bool
    clock_trusted: bool
    doors: Mapping[str, DoorSays]
    inside: Inside | None


def understand(said: Mapping[str, JsonValue]) -> Answer:
    """Raises NotUnderstood."""
    try:
        return Answer(
            hours=_text_or_none(said["hours"]),
            journal=_truth(said["journal"]),
            memberships=_truth(said["memberships"]),
            clock_trusted=_truth(said["clock_trusted"]),
            doors={name: _door(_table(door)) for name, door in _table(said["doors"]).items()},
            inside=_inside(_table(said["occupancy"])) if "occupancy" in said else None,
        )
    except (KeyError, TypeError) as error:
        raise NotUnderstood("the door's answer is of another release") from error


def _door(said: Mapping[str, JsonValue]) -> DoorSays:
    return DoorSays(
        mode=_text(said["mode"]),
        contact=_text_or_none(said["contact"]),
        readers={name: _truth(usable) for name, usable in _table(said["readers"]).items()},
    )


def _inside(said: Mapping[str, JsonValue]) -> Inside:
    return Inside(
        basis=_text(said["basis"]),
        likely=_number(said.get("likely")),
        at_least=_number(said.get("at_least")),
        at_most=_number(said.get("at_most")),
        limit=_number(said.get("limit")),
        full=_truth(said.get("full", False)),
    )


def _table(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise TypeError("no table")
    return value


def _truth(value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise TypeError("no truth value")
    return value


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _text_or_none(value: JsonValue) -> str | None:
    return None if value is None else _text(value)


def _number(value: JsonValue) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no number")
    return value
