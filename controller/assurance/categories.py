"""What the controller keeps, category by category: the oldest, what is overdue, what was destroyed last.

Counted afresh from what is there, and not from what owners say of it. Never here: the rules themselves
(``keeping.edge_rules``, ``core.retention``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

from sqlalchemy import func, select

from controller.assurance.left import (
    SWEPT_WITHIN_US,
    UNDATED,
    footage_left,
    holds_in_force,
    protected,
    superseded,
    undated,
)
from controller.assurance.report import Certificate, Kept, State
from controller.assurance.sources import Sources
from controller.core import protection
from controller.core.event import Event, EventType
from controller.core.hold import Category, Hold
from controller.core.protection import Protection
from controller.core.retention.footage import must_be_gone_by_us
from controller.keeping.edge_rules import CATEGORIES, EdgeRule
from controller.keeping.journal_disposal import Look
from controller.keeping.lasting_events import TYPES
from controller.keeping.opening import edge_rule
from controller.settings.policy.categories import CategoryRule
from controller.store.engine import DatabaseMissing, DatabaseUnusable
from controller.store.footage_rows import segment_of
from controller.store.journal_reader import JournalReader
from controller.store.journal_rows import Rows
from controller.store.schema import segment as segment_table

FAR_US = 2**62


def kept(sources: Sources) -> Iterator[Kept]:
    """A line for each category of the profile: the controller's own, then what is kept elsewhere."""
    for rule in sorted(sources.profile.categories, key=lambda one: one.held != "controller"):
        line = _line(rule)
        if rule.held != "controller":
            yield replace(line, state=State.ELSEWHERE, says="kept outside the controller, by the authority")
            continue
        category = Category(rule.id)
        try:
            yield _judged(_measured(sources, category, line), sources)
        except DatabaseUnusable as error:
            yield replace(line, state=State.UNPROVED, says=f"it cannot be read: {error}")


def _line(rule: CategoryRule) -> Kept:
    words = rule.rule.in_words
    if rule.ceiling is not None:
        words += f"; the notice allows {rule.ceiling.in_words}"
        if rule.ceiling_trigger is not None:
            words += f" from {rule.ceiling_trigger}"
    return Kept(
        rule.id,
        rule.what,
        rule.held,
        f"{words}, from {rule.trigger}",
        " ".join(rule.sentence.split()),
        State.UNPROVED,
        "",
    )


def _measured(sources: Sources, category: Category, line: Kept) -> Kept:
    match category:
        case Category.FOOTAGE:
            return _footage(sources, line)
        case Category.MEMBERSHIPS:
            return _memberships(sources, line)
        case Category.REGISTERS:
            return _registers(sources, line)
        case Category.ACCESS_EVENTS | Category.DEVICE_EVENTS | Category.STAFF_ACTIONS:
            return _events(sources, category, line)


def _judged(line: Kept, sources: Sources) -> Kept:
    if line.says:
        return line
    if line.overdue:
        return replace(
            line,
            state=State.NOT_KEPT,
            says=f"{line.overdue:,} should have been destroyed and are still there",
        )
    if sources.protections is None:
        return replace(
            line, state=State.UNPROVED, says=f"nothing is destroyed until this is mended: {sources.lost}"
        )
    if not sources.now.clock_trusted:
        return replace(line, state=State.UNPROVED, says="the clock is not set, so nothing is destroyed")
    if line.doubt:
        return replace(line, state=State.UNPROVED, says=line.doubt)
    said = "nothing is overdue"
    if line.held:
        said += f"; {line.held:,} are due and held"
    return replace(line, state=State.KEPT, says=said)


# --- journals ---------------------------------------------------------------------------------------


def _events(sources: Sources, category: Category, line: Kept) -> Kept:
    rule = edge_rule(sources.settings, category)
    before_us = rule.due_before_us(sources.now.wall_us - SWEPT_WITHIN_US)
    if before_us is None:
        return replace(line, says="the policy does not say when they are destroyed")
    oldest: list[int] = []
    certificates: list[Event] = []
    for service in (name for name, owned in CATEGORIES.items() if owned is category):
        reader = sources.journals[service]
        try:
            count, first_us = reader.rows(lambda rows: rows.count_before(FAR_US, TYPES))
            overdue, held = reader.rows(_left(sources, rule, before_us))
            untold = reader.rows(partial(undated, sources.now.wall_us))
            certificates += _last(reader, category)
        except DatabaseMissing:
            continue
        oldest += [first_us] if count else []
        line = replace(
            line,
            count=(line.count or 0) + count,
            overdue=line.overdue + overdue,
            held=line.held + held,
            doubt=f"of {untold:,} in the {service}'s journal nobody knows when: {UNDATED}" * bool(untold)
            or line.doubt,
        )
    return replace(line, oldest_us=min(oldest, default=None), last=_latest(certificates))


