"""What staff are told of the memberships that are kept: how many, how old, and who told them.

Here: counting, and who told what is known of one card. Never here: lists of members, card numbers (references
come in ready made), or what the door reads (``members``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, FromClause, and_, func, select, true

from controller.core.membership import Listing
from controller.store.engine import DatabaseMissing
from controller.store.members import LIVE_COUNTS, MembershipSet, current_set_of
from controller.store.reader import Reader
from controller.store.schema import (
    current_set,
    listed,
    live_answer,
    live_pin,
    membership,
    membership_set,
    pin_verifier,
)

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class Live:
    """How many live answers count now, by their age; gone: how many say that there is no such card."""

    under_an_hour: int = 0
    under_a_day: int = 0
    older: int = 0
    gone: int = 0

    @property
    def memberships(self) -> int:
        return self.under_an_hour + self.under_a_day + self.older


@dataclass(frozen=True, slots=True)
class Pins:
    """imported: with the current set; as_of_us: when the library said that those are right. verified: kept
    when the library management system called them right.
    """

    imported: int = 0
    as_of_us: int | None = None
    verified: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """current: the set that was imported. categories: how many members there are of each, whoever told."""

    current: MembershipSet | None
    categories: Mapping[str, int]
    live: Live
    lists: Mapping[Listing, int]
    pins: Pins


@dataclass(frozen=True, slots=True)
class Told:
    """A live answer that counts for a card. known: False if it says that there is no such card any more."""

    known: bool
    as_of_us: int


_LIVE_BESIDE: FromClause = live_answer.outerjoin(current_set, true()).outerjoin(
    membership_set, membership_set.c.id == current_set.c.set_id
)


class MembersView:
    """For one thread at a time; opening is lazy. Raises DatabaseUnusable."""

    def __init__(self, path: Path) -> None:
        self._reader = Reader(path)

    def counts(self, now_us: int) -> Counts:
        """Reads a whole set: some seconds for a million."""

        def counted(connection: Connection) -> Counts:
            return Counts(
                current_set_of(connection),
                _categories(connection),
                _live(connection, now_us),
                _lists(connection),
                _pins(connection),
            )

        try:
            return self._reader.read(counted)
        except DatabaseMissing:
            return Counts(None, {}, Live(), dict.fromkeys(Listing, 0), Pins())

    def superseded(self) -> int:
        """How many memberships are in whole sets that no longer count."""
        others = (
            select(membership_set.c.id)
            .select_from(membership_set.outerjoin(current_set, current_set.c.set_id == membership_set.c.id))
            .where(current_set.c.set_id.is_(None), membership_set.c.members.is_not(None))
        )
        count = select(func.count()).select_from(membership).where(membership.c.set_id.in_(others))
        try:
            return self._reader.read(lambda connection: connection.scalar(count) or 0)
        except DatabaseMissing:
            return 0

    def told_live(self, member_ref: bytes) -> Told | None:
        """The live answer that counts for this card, if one does."""
        one = (
            select(live_answer.c.known, live_answer.c.as_of_us)
            .select_from(_LIVE_BESIDE)
            .where(live_answer.c.member_ref == member_ref, LIVE_COUNTS)
        )

        def told(connection: Connection) -> Told | None:
            row = connection.execute(one).one_or_none()
            return None if row is None else Told(bool(row.known), row.as_of_us)

        try:
            return self._reader.read(told)
        except DatabaseMissing:
            return None

    def close(self) -> None:
        self._reader.close()


def _categories(connection: Connection) -> dict[str, int]:
    """Those of the set, each replaced by the live answer that counts in its place."""
    in_set = membership.join(current_set, membership.c.set_id == current_set.c.set_id)
    count = func.count()
    categories: Counter[str] = Counter()
    whole = select(membership.c.category, count).select_from(in_set).group_by(membership.c.category)
    for category, members in connection.execute(whole):
        categories[category] += members
    replaced = (
        select(live_answer.c.category, membership.c.category, count)
        .select_from(
            _LIVE_BESIDE.outerjoin(
                membership,
                and_(
                    membership.c.set_id == current_set.c.set_id,
                    membership.c.member_ref == live_answer.c.member_ref,
                ),
            )
        )
        .where(LIVE_COUNTS)
        .group_by(live_answer.c.category, membership.c.category)
    )
    for now, before, members in connection.execute(replaced):
        if before is not None:
            categories[before] -= members
        if now is not None:
            categories[now] += members
    return {category: members for category, members in sorted(categories.items()) if members}


def _live(connection: Connection, now_us: int) -> Live:
    age_us = now_us - live_answer.c.as_of_us
    known = live_answer.c.known == 1

    row = connection.execute(
        select(
            func.count().filter(known, age_us < HOUR_US),
            func.count().filter(known, age_us >= HOUR_US, age_us < DAY_US),
            func.count().filter(known, age_us >= DAY_US),
            func.count().filter(~known),
        )
        .select_from(_LIVE_BESIDE)
        .where(LIVE_COUNTS)
    ).one()
    return Live(*row)


def _lists(connection: Connection) -> dict[Listing, int]:
    rows = connection.execute(select(listed.c.listing, func.count()).group_by(listed.c.listing))
    found = {str(name): int(count) for name, count in rows}
    return {listing: found.get(listing.value, 0) for listing in Listing}


def _pins(connection: Connection) -> Pins:
    imported = connection.scalar(
        select(func.count()).select_from(
            pin_verifier.join(current_set, pin_verifier.c.set_id == current_set.c.set_id)
        )
    )
    as_of_us = connection.scalar(
        select(func.coalesce(membership_set.c.pins_as_of_us, membership_set.c.as_of_us)).join(
            current_set, current_set.c.set_id == membership_set.c.id
        )
    )
    verified = connection.scalar(select(func.count()).select_from(live_pin))
    return Pins(int(imported or 0), as_of_us, int(verified or 0))
