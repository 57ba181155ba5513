"""A door: lock, contacts and readers. A ``[[doors]]`` table."""

from __future__ import annotations

from collections import Counter
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from controller.settings.inputs import HelpSettings, InputSettings, LockSensorSettings, TamperSettings
from controller.settings.reader import Reader
from controller.settings.section import Name, Pin, Section


class LockSettings(Section):
    pin: Pin
    kind: Literal["fail-secure", "fail-safe"] = "fail-secure"
    active_high: bool = True
    accept_boot_pulse: bool = False
    pulse_s: float = Field(default=5.0, ge=0.5, le=30)
    hold_open_max_min: int = Field(default=60, ge=1, le=240)

    @model_validator(mode="after")
    def _boot_pulse(self) -> Self:
        if not self.active_high and not self.accept_boot_pulse:
            raise ValueError(
                "an active-low relay is energised for a moment when the service starts; "
                "fit an active-high relay board, or set accept_boot_pulse = true"
            )
        return self


class Door(Section):
    """held_warning_s: after so long a warning comes before the alarm; unset: none does.

    unlocked_when_staffed: in staffed hours, once a member of staff has opened up.
    """

    id: Name = "front"
    held_warning_s: int | None = Field(default=None, ge=1, le=599)
    held_open_s: int = Field(default=30, ge=5, le=600)
    alarm_s: int = Field(default=60, ge=0, le=3600)
    unlocked_when_staffed: bool = False
    exit_drives_lock: bool = False
    exit_s: float = Field(default=10.0, ge=1, le=60)
    readers: tuple[Reader, ...] = Field(max_length=4)
    lock: LockSettings
    contact: InputSettings | None = None
    exit_button: InputSettings | None = None
    lock_sensor: LockSensorSettings | None = None
    tamper: TamperSettings | None = None
    help: HelpSettings | None = None
    counter_in: InputSettings | None = None
    counter_out: InputSettings | None = None

    def reader(self, reader_id: str) -> Reader:
        """Raises LookupError."""
        return next(reader for reader in self.readers if reader.id == reader_id)

    @field_validator("readers")
    @classmethod
    def _a_reader(cls, value: tuple[Reader, ...]) -> tuple[Reader, ...]:
        if not value:
            raise ValueError("there is no reader; add a [[doors.readers]] table")
        return value

    @model_validator(mode="after")
    def _warned_before_it_is_held(self) -> Self:
        if self.held_warning_s is not None and self.held_warning_s >= self.held_open_s:
            raise ValueError(
                f"held_warning_s = {self.held_warning_s} is no warning before held_open_s = "
                f"{self.held_open_s}; make it shorter"
            )
        return self

    @model_validator(mode="after")
    def _a_jam_shows_within_a_pulse(self) -> Self:
        if self.lock_sensor is not None and self.lock_sensor.settle_s >= self.lock.pulse_s:
            raise ValueError(
                f"lock_sensor.settle_s = {self.lock_sensor.settle_s:g} is not over before a pulse of "
                f"{self.lock.pulse_s:g} s is, so that a lock that jams is never seen; make it shorter"
            )
        return self

    @model_validator(mode="after")
    def _a_button_that_drives_the_lock(self) -> Self:
        if self.exit_drives_lock and self.exit_button is None:
            raise ValueError(
                "exit_drives_lock means nothing without [doors.exit_button]; add that, or remove it"
            )
        return self

    @model_validator(mode="after")
    def _counters_of_both_directions(self) -> Self:
        if (self.counter_in is None) != (self.counter_out is None):
            raise ValueError("counter_in and counter_out belong together; set both or neither")
        return self

    @model_validator(mode="after")
    def _readers_have_names_of_their_own(self) -> Self:
        for name, count in Counter(reader.id for reader in self.readers).items():
            if count > 1:
                raise ValueError(f'two readers have id = "{name}"; give each its own')
        return self
