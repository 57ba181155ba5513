"""What those who answer the door need from the service around them: times, and the reference of a card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from controller.core.card import CardNumber
from controller.core.event import Stamp


@dataclass(frozen=True, slots=True)
class Surroundings:
    """now: when it is, as last judged. mono_us: a clock that never steps. today: the local date.

    member_ref: the keyed reference of a card (``secrets.site_key``). All of them for any thread.
    """

    now: Callable[[], Stamp]
    mono_us: Callable[[], int]
    today: Callable[[], date]
    member_ref: Callable[[CardNumber], bytes]
