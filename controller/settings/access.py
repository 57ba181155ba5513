"""Who is let in besides what the library says: ``[access]``, ``[categories]`` and ``[lockout]``."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from controller.settings.hours import Period, Weekday, refuse_overlaps
from controller.settings.section import Section


class AccessSettings(Section):
    minimum_age: bool = False
    companions: bool = False
    companion_s: int = Field(default=30, ge=5, le=300)

    @model_validator(mode="after")
    def _companions_of_whom(self) -> Self:
        if self.companions and not self.minimum_age:
            raise ValueError("companions means nothing without minimum_age = true; set both, or neither")
        return self


class Category(Section):
    """A category of members, by the library's word for it. hours: when its cards open the door."""

    opens_up: bool = False
    hours: dict[Weekday, tuple[Period, ...]] | None = None

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        for day, periods in (self.hours or {}).items():
            refuse_overlaps(periods, on=f"on {day} ")
        return self


class LockoutSettings(Section):
    card_failures: int = Field(default=5, ge=0, le=20)
    card_window_s: int = Field(default=300, ge=10, le=3600)
    card_s: int = Field(default=300, ge=10, le=3600)
    reader_failures: int = Field(default=10, ge=0, le=100)
    reader_window_s: int = Field(default=60, ge=10, le=3600)
    reader_s: int = Field(default=30, ge=10, le=600)
