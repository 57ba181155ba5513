"""The settings of one branch, as validated from branch.toml.

Here: the whole file, the tables too small for a file of their own, and the rules that join several tables.
Each other table has its module beside this one, with its keys, types, limits and defaults. Never here:
reading files (``load``), secrets (they have names here and values in files of their own), or anything that
changes while the controller runs. ``config/branch.example.toml`` shows every key with its unit; a test
holds the two together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from controller.core.access import Side
from controller.core.passback import Policy
from controller.settings.access import AccessSettings, Category, LockoutSettings
from controller.settings.announcements import Announcements
from controller.settings.backup import Backup
from controller.settings.building import AntiPassback, Capacity, OccupancySettings, OutputSettings, Passages
from controller.settings.console import ConsoleSettings
from controller.settings.display import Texts
from controller.settings.door import Door
from controller.settings.feed import Feed
from controller.settings.hours import Hours
from controller.settings.inputs import Inputs
from controller.settings.lms import Lms
from controller.settings.membership import MembershipSettings
from controller.settings.mqtt import Mqtt
from controller.settings.pin import PinSettings
from controller.settings.reader import Reader
from controller.settings.recording import CameraSettings, Footage
from controller.settings.section import Name, Section, Word, pins
from controller.settings.staff import PolicySettings, Staff

LONGEST_SOCKET = 107
"""Bytes of a Unix socket's path (unix(7): 108 with the zero at its end)."""

ZONE = re.compile(r"[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,3}")


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
        # ZoneInfo looks for a file and for a package of that name, and fails in the ways of both.
        try:
            if ZONE.fullmatch(value):
                ZoneInfo(value)
                return value
        except (ZoneInfoNotFoundError, OSError):
            pass
        raise ValueError('no such time zone; use a name such as "Europe/London"')

    @field_validator("run_dir")
    @classmethod
    def _short(cls, value: Path) -> Path:
        over = len(bytes(value)) + len("/membership/control.sock") - LONGEST_SOCKET
        if over > 0:
            raise ValueError(
                f"its path is {over} characters too long for the sockets within; use a shorter one"
            )
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


class JournalSettings(Section):
    """What a swipe does about a journal that is slow or cannot be written."""

    wait_ms: int = Field(default=1000, ge=50, le=10_000)
    on_failure: OnJournalFailure = OnJournalFailure.REFUSE


