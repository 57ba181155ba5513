"""What a sensor at the bolt tells of the lock and the contact: which of them cannot be believed.

Here: which findings there are, what speaks for and against each, and when one has lasted long enough to be
told. Never here: pins or clocks, or what is done about a finding. None is ever a reason to move the lock.

The sensor must tell whether the leaf is *held*: a latch bolt's monitor, or a maglock's bond sensor. (The
monitor of a strike's keeper says "locked" again while the leaf is open, which is no fault.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.core.door import FIRE_MODES, RELEASING_MODES, Mode
from controller.core.lasting import Lasting, Turn


class Drive(StrEnum):
    """What is done with the lock."""

    SECURED = "secured"
    RELEASED = "released"
    WIRING = "wiring"
    """The fire relay's wiring decides; we leave the lock alone."""


def drive_in(mode: Mode) -> Drive:
    """What is done with the lock in a mode of the door."""
    if mode in FIRE_MODES:
        return Drive.WIRING
    return Drive.RELEASED if mode in RELEASING_MODES else Drive.SECURED


class Finding(StrEnum):
    """What can be found out, as events name it."""

    CONTACT_OR_LOCK = "contact_or_lock"
    """The contact says open while the bolt says locked: one of them lies."""
    JAMMED = "jammed"
    """Released, and the bolt does not move. Somebody may be pushing the leaf."""
    NOT_LOCKED = "not_locked"
    """Secured and shut, and the bolt does not hold the leaf."""
    NOT_RELEASED_BY_FIRE = "not_released_by_fire"
    """Fire is reported, and a fail-safe lock still holds the leaf."""
    RELEASED_BY_FIRE = "released_by_fire"
    """Fire is reported, and the lock was seen to let the leaf go. No fault: what is to be hoped for."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. leaf_open: as the contact says; None where none is fitted. locked: as the sensor says."""

    drive: Drive
    leaf_open: bool | None
    locked: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a finding, and what against it."""

    begins: Callable[[Seen], bool]
    ends: Callable[[Seen], bool]


EVIDENCE: Mapping[Finding, Evidence] = {
    Finding.CONTACT_OR_LOCK: Evidence(
        begins=lambda seen: seen.leaf_open is True and seen.locked,
        ends=lambda seen: not (seen.leaf_open is True and seen.locked),
    ),
    # The end of the pulse does not mend a lock that jams: only a bolt that moves does.
    Finding.JAMMED: Evidence(
        begins=lambda seen: seen.drive is Drive.RELEASED and seen.leaf_open is not True and seen.locked,
        ends=lambda seen: not seen.locked,
    ),
    # Nor does an opening prove that it will lock again.
    Finding.NOT_LOCKED: Evidence(
        begins=lambda seen: seen.drive is Drive.SECURED and seen.leaf_open is False and not seen.locked,
        ends=lambda seen: seen.locked,
    ),
    Finding.NOT_RELEASED_BY_FIRE: Evidence(
        begins=lambda seen: seen.drive is Drive.WIRING and seen.leaf_open is not True and seen.locked,
        ends=lambda seen: seen.drive is not Drive.WIRING or not seen.locked,
    ),
    Finding.RELEASED_BY_FIRE: Evidence(
        begins=lambda seen: seen.drive is Drive.WIRING and seen.leaf_open is not True and not seen.locked,
        ends=lambda seen: seen.drive is not Drive.WIRING,
    ),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A finding has begun or ended."""

    finding: Finding
    turn: Turn


class LockWatch:
    """Each finding begins once and ends once, and lasts ``settle_s`` before either is told.

    fail_safe: the lock lets go without power, so a fire relay that cuts its power releases it. Of a
    fail-secure lock nothing of the kind is expected.
    """

    def __init__(self, settle_s: float, *, fail_safe: bool) -> None:
        self._findings = {
            finding: Lasting(settle_s, settle_s)
            for finding in Finding
            if fail_safe or finding is not Finding.NOT_RELEASED_BY_FIRE
        }

    def look(self, seen: Seen, now_us: int) -> tuple[Change, ...]:
        """What has changed by this look. now_us: microseconds of a clock that does not step."""
        turns = (
            (
                finding,
                lasting.look(
                    begins=EVIDENCE[finding].begins(seen), ends=EVIDENCE[finding].ends(seen), now_us=now_us
                ),
            )
            for finding, lasting in self._findings.items()
        )
        return tuple(Change(finding, turn) for finding, turn in turns if turn is not None)

    @property
    def due_us(self) -> int | None:
        """When to look again although nothing may have changed; None: not before it does."""
        return min(
            (lasting.due_us for lasting in self._findings.values() if lasting.due_us is not None),
            default=None,
        )

    @property
    def faults(self) -> frozenset[Finding]:
        """What has begun and not ended, but for what is no fault."""
        return frozenset(
            finding
            for finding, lasting in self._findings.items()
            if lasting.in_force and finding is not Finding.RELEASED_BY_FIRE
        )
