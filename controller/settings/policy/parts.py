"""What the tables of a profile are made of."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, StringConstraints

T = TypeVar("T")
KEY = r"^[a-z][a-z0-9_]{0,39}$"
Key = Annotated[str, StringConstraints(pattern=KEY)]
"""The name of a category: those that the controller keeps have it from ``core.hold.Category``."""


def _on_one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


Words = Annotated[str, StringConstraints(min_length=1, max_length=1000), BeforeValidator(_on_one_line)]
"""Text of any length within reason; line breaks in the file are for whoever reads the file."""
Sentence = Annotated[str, StringConstraints(max_length=1000), BeforeValidator(_on_one_line)]
"""Of the notice, word for word; empty: the notice has none."""


def _a_day(value: object) -> object:
    # A text would be taken as well, and a time of day be cut off: both are mistakes here.
    if isinstance(value, date) and type(value) is date:
        return value
    raise ValueError("write it without quotes and time, such as 2026-11-21")


Day = Annotated[date, BeforeValidator(_a_day)]


def some(value: tuple[T, ...]) -> tuple[T, ...]:
    """For a list that must not be empty: pydantic's own limit complains of a faulty item as well."""
    if not value:
        raise ValueError("it is empty; name one at least")
    return value
