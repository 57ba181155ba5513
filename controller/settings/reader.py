"""A card reader and what is beside it: a ``[[doors.readers]]`` table."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from controller.core.access import Side
from controller.core.framing import rdm6300, wiegand
from controller.core.framing.number import NumberAs
from controller.core.framing.wiegand import Keypad, WiegandText
from controller.settings.display import DisplaySettings
from controller.settings.section import Name, Pin, Section

Mark = Annotated[str, StringConstraints(max_length=16, pattern=r"^[!-~]*$")]
"""Visible ASCII characters around a card number; the line's end is found without being told."""
ReaderFormat = Literal["line", "aba", "rdm6300", "wiegand-26", "wiegand-34", "wiegand-37", "osdp"]
OsdpCard = Literal["wiegand-26", "wiegand-34", "wiegand-37", "text"]
WIEGAND: frozenset[ReaderFormat] = frozenset({"wiegand-26", "wiegand-34", "wiegand-37"})
OSDP: frozenset[ReaderFormat] = frozenset({"osdp"})
FORMATS_WITH: dict[str, frozenset[ReaderFormat]] = {
    "prefix": WIEGAND | {"line"},
    "suffix": WIEGAND | {"line"},
    "track_field": frozenset({"aba"}),
    "wiegand_text": WIEGAND,
    "number_as": WIEGAND | OSDP | {"rdm6300"},
    "keypad": WIEGAND,
    "address": OSDP,
    "secure": OSDP,
    "osdp_card": OSDP,
}
"""Keys of a reader that mean nothing to some formats: set there, they would be believed in vain."""


class SignalSettings(Section):
    green_pin: Pin | None = None
    red_pin: Pin | None = None
    buzzer_pin: Pin | None = None


class Reader(Section):
    """side: whether whoever swipes here wants to come in or to leave. secure: only OSDP's secure channel will
    do, which needs a key. osdp_card: what the bits are that an OSDP reader says of a card.
    """

    id: Name = "in"
    side: Side = Side.IN
    port: str = Field(min_length=1)
    baud: int = Field(default=9600, ge=300, le=921_600)
    format: ReaderFormat = "line"
    prefix: Mark = ""
    suffix: Mark = ""
    track_field: int = Field(default=1, ge=1, le=8)
    wiegand_text: WiegandText = "hex"
    number_as: NumberAs = "decimal"
    keypad: Keypad = "none"
    address: int = Field(default=0, ge=0, le=126)
    secure: bool = True
    osdp_card: OsdpCard = "wiegand-26"
    repeat_s: float = Field(default=2.0, ge=0, le=60)
    silent_h: int = Field(default=0, ge=0, le=1000)
    signal: SignalSettings = SignalSettings()
    display: DisplaySettings | None = None

    @property
    def card_length(self) -> int | None:
        """Characters of every card number that the format makes, where it settles that."""
        if self.format == "rdm6300":
            return rdm6300.card_length(self.number_as)
        layout = wiegand.LAYOUTS.get(self.osdp_card if self.is_osdp else self.format)
        return layout.length(self.number_as) if layout else None

    @property
    def is_osdp(self) -> bool:
        return self.format == "osdp"

    @property
    def needs_key(self) -> bool:
        """Whether there must be a secret for it."""
        return self.is_osdp and self.secure

    @property
    def has_keypad(self) -> bool:
        """Whether a PIN can be typed here, as far as settings can tell: OSDP readers say so themselves."""
        return self.keypad != "none" or self.is_osdp

    @model_validator(mode="after")
    def _only_keys_of_the_format(self) -> Self:
        for key, formats in FORMATS_WITH.items():
            if key in self.model_fields_set and self.format not in formats:
                raise ValueError(f'{key} means nothing to a reader of format "{self.format}"; remove it')
        return self