class Settings(Section):
    """A whole branch.toml."""

    branch: Branch
    clock: ClockSettings = ClockSettings()
    cards: Cards = Cards()
    hours: Hours = Hours()
    access: AccessSettings = AccessSettings()
    categories: dict[Word, Category] = Field(default_factory=dict)
    lockout: LockoutSettings = LockoutSettings()
    membership: MembershipSettings = MembershipSettings()
    lms: Lms | None = None
    feed: Feed | None = None
    pin: PinSettings = PinSettings()
    journal: JournalSettings = JournalSettings()
    doors: tuple[Door, ...] = Field(max_length=8)
    inputs: Inputs = Inputs()
    texts: Texts = Field(default={})
    passages: Passages = Passages()
    occupancy: OccupancySettings = OccupancySettings()
    capacity: Capacity = Capacity()
    anti_passback: AntiPassback = AntiPassback()
    outputs: tuple[OutputSettings, ...] = Field(default=(), max_length=16)
    announcements: Announcements | None = None
    cameras: tuple[CameraSettings, ...] = Field(default=(), max_length=8)
    footage: Footage = Footage()
    mqtt: Mqtt = Mqtt()
    console: ConsoleSettings = ConsoleSettings()
    policy: PolicySettings = PolicySettings()
    backup: Backup | None = None
    staff: tuple[Staff, ...] = Field(default=(), max_length=100)

    def door(self, door_id: str) -> Door:
        """Raises LookupError."""
        return next(door for door in self.doors if door.id == door_id)

    def staff_of(self, account: str) -> Staff | None:
        """Whoever logs in by this name, if anything is said of them."""
        return next((one for one in self.staff if one.account == account), None)

    def readers(self) -> Iterator[tuple[Door, Reader]]:
        """Every reader with its door."""
        for door in self.doors:
            for reader in door.readers:
                yield door, reader

    @field_validator("doors")
    @classmethod
    def _a_door(cls, value: tuple[Door, ...]) -> tuple[Door, ...]:
        if not value:
            raise ValueError("there is no door; add a [[doors]] table")
        return value

    @model_validator(mode="after")
    def _names_of_their_own(self) -> Self:
        for what, names in (
            ("doors", [door.id for door in self.doors]),
            ("cameras", [camera.id for camera in self.cameras]),
            ("outputs", [output.id for output in self.outputs]),
        ):
            for name, count in Counter(names).items():
                if count > 1:
                    raise ValueError(f'two {what} have id = "{name}"; give each its own')
        for name, count in Counter(one.account for one in self.staff).items():
            if count > 1:
                raise ValueError(f'two staff have account = "{name}"; give all roles in one table')
        return self

    @model_validator(mode="after")
    def _ages_ordered(self) -> Self:
        ages = self.membership
        if self.lms and not ages.refresh_after_h <= ages.live_max_age_h <= ages.membership_max_age_h:
            raise ValueError(
                "membership: refresh_after_h, live_max_age_h and membership_max_age_h must each be no longer "
                "than the next"
            )
        return self

    @model_validator(mode="after")
    def _somebody_knows_the_pins(self) -> Self:
        if self.pin.require != "never" and not self.pin.offline and self.lms is None:
            raise ValueError(
                f'pin.require = "{self.pin.require}" needs somebody who knows the PINs; add [lms], or set '
                "pin.offline = true and import them with the memberships"
            )
        return self

    @model_validator(mode="after")
    def _pins_can_be_typed(self) -> Self:
        for door, reader in self.readers():
            if self.pin.require != "never" and reader.side is Side.IN and not reader.has_keypad:
                raise ValueError(
                    f'pin.require = "{self.pin.require}", but reader "{reader.id}" of door "{door.id}" has '
                    "no keypad to type a PIN on; set its keypad"
                )
        return self

    @model_validator(mode="after")
    def _one_device_a_pin(self) -> Self:
        found = list(pins(self))
        for pin, count in Counter(pin for _, pin in found).items():
            if count > 1:
                keys = " and ".join(key for key, used in found if used == pin)
                raise ValueError(f"pin {pin} is used by {keys}; give each device a pin of its own")
        return self

    @model_validator(mode="after")
    def _one_device_a_port(self) -> Self:
        osdp = {reader.port for _, reader in self.readers() if reader.is_osdp}
        ports = Counter(reader.port for _, reader in self.readers() if not reader.is_osdp)
        ports.update(reader.display.port for _, reader in self.readers() if reader.display)
        ports.update(osdp)
        for port, count in ports.items():
            if count > 1:
                raise ValueError(f'{count} devices have port = "{port}"; give each its own')
        return self

    @model_validator(mode="after")
    def _osdp_readers_share_a_line_in_peace(self) -> Self:
        found: dict[str, list[Reader]] = {}
        for _, reader in self.readers():
            if reader.is_osdp:
                found.setdefault(reader.port, []).append(reader)
        for port, readers in found.items():
            for address, count in Counter(reader.address for reader in readers).items():
                if count > 1:
                    raise ValueError(
                        f'{count} OSDP readers at port = "{port}" have address = {address}; give each its own'
                    )
            if len({reader.baud for reader in readers}) > 1:
                raise ValueError(f'the OSDP readers at port = "{port}" differ in baud; set one for all')
        # The name of a reader's key is made of both ids.
        names = Counter(f"{door.id}-{reader.id}" for door, reader in self.readers() if reader.is_osdp)
        for name, count in names.items():
            if count > 1:
                raise ValueError(
                    f'{count} OSDP readers would have the same key, "{name}"; rename a door or reader'
                )
        return self

    @model_validator(mode="after")
    def _texts_fit_the_displays(self) -> Self:
        narrowest = min((r.display.columns for _, r in self.readers() if r.display), default=None)
        for name, lines in self.texts.items():
            for line in lines:
                if narrowest is not None and len(line) > narrowest:
                    size = f"has {len(line)} characters, and a display has {narrowest} columns"
                    raise ValueError(f'texts.{name}: "{line}" {size}; shorten it')
        return self

    @model_validator(mode="after")
    def _cards_are_what_the_readers_make(self) -> Self:
        for _, reader in self.readers():
            length = reader.card_length
            if length is None:
                continue
            if not self.cards.min_length <= length <= self.cards.max_length:
                raise ValueError(
                    f'format "{reader.format}" with number_as = "{reader.number_as}" makes card numbers of '
                    f"{length} characters; set cards.min_length and cards.max_length to {length}"
                )
            if reader.number_as == "hex" and self.cards.alphabet == "digits":
                raise ValueError('number_as = "hex" makes letters; set cards.alphabet = "alphanumeric"')
        return self

    @model_validator(mode="after")
    def _leaving_is_seen(self) -> Self:
        if self.anti_passback.policy is not Policy.OFF and not any(
            reader.side is Side.OUT for _, reader in self.readers()
        ):
            raise ValueError('anti_passback needs a reader for leaving; fit one and set its side = "out"')
        for door in self.doors if self.occupancy.estimate else ():
            leaving = any(reader.side is Side.OUT for reader in door.readers)
            if not (leaving or door.counter_out or door.exit_button):
                raise ValueError(
                    f'occupancy: nobody is seen to leave by door "{door.id}"; fit an exit button, a reader '
                    "for leaving or counters there"
                )
        return self

    @model_validator(mode="after")
    def _what_follows_people_knows_of_them(self) -> Self:
        if self.passages.evidence and not any(door.contact for door in self.doors):
            raise ValueError("passages.evidence needs a door contact; add [doors.contact]")
        following = [f"outputs[{output.id}]" for output in self.outputs if output.follows_people]
        if self.capacity.limit is not None:
            following.append("capacity.limit")
        if following and not self.occupancy.estimate:
            raise ValueError(
                f"{following[0]} needs to know how many are inside; set occupancy.estimate = true"
            )
        return self
