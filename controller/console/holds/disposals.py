"""What is destroyed when: the rule of each category, what is due next, what is overdue, what went last.

The owners tell what is overdue and held; the oldest that is there says what is due next.
Never here: destroying, or judging whether promises are kept (``controller.assurance``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from controller.console.holds.blocked import Journals
from controller.core.event import Event, EventType
from controller.core.hold import DAY_US, Category, Hold
from controller.keeping.edge_rules import EdgeRule
from controller.keeping.lasting_events import TYPES
from controller.keeping.opening import edge_rule
from controller.settings.model import Settings
from controller.settings.policy.load import PolicyUnusable, load_profile
from controller.settings.policy.profile import Profile
from controller.staff.holds.fate import OWNERS
from controller.store.engine import DatabaseMissing
from controller.store.footage import FootageReader, SegmentState
from controller.store.journal_reader import JournalMissing
from controller.store.registers import RegistersReader
from controller.store.schema import segment as segment_table

OF_EVENTS = (Category.ACCESS_EVENTS, Category.DEVICE_EVENTS, Category.STAFF_ACTIONS)
TOLD = (EventType.DISPOSAL_CERTIFICATE, EventType.RETENTION_HELD, EventType.RETENTION_OVERDUE)


@dataclass(frozen=True, slots=True)
class Last:
    """The newest certificate of a category. service: in whose journal it is."""

    service: str
    certificate: str
    wall_us: int
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """rule: in words, empty where there is none. next_us: from when the oldest of it is due; None: nothing is
    there, or nothing says.

    overdue: how much should be gone, as its owner told at ``overdue_us``.
    """

    category: Category
    rule: str
    sentence: str = ""
    next_us: int | None = None
    overdue: int = 0
    overdue_us: int = 0
    last: Last | None = None


def disposals(
    settings: Settings, journals: Journals, footage: FootageReader, registers: RegistersReader
) -> list[Line]:
    """A line for each category, in the order of ``Category``. Raises DatabaseUnusable."""
    profile, fault = _profile(settings)
    found = []
    for category in Category:
        line = _ruled(settings, category, profile, fault)
        found.append(
            replace(_told(line, journals), next_us=_next_us(settings, category, journals, footage, registers))
        )
    return found


def _profile(settings: Settings) -> tuple[Profile | None, str]:
    if settings.policy.profile is None:
        return None, ""
    try:
        return load_profile(settings.policy.profile), ""
    except PolicyUnusable as error:
        return None, str(error)


def _ruled(settings: Settings, category: Category, profile: Profile | None, fault: str) -> Line:
    if fault:
        return Line(category, f"Nothing is destroyed by age until the policy profile can be read: {fault}")
    if profile is None:
        days = edge_rule(settings, category).due_before_us(0)
        words = (
            f"{-(days or 0) // DAY_US} days, since no policy profile is chosen" if days is not None else ""
        )
        return Line(category, words)
    rule = profile.category(category.value)
    words = rule.rule.in_words
    if category is Category.FOOTAGE and profile.cctv is not None:
        words = f"{settings.footage.retention_days} days at this branch; {words}"
    if rule.ceiling is not None:
        words += f"; the notice allows {rule.ceiling.in_words}"
    return Line(category, f"{words}, from {rule.trigger}", " ".join(rule.sentence.split()))


def _told(line: Line, journals: Journals) -> Line:
    """What the owners of a category said last of it."""
    for service in OWNERS[line.category]:
        last = {}
        for type in TOLD:
            try:
                last[type] = journals(service).last(type, category=line.category.value)
            except JournalMissing:
                last[type] = None
        line = _with_certificate(line, service, last[EventType.DISPOSAL_CERTIFICATE])
        newest = max((one for one in last.values() if one is not None), key=_seq, default=None)
        if newest is not None and newest.type is EventType.RETENTION_OVERDUE:
            line = replace(
                line, overdue=line.overdue + _number(newest, "count"), overdue_us=newest.stamp.wall_us
            )
    return line


def _with_certificate(line: Line, service: str, event: Event | None) -> Line:
    if event is None or (line.last is not None and line.last.wall_us > event.stamp.wall_us):
        return line
    return replace(line, last=Last(service, event.id, event.stamp.wall_us, _number(event, "count")))


def _next_us(
    settings: Settings,
    category: Category,
    journals: Journals,
    footage: FootageReader,
    registers: RegistersReader,
) -> int | None:
    if category is Category.FOOTAGE:
        ended_us = _oldest_footage_us(footage)
        return None if ended_us is None else ended_us + settings.footage.retention_days * DAY_US
    if category is Category.MEMBERSHIPS:
        return None  # they go when the library management system has dropped them, not by age
    rule = edge_rule(settings, category)
    if category is Category.REGISTERS:
        oldest = min(_over_us(registers), default=None)
    else:
        oldest = min(_oldest_events_us(category, journals), default=None)
    return None if oldest is None else _due_us(rule, oldest)


def _due_us(rule: EdgeRule, oldest_us: int) -> int | None:
    try:
        return rule.due_us(oldest_us)
    except LookupError:
        return None


def _oldest_events_us(category: Category, journals: Journals) -> Iterator[int]:
    for service in OWNERS[category]:
        try:
            oldest = journals(service).rows(lambda rows: rows.oldest_us(TYPES))
        except JournalMissing:
            continue
        if oldest is not None:
            yield oldest


def _oldest_footage_us(footage: FootageReader) -> int | None:
    segment = segment_table.c
    query = select(func.min(segment.end_us)).where(
        segment.clock_trusted == 1, segment.state == SegmentState.KEPT.value
    )
    try:
        found: int | None = footage.read(lambda connection: connection.scalar(query))
    except DatabaseMissing:
        return None
    return found


def _over_us(registers: RegistersReader) -> Iterator[int]:
    """From when the policy's time counts for each entry that is over."""
    for one in registers.protections():
        ended_us = one.ended_us if isinstance(one, Hold) else one.lifted_us
        if ended_us is not None:
            yield ended_us


def _number(event: Event, name: str) -> int:
    value = event.data.get(name)
    return value if isinstance(value, int) else 0


def _seq(event: Event) -> int:
    return event.seq
