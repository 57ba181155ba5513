"""Announcements that the branch will close: the ``[announcements]`` table. Without it there are none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from controller.settings.section import Pin, Section


class Announcements(Section):
    """sound: a file to play. pin: a relay that starts a public-address system, on for pulse_s."""

    minutes_before_closing: tuple[Annotated[int, Field(ge=1, le=240)], ...] = Field(max_length=10)
    sound: Path | None = None
    pin: Pin | None = None
    active_high: bool = True
    pulse_s: float = Field(default=1.0, ge=0.1, le=30)

    @field_validator("minutes_before_closing")
    @classmethod
    def _each_once(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value:
            raise ValueError("there is none; add one, or remove [announcements]")
        for minutes, count in Counter(value).items():
            if count > 1:
                raise ValueError(f"{minutes} is in it {count} times; leave it once")
        return value

    @field_validator("sound")
    @classmethod
    def _found_from_everywhere(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_absolute():
            raise ValueError(f'"{value}" depends on where a program was started; begin it with /')
        return value

    @model_validator(mode="after")
    def _are_heard(self) -> Self:
        if self.sound is None and self.pin is None:
            raise ValueError("nobody would hear them; set sound, pin or both")
        for key in ("active_high", "pulse_s"):
            if self.pin is None and key in self.model_fields_set:
                raise ValueError(f"{key} means nothing without pin; remove it")
        return self
