"""Placing a hold: one person does it, at once.

It is written first; then it is read what had begun to be destroyed (``came``).
Never here: who may, and what it came too late for.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from controller.core.event import UUID7, EventType
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.staff.desk import Desk
from controller.staff.holds.came import marked_by
from controller.staff.holds.fate import OWNERS
from controller.staff.refusal import Refused
from controller.store.footage import FootageReader, Segment
from controller.store.journal_reader import JournalMissing, JournalReader

LONGEST_REFERENCE = 80
LONGEST_REASON = 200
OF_A_DEVICE = (Category.FOOTAGE, Category.ACCESS_EVENTS, Category.DEVICE_EVENTS)
"""What can be held of one camera or door alone."""


class Field(StrEnum):
    """What is asked of whoever places a hold."""

    AUTHORITY = "authority"
    REFERENCE = "reference"
    CATEGORIES = "categories"
    TIMES = "times"
    DEVICE = "device"
    EVENTS = "events"
    REVIEW = "review"


class Unclear(Refused):
    """One of the things that were given would make a hold of nothing, or of nobody knows what."""

    def __init__(self, field: Field, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wanted:
    """authority: an organisation. reference: their case. device: a camera or door; None for all.

    Times in microseconds since 1970 UTC, the end not included; equal for a hold of events alone.
    """

    authority: str
    reference: str
    categories: Sequence[Category]
    device: str | None
    start_us: int
    end_us: int
    event_ids: frozenset[str]
    review_days: int


@dataclass(frozen=True, slots=True)
class Placed:
    """marked: what of the footage was about to be destroyed although the hold covers it."""

    hold: Hold
    marked: Sequence[Segment]


def place(at: Desk, settings: Settings, wanted: Wanted) -> list[Placed]:
    """A hold for each category. Raises Unclear, DatabaseUnusable, JournalUnavailable."""
    with closing(FootageReader(at.paths.footage)) as footage:
        _check(settings, footage, wanted)
        return [_place(at, settings, footage, wanted, one) for one in dict.fromkeys(wanted.categories)]


def _place(
    at: Desk, settings: Settings, footage: FootageReader, wanted: Wanted, category: Category
) -> Placed:
    now_us = at.now.wall_us
    scope = Scope(
        category, settings.branch.branch, wanted.device, wanted.start_us, wanted.end_us, wanted.event_ids
    )
    review_us = now_us + wanted.review_days * DAY_US
    hold = Hold(
        at.new_id(), wanted.authority, wanted.reference, scope, now_us, review_us, placed_by=at.who.user
    )
    at.registers.add_hold(hold)
    marked = marked_by(hold, footage)
    data = {
        "hold": hold.id,
        "category": category.value,
        "start_us": scope.start_us,
        "end_us": scope.end_us,
        "events": len(scope.event_ids),
        "review_us": review_us,
    }
    at.note(EventType.HOLD_ADDED, data, wanted.device or category.value)
    return Placed(hold, marked)


def _check(settings: Settings, footage: FootageReader, wanted: Wanted) -> None:
    for field, text in ((Field.AUTHORITY, wanted.authority), (Field.REFERENCE, wanted.reference)):
        if not 1 <= len(text) <= LONGEST_REFERENCE:
            raise Unclear(field, f"1 to {LONGEST_REFERENCE} characters")
    if not wanted.categories:
        raise Unclear(Field.CATEGORIES, "say of what kind of things")
    if wanted.start_us > wanted.end_us:
        raise Unclear(Field.TIMES, "the time of the hold ends before it starts")
    if wanted.start_us == wanted.end_us and not wanted.event_ids:
        raise Unclear(Field.TIMES, "say what is held: a time, or an event")
    if wrong := sorted(one for one in wanted.event_ids if not UUID7.fullmatch(one)):
        raise Unclear(Field.EVENTS, f"{wrong[0]} is no event's id")
    if not 1 <= wanted.review_days <= 90:
        raise Unclear(Field.REVIEW, "it is looked at again within 1 to 90 days")
    if wanted.device is not None:
        for category in wanted.categories:
            _check_device(settings, footage, category, wanted.device)


def _check_device(settings: Settings, footage: FootageReader, category: Category, device: str) -> None:
    """A misspelt device would make a hold that protects nothing."""
    cameras = {camera.id for camera in settings.cameras}
    if category not in OF_A_DEVICE:
        raise Unclear(Field.DEVICE, f"{category.value} are of no single camera or door; name none")
    if category is Category.FOOTAGE:
        if device in cameras or footage.segments(device, 0, 2**62):
            return
        raise Unclear(Field.DEVICE, f"there is no camera {device}, and no footage of one")
    if device in cameras | {door.id for door in settings.doors}:
        return
    for service in OWNERS[category]:
        with closing(JournalReader(Paths.of(settings).journal(service))) as journal:
            try:
                if journal.last(*EventType, subject=device) is not None:
                    return
            except JournalMissing:
                continue
    raise Unclear(Field.DEVICE, f"there is no camera or door {device}, and no event of one")
