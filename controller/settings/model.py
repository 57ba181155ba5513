"""The settings of one branch, as validated from branch.toml.

Here: every key, its type, its limits and its default, and the rules that join several keys. Never
here: reading files (``load``), secrets (they have names here and values in files of their own), or
anything that changes while the controller runs. ``config/branch.example.toml`` shows every key with
its unit; a test holds the two together.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from controller.core.framing import rdm6300, wiegand
from controller.core.framing.number import NumberAs
from controller.core.framing.wiegand import WiegandText
from controller.core.retention import MAX_DAYS, MIN_DAYS

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""A name that is safe in a file name, an MQTT topic and a URL."""
Pin = Annotated[int, Field(ge=0, le=27)]
"""A GPIO number of the Raspberry Pi's header (Broadcom numbering)."""
Mark = Annotated[str, StringConstraints(max_length=16, pattern=r"^[!-~]*$")]
"""Visible ASCII characters around a card number; the line's end is found without being told."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Section(BaseModel):
    """A table of the file: read-only once validated, and without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OnJournalFailure(StrEnum):
    REFUSE = "refuse"
    ADMIT = "admit"


class Branch(Section):
    authority: Name
    branch: Name
    name: str = Field(min_length=1, max_length=80)
    timezone: str = "Europe/London"
    state_dir: Path = Path("/var/lib/unlocked")
    run_dir: Path = Path("/run/unlocked")
    secrets_dir: Path = Path("/etc/unlocked/secrets")

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError('no such time zone; use a name such as "Europe/London"') from error
        return value


class ClockSettings(Section):
    battery_clock: bool = False
    assume_trusted: bool = False


class Cards(Section):
    min_length: int = Field(default=14, ge=4, le=64)
    max_length: int = Field(default=14, ge=4, le=64)
    alphabet: Literal["digits", "alphanumeric"] = "digits"
    check_digit: Literal["off", "warn", "enforce"] = "off"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_length > self.max_length:
            raise ValueError("min_length is above max_length; swap them")
        return self


PERIOD = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


def minutes_of(period: str) -> tuple[int, int]:
    """``"08:00-17:30"`` as minutes from midnight, end exclusive; 24:00 is allowed as an end.

    Raises ValueError when it is not such a period or its end is not after its start.
    """
    match = PERIOD.fullmatch(period)
    if not match:
        raise ValueError(f'"{period}" is not a period; write it as "08:00-17:30"')
    hours_from, minutes_from, hours_to, minutes_to = map(int, match.groups())
    start, end = hours_from * 60 + minutes_from, hours_to * 60 + minutes_to
    if max(minutes_from, minutes_to) > 59 or end > 24 * 60 or start >= end:
        raise ValueError(f'"{period}" must start before it ends, within 00:00-24:00')
    return start, end


