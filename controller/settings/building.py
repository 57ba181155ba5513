"""What is counted in the building, and what follows it: occupancy, anti-passback, outputs.

All of it is off unless it is set.
"""

from __future__ import annotations

import re
from datetime import time
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from controller.core.hours import Mode
from controller.core.outputs import Level
from controller.core.passback import Policy
from controller.settings.section import Name, Pin, Section

TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Passages(Section):
    """long_s: an opening that takes longer is told of. reopened_s: so soon after closing it is the same."""

    evidence: bool = False
    long_s: float = Field(default=15.0, ge=2, le=300)
    reopened_s: float = Field(default=5.0, ge=0.5, le=60)


class OccupancySettings(Section):
    """empty_at: the local time at which nobody is inside; unset, only a clear-out tells."""

    estimate: bool = False
    empty_at: str = ""
    empty_after_clear_out: bool = True
    publish: bool = False

    @field_validator("empty_at")
    @classmethod
    def _a_time_of_day(cls, value: str) -> str:
        if value and not TIME_OF_DAY.fullmatch(value):
            raise ValueError(f'"{value}" is not a time of day; write it as "03:00"')
        return value

    @property
    def empty_time(self) -> time | None:
        return time.fromisoformat(self.empty_at) if self.empty_at else None


class Capacity(Section):
    limit: int | None = Field(default=None, ge=1, le=10_000)


class AntiPassback(Section):
    policy: Policy = Policy.OFF
    expires_h: int = Field(default=12, ge=1, le=48)


class OutputSettings(Section):
    """One relay. What decides, in which order: see core.outputs."""

    id: Name
    pin: Pin
    active_high: bool = True
    on_in: tuple[Mode, ...]
    early_min: int = Field(default=0, ge=0, le=240)
    keep_while_occupied: Level | None = None
    off_when_empty: bool = False
    empty_min: int = Field(default=10, ge=0, le=720)
    in_emergency: Level | None = None
    in_lockdown: Level | None = None
    on_delay_s: float = Field(default=0.0, ge=0, le=3600)
    off_delay_s: float = Field(default=0.0, ge=0, le=3600)
    pulse_s: float = Field(default=0.0, ge=0, le=60)
    safe: Literal["on", "off", "leave"] = "off"

    @property
    def follows_people(self) -> bool:
        return self.keep_while_occupied is not None or self.off_when_empty

    @model_validator(mode="after")
    def _a_pulse_ends(self) -> Self:
        if self.pulse_s and self.safe != "off":
            raise ValueError('an output with pulse_s must end a pulse that a crash left; set safe = "off"')
        return self

    @model_validator(mode="after")
    def _empty_min_means_something(self) -> Self:
        if "empty_min" in self.model_fields_set and not self.follows_people:
            raise ValueError(
                "empty_min means nothing without keep_while_occupied or off_when_empty; remove it"
            )
        return self
