"""All that is known of the branch at a moment, and not yet in words: what ``board`` is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from controller.core.event import Event
from controller.settings.model import Settings
from controller.staff.door_answer import Answer
from controller.store.following import Followed


@dataclass(frozen=True, slots=True)
class Disk:
    """name: what is kept on it. Bytes; free: of what services may fill."""

    name: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Registered:
    """Of the register of holds: how many should have been looked at again, how many ends wait for a second
    person, how many entries are lost. fault: why nobody knows.
    """

    overdue: int = 0
    waiting: int = 0
    lost: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """journals: by service. answer: the door's; None where there is none.

    now_us: wall time. recorder_quiet: the recorder has left no sign of life for a while. members_answer: the
    membership service answers its socket. clock_trusted: the console's own judgement. latest: of the doors,
    newest first, with what is hidden left out and counted.
    """

    settings: Settings
    journals: Mapping[str, Followed]
    answer: Answer | None
    now_us: int
    recorder_quiet: bool = False
    members_answer: bool = True
    clock_trusted: bool = True
    disks: Sequence[Disk] = ()
    latest: Sequence[Event] = ()
    hidden: int = 0
    registered: Registered = Registered()