class Hours(Section):
    """Local times. What is in neither table is closed."""

    staffed: dict[Weekday, tuple[str, ...]] = {}
    unstaffed: dict[Weekday, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        for day in sorted({*self.staffed, *self.unstaffed}):
            periods = sorted(
                (minutes_of(p), p) for p in (*self.staffed.get(day, ()), *self.unstaffed.get(day, ()))
            )
            for (earlier, a), (later, b) in pairwise(periods):
                if later[0] < earlier[1]:
                    raise ValueError(f'on {day} "{a}" and "{b}" overlap; end one where the other begins')
        return self


class MembershipSettings(Section):
    membership_max_age_h: int = Field(default=168, ge=1, le=24 * 90)

    @property
    def max_age_us(self) -> int:
        return self.membership_max_age_h * 3_600_000_000


ReaderFormat = Literal["line", "aba", "rdm6300", "wiegand-26", "wiegand-34", "wiegand-37"]
WIEGAND: frozenset[ReaderFormat] = frozenset({"wiegand-26", "wiegand-34", "wiegand-37"})
FORMATS_WITH: dict[str, frozenset[ReaderFormat]] = {
    "prefix": WIEGAND | {"line"},
    "suffix": WIEGAND | {"line"},
    "track_field": frozenset({"aba"}),
    "wiegand_text": WIEGAND,
    "number_as": WIEGAND | {"rdm6300"},
}
"""Keys of a reader that mean nothing to some formats: set there, they would be believed in vain."""


class Reader(Section):
    port: str = Field(min_length=1)
    baud: int = Field(default=9600, ge=300, le=921_600)
    format: ReaderFormat = "line"
    prefix: Mark = ""
    suffix: Mark = ""
    track_field: int = Field(default=1, ge=1, le=8)
    wiegand_text: WiegandText = "hex"
    number_as: NumberAs = "decimal"
    repeat_s: float = Field(default=2.0, ge=0, le=60)

    @property
    def card_length(self) -> int | None:
        """Characters of every card number that the format makes, where it settles that."""
        if self.format == "rdm6300":
            return rdm6300.card_length(self.number_as)
        layout = wiegand.LAYOUTS.get(self.format)
        return layout.length(self.number_as) if layout else None

    @model_validator(mode="after")
    def _only_keys_of_the_format(self) -> Self:
        for key, formats in FORMATS_WITH.items():
            if key in self.model_fields_set and self.format not in formats:
                raise ValueError(f'{key} means nothing to a reader of format "{self.format}"; remove it')
        return self


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


class InputSettings(Section):
    """A contact to ground with the Pi's pull-up. active_low: active while the contact is made."""

    pin: Pin
    active_low: bool = True


class SignalSettings(Section):
    green_pin: Pin | None = None
    red_pin: Pin | None = None
    buzzer_pin: Pin | None = None


class Door(Section):
    id: Name = "front"
    journal_wait_ms: int = Field(default=1000, ge=50, le=10_000)
    on_journal_failure: OnJournalFailure = OnJournalFailure.REFUSE
    held_open_s: int = Field(default=30, ge=5, le=600)
    exit_drives_lock: bool = False
    exit_s: float = Field(default=10.0, ge=1, le=60)
    reader: Reader
    lock: LockSettings
    contact: InputSettings | None = None
    exit_button: InputSettings | None = None
    fire: InputSettings | None = None
    signal: SignalSettings = SignalSettings()

    def pins(self) -> list[tuple[str, int]]:
        """Every pin in use, with the key that claims it."""
        found = [("door.lock.pin", self.lock.pin)]
        for name in ("contact", "exit_button", "fire"):
            if (section := getattr(self, name)) is not None:
                found.append((f"door.{name}.pin", section.pin))
        for name in ("green_pin", "red_pin", "buzzer_pin"):
            if (pin := getattr(self.signal, name)) is not None:
                found.append((f"door.signal.{name}", pin))
        return found

    @model_validator(mode="after")
    def _one_device_a_pin(self) -> Self:
        for pin, count in Counter(pin for _, pin in self.pins()).items():
            if count > 1:
                keys = " and ".join(key for key, used in self.pins() if used == pin)
                raise ValueError(f"pin {pin} is used by {keys}; give each device a pin of its own")
        return self


class CameraSettings(Section):
    """kind rtsp: url without user or password. kind usb: device is a path or an index."""

    id: Name
    kind: Literal["rtsp", "usb"] = "rtsp"
    url: str = ""
    username: str = ""
    device: str = ""
    width: int = Field(default=1280, ge=160, le=3840)
    height: int = Field(default=720, ge=120, le=2160)
    fps: int = Field(default=15, ge=1, le=60)
    motion: bool = True

    @model_validator(mode="after")
    def _address(self) -> Self:
        if self.kind == "rtsp" and not self.url.startswith(("rtsp://", "rtsps://")):
            raise ValueError('an RTSP camera needs url = "rtsp://host/path"')
        if "@" in self.url.removeprefix("rtsp://").removeprefix("rtsps://").split("/", 1)[0]:
            raise ValueError(
                "the url holds a user or password; set username here and put the password in the "
                f"secrets folder as camera-{self.id}-password"
            )
        if self.kind == "usb" and not self.device:
            raise ValueError('a USB camera needs device = "/dev/v4l/by-id/..."')
        return self


class Footage(Section):
    dir: Path | None = None
    retention_days: int = Field(default=14, ge=MIN_DAYS, le=MAX_DAYS)
    segment_s: int = Field(default=60, ge=2, le=600)
    sweep_interval_min: int = Field(default=60, ge=1, le=1440)
    min_free_mb: int = Field(default=1024, ge=1)
    clip_before_s: int = Field(default=10, ge=0, le=120)
    clip_after_s: int = Field(default=20, ge=1, le=300)

    @model_validator(mode="after")
    def _under_the_ceiling(self) -> Self:
        # The oldest picture of a segment: it waits out the segment, the retention and a whole sweep interval.
        oldest_h = self.retention_days * 24 + self.segment_s / 3600 + self.sweep_interval_min / 60
        limit_h = MAX_DAYS * 24  # of 24 hours each, whatever the clocks do
        if oldest_h > limit_h:
            raise ValueError(
                f"retention_days = {self.retention_days} with segments of {self.segment_s} s swept every "
                f"{self.sweep_interval_min} min lets a picture grow {oldest_h:.1f} h old, and "
                f"{limit_h} h is the limit; set retention_days = {self.retention_days - 1}"
            )
        return self


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Mqtt(Section):
    enabled: bool = True
    host: str = Field(default="localhost", min_length=1)
    port: int = Field(default=1883, ge=1, le=65_535)
    protocol: Literal["5", "3.1.1"] = "5"
    tls: bool | None = None
    ca_file: Path | None = None
    username: str = ""
    receiver: bool = False

    @property
    def uses_tls(self) -> bool:
        """On unless switched off, and then only towards this machine itself."""
        return not _is_loopback(self.host) if self.tls is None else self.tls

    @model_validator(mode="after")
    def _tls_off_only_here(self) -> Self:
        if self.tls is False and not _is_loopback(self.host):
            raise ValueError(f"tls = false is allowed for a broker on this machine only, not for {self.host}")
        return self


class Settings(Section):
    """A whole branch.toml."""

    branch: Branch
    clock: ClockSettings = ClockSettings()
    cards: Cards = Cards()
    hours: Hours = Hours()
    membership: MembershipSettings = MembershipSettings()
    door: Door
    cameras: tuple[CameraSettings, ...] = Field(default=(), max_length=8)
    footage: Footage = Footage()
    mqtt: Mqtt = Mqtt()

    @model_validator(mode="after")
    def _cards_are_what_the_reader_makes(self) -> Self:
        reader, length = self.door.reader, self.door.reader.card_length
        if length is None:
            return self
        if not self.cards.min_length <= length <= self.cards.max_length:
            raise ValueError(
                f'format "{reader.format}" with number_as = "{reader.number_as}" makes card numbers of '
                f"{length} characters; set cards.min_length and cards.max_length to {length}"
            )
        if reader.number_as == "hex" and self.cards.alphabet == "digits":
            raise ValueError('number_as = "hex" makes letters; set cards.alphabet = "alphanumeric"')
        return self

    @model_validator(mode="after")
    def _cameras_have_names_of_their_own(self) -> Self:
        for name, count in Counter(camera.id for camera in self.cameras).items():
            if count > 1:
                raise ValueError(f'two cameras have id = "{name}"; give each its own')
        return self
