"""What all doors of a branch go by and use together. Made once; for the acting thread alone."""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.card import CardRules
from controller.door.admission import Admission
from controller.door.asking.look_ups import LivePolicy
from controller.door.durability import Durability
from controller.door.lockouts import Lockouts
from controller.door.people import People
from controller.door.second_factor import PinPolicy


@dataclass(frozen=True, slots=True)
class Shared:
    """companion_s: how long after a guardian members under the minimum age are let in; None: never.

    admit_unjournalled: let a member in although the grant could not be made durable.
    """

    cards: CardRules
    admission: Admission
    lockouts: Lockouts
    durability: Durability
    people: People
    pins: PinPolicy
    live: LivePolicy
    companion_s: int | None
    admit_unjournalled: bool
