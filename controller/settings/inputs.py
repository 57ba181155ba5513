"""Inputs: contacts to ground with the Pi's pull-up. Those of a door, and the building's in ``[inputs]``."""

from __future__ import annotations

from pydantic import Field

from controller.core.alarms import DELAY_S, Alarm
from controller.settings.section import Pin, Section


class InputSettings(Section):
    """active_low: active while the contact is made."""

    pin: Pin
    active_low: bool = True


class LockSensorSettings(InputSettings):
    """Active while the bolt, or the magnet, holds the leaf."""

    settle_s: float = Field(default=2.0, ge=0.2, le=30)


class TamperSettings(InputSettings):
    delay_s: float = Field(default=DELAY_S[Alarm.TAMPER], ge=0, le=600)


class PowerSettings(InputSettings):
    delay_s: float = Field(default=DELAY_S[Alarm.MAINS_LOST], ge=0, le=600)


class BatterySettings(PowerSettings):
    """stop_after_s: how long it has been low when the machine is stopped in order; None: never."""

    stop_after_s: float | None = Field(default=None, ge=0, le=3600)


class HelpSettings(InputSettings):
    delay_s: float = Field(default=DELAY_S[Alarm.HELP], ge=0, le=10)


class Inputs(Section):
    """Contacts that belong to the building, not to one door."""

    fire: InputSettings | None = None
    evacuation: InputSettings | None = None
    tamper: TamperSettings | None = None
    mains_lost: PowerSettings | None = None
    battery_low: BatterySettings | None = None
    help: HelpSettings | None = None
