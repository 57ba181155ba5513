"""What sort of branch is simulated, and who is told what it does. Never here: building it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulator.broker import Kind
from simulator.card_formats import LINE, ReaderType
from simulator.lms.system import Lms
from simulator.pins.panel import Edge
from simulator.policies import PROFILE
from simulator.receiver import Delivered


@dataclass(frozen=True, slots=True)
class Plan:
    """What sort of branch. readers: the types of those at each door, the front door first.

    broker: which one, "any" for what there is, None for none. profile: id of the policy profile, one of those
    that are shipped. lock_sensor: one tells what the front door's bolt does. pulse_s, repeat_s, held_open_s,
    held_warning_s, segment_s, retention_days: as in branch.toml. lms: the library management system that is
    asked live; None for none. pages: serve those of the staff, which takes a second to start. rules: further
    tables of branch.toml, such as ``[access]``, as text.
    """

    readers: tuple[tuple[ReaderType, ...], ...] = ((LINE,),)
    broker: Kind | Literal["any"] | None = "any"
    receiver: bool = True
    camera: bool = False
    profile: str = PROFILE
    pulse_s: float = 2.0
    repeat_s: float = 0.5
    held_open_s: int = 30
    held_warning_s: int | None = None
    lock_sensor: bool = False
    segment_s: int = 5
    retention_days: int = 14
    lms: Lms | None = None
    pages: bool = False
    machine: bool = False
    read_only_root: bool = False
    rules: str = ""


@dataclass(frozen=True, slots=True)
class Listeners:
    """What to call, from threads of the devices, when something is seen. They must return soon."""

    pin: Callable[[Edge], None] | None = None
    delivered: Callable[[Delivered], None] | None = None
    log: Callable[[str], None] | None = None
    text: Callable[[tuple[str, ...]], None] | None = None