def _left(sources: Sources, rule: EdgeRule, before_us: int) -> Callable[[Rows], tuple[int, int]]:
    """How many events from before a time are still there and should not be, and how many are held."""

    def count(rows: Rows) -> tuple[int, int]:
        site, now_us = sources.settings.branch.branch, sources.now.wall_us
        protections = protection.in_force(sources.protections or (), now_us)
        look = Look(rows, rule, site, before_us, protections, now_us)
        due = held = after = 0
        last = rows.last_before(before_us)
        while after < last:
            page = look.page(after, last)
            due, held, after = due + len(page.due), held + page.held, page.upto
        return due, held

    return count


def _last(reader: JournalReader, category: Category) -> list[Event]:
    found = reader.last(EventType.DISPOSAL_CERTIFICATE, category=category.value)
    return [] if found is None else [found]


def _latest(certificates: list[Event]) -> Certificate | None:
    if not certificates:
        return None
    last = max(certificates, key=lambda event: event.stamp.wall_us)
    count, lateness_us = last.data.get("count"), last.data.get("lateness_us")
    return Certificate(
        last.stamp.wall_us,
        count if isinstance(count, int) else 0,
        lateness_us if isinstance(lateness_us, int) else 0,
    )


# --- footage ----------------------------------------------------------------------------------------


def _footage(sources: Sources, line: Kept) -> Kept:
    days, window = sources.settings.footage.retention_days, sources.profile.cctv
    if window is not None:
        line = replace(line, rule=f"{days} days at this branch; {line.rule}")
    certificates = []
    with suppress(DatabaseMissing):
        certificates = _last(sources.journals["recorder"], Category.FOOTAGE)
    try:
        count, oldest_us = sources.footage.read(
            lambda connection: connection.execute(
                select(func.count(), func.min(segment_table.c.start_us))
            ).one()
        )
    except DatabaseMissing:
        return replace(line, count=0)
    old = sources.footage.read(
        lambda connection: [
            segment_of(row)
            for row in connection.execute(
                select(segment_table).where(
                    segment_table.c.start_us < sources.now.wall_us - (must_be_gone_by_us(0))
                )
            )
        ]
    )
    held = sum(protected(sources, segment) for segment in old)
    return replace(
        line,
        doubt=footage_left(sources, days),
        count=int(count),
        oldest_us=oldest_us,
        overdue=len(old) - held,
        held=held,
        last=_latest(certificates),
    )


# --- memberships and registers ------------------------------------------------------------------------


def _memberships(sources: Sources, line: Kept) -> Kept:
    counts = sources.members.counts(sources.now.wall_us)
    certificates = []
    with suppress(DatabaseMissing):
        certificates = _last(sources.journals["membership"], Category.MEMBERSHIPS)
    current = counts.current
    left, held = superseded(sources), 0
    if any(one.scope.category is Category.MEMBERSHIPS for one in holds_in_force(sources)):
        left, held = 0, left
    return replace(
        line,
        overdue=left,
        held=held,
        count=sum(counts.categories.values()),
        oldest_us=None if current is None else current.as_of_us,
        last=_latest(certificates),
    )


def _registers(sources: Sources, line: Kept) -> Kept:
    rule = edge_rule(sources.settings, Category.REGISTERS)
    before_us = rule.due_before_us(sources.now.wall_us - SWEPT_WITHIN_US)
    over = [_over_us(one) for one in sources.protections or ()]
    ended = [us for us in over if us is not None]
    certificates = []
    with suppress(DatabaseMissing):
        certificates = _last(sources.journals["console"], Category.REGISTERS)
    return replace(
        line,
        count=len(over),
        oldest_us=min(ended, default=None),
        overdue=sum(us < before_us for us in ended) if before_us is not None else 0,
        last=_latest(certificates),
    )


def _over_us(one: Protection) -> int | None:
    """When it was over; None while it is in force."""
    return one.ended_us if isinstance(one, Hold) else one.lifted_us
