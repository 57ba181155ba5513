"""Whether a branch may be decommissioned, and what is destroyed then. Pure.

What stands in the way is told all at once, each with what would get past it. Never here: looking and
destroying (``controller.decommission``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from controller.core.hold import Hold
from controller.core.protection import Protection
from controller.core.retention.footage import FootageRule, due_from_us

FOOTAGE = "footage"
"""What footage as a whole is called where it is handed over."""


class Part(StrEnum):
    """What is destroyed, in this order: what tells of people first, and last the keys.

    sealed_cards: the boxes in the journals, whose events stay. copies: exports that wait to be fetched,
    footage encoded anew, backups that have not left, databases before a migration or damaged. working_files:
    what else the services keep.
    """

    FOOTAGE = "footage"
    MEMBERSHIPS = "memberships"
    SEALED_CARDS = "sealed_cards"
    ACCOUNTS = "accounts"
    COPIES = "copies"
    WORKING_FILES = "working_files"
    KEYS = "keys"


class Cause(StrEnum):
    """Why it may not be done now."""

    CLOCK_UNTRUSTED = "clock_untrusted"
    HELD = "held"
    RESTRICTED = "restricted"
    PROTECTION_LOST = "protection_lost"
    FOOTAGE_NOT_DUE = "footage_not_due"
    FOOTAGE_UNDATED = "footage_undated"
    FOOTAGE_MISSING = "footage_missing"


@dataclass(frozen=True, slots=True)
class Blocker:
    """id: what may be handed over to get past it; empty where nothing does. due_us: when it ends."""

    cause: Cause
    id: str = ""
    count: int = 0
    due_us: int | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What was found at a branch whose services stand still.

    protections: in force. lost: ids that the staff's journal knows to be in force and the registers do not.
    youngest_end_us: of the dated footage. undated: files of which nobody knows how old they are. missing:
    rows of footage without their file.
    """

    clock_trusted: bool
    protections: Sequence[Protection]
    lost: Collection[str]
    rule: FootageRule
    youngest_end_us: int | None
    undated: int
    missing: int


def blockers(situation: Situation, now_us: int, handed_over: Collection[str]) -> list[Blocker]:
    """All that stands in the way of destroying everything now.

    handed_over: ids of holds and restrictions, and FOOTAGE, of which somebody else has what they cover and
    keeps the promise made for it.
    """
    return [one for one in _all(situation, now_us) if not one.id or one.id not in handed_over]


def unknown(situation: Situation, handed_over: Collection[str]) -> list[str]:
    """What was handed over and is not there to be: a mistake in what was typed."""
    ids = {one.id for one in situation.protections} | set(situation.lost) | {FOOTAGE}
    return sorted(set(handed_over) - ids)


def _all(situation: Situation, now_us: int) -> Iterator[Blocker]:
    if not situation.clock_trusted:
        yield Blocker(Cause.CLOCK_UNTRUSTED)
    for one in situation.protections:
        if isinstance(one, Hold):
            yield Blocker(Cause.HELD, one.id, due_us=one.protected_until_us)
        else:
            yield Blocker(Cause.RESTRICTED, one.id)
    for lost in sorted(situation.lost):
        yield Blocker(Cause.PROTECTION_LOST, lost)
    youngest_us = situation.youngest_end_us
    if youngest_us is not None and now_us < (due_us := due_from_us(youngest_us, situation.rule)):
        yield Blocker(Cause.FOOTAGE_NOT_DUE, FOOTAGE, due_us=due_us)
    if situation.undated:
        yield Blocker(Cause.FOOTAGE_UNDATED, FOOTAGE, situation.undated)
    if situation.missing:
        yield Blocker(Cause.FOOTAGE_MISSING, FOOTAGE, situation.missing)
