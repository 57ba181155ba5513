"""What the tables of a profile are made of."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BeforeValidator, StringConstraints

from controller.settings.section import Day as Day

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


def some(value: tuple[T, ...]) -> tuple[T, ...]:
    """For a list that must not be empty: pydantic's own limit complains of a faulty item as well."""
    if not value:
        raise ValueError("it is empty; name one at least")
    return value
