"""When a PIN is asked for beside the card, how it is typed, and who says whether it is right: ``[pin]``."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from controller.settings.hours import Period, Week, Weekday
from controller.settings.section import Section

LONGEST = 12


class PinSettings(Section):
    """hours: local times at which a PIN is asked for; only with require = "hours"."""

    require: Literal["never", "always", "hours"] = "never"
    timeout_s: float = Field(default=20.0, ge=5, le=120)
    min_length: int = Field(default=4, ge=1, le=LONGEST)
    max_length: int = Field(default=8, ge=1, le=LONGEST)
    deadline_ms: int = Field(default=1500, ge=100, le=10_000)
    offline: bool = False
    offline_max_age_h: int = Field(default=168, ge=1, le=24 * 90)
    hours: dict[Weekday, tuple[Period, ...]] = Field(default_factory=dict)

    @property
    def offline_max_age_us(self) -> int:
        return self.offline_max_age_h * 3_600_000_000

    @model_validator(mode="after")
    def _lengths_ordered(self) -> Self:
        if self.min_length > self.max_length:
            raise ValueError("min_length is above max_length; swap them")
        return self

    @model_validator(mode="after")
    def _hours_where_they_count(self) -> Self:
        if self.require == "hours" and not any(self.hours.values()):
            raise ValueError('require = "hours" needs pin.hours; list when a PIN is asked for')
        if self.require != "hours" and self.hours:
            raise ValueError(f'hours means nothing with require = "{self.require}"; remove it')
        for day, periods in self.hours.items():
            Week(unstaffed={day: periods})  # says what is wrong with them
        return self
