"""A card that was held to a reader, with what has been learnt of it by asking. Values alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.ipc.look_up import LookedUp


@dataclass(frozen=True, slots=True)
class Checked:
    """The library management system was asked about a card. said: None if in vain."""

    said: LookedUp | None = field(repr=False)

    @property
    def word(self) -> str:
        """As journals say it."""
        return "offline" if self.said is None else "live"


@dataclass(frozen=True, slots=True)
class Applied:
    """A card that was held to a reader, and what has been learnt of it so far.

    swiped_us: when, or when something was known of its PIN, ``mono_us``. checked, pin: None as long as nobody
    was asked.
    """

    card: CardNumber
    swiped_us: int
    checked: Checked | None = None
    pin: PinResult | None = None

    @property
    def said(self) -> LookedUp | None:
        """What the library management system has just said of the card."""
        return None if self.checked is None else self.checked.said

    @property
    def asked_in_vain(self) -> bool:
        return self.checked is not None and self.checked.said is None

    @property
    def may_be_let_in(self) -> bool:
        """Whether anything could still open the door to it."""
        return self.pin in (None, PinResult.CORRECT)
