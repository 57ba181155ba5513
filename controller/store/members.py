"""What is known of a card at the branch, as the door reads it.

Here: finding a membership and a place on a list by a card's reference. A membership is in the set that was
imported, in a live answer, or in both; the newer counts, and at the same time the live answer. A newer live
answer can also be that there is no such card, and a newer set can have it no more. References are made with
the site key, so whatever was kept under another key is found by no card.

Never here: card numbers (references come in ready made), filling in what is found (``members_owner``,
``live_answers``), or deciding who may enter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, literal_column, select, true

from controller.core.membership import Listed, Listing, Membership, Status
from controller.store import engine as database
from controller.store.engine import DatabaseMissing, DatabaseUnusable
from controller.store.reader import Reader
from controller.store.schema import current_set, listed, live_answer, membership, membership_set

READER_WAITS_MS = 50
"""The door asks on the thread that drives the lock: whoever locks this file must not hold up that one."""


@dataclass(frozen=True, slots=True)
class MembershipSet:
    """as_of_us: when the library said so, microseconds since 1970 UTC. key_id: of the site key used."""

    id: int
    as_of_us: int
    count: int
    key_id: str


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a card: its membership, whoever told it, and its place on a list of the branch."""

    membership: Membership | None
    listed: Listed | None


_CURRENT: Select[tuple[int, int, int, str]] = select(
    membership_set.c.id, membership_set.c.as_of_us, membership_set.c.members, membership_set.c.key_id
).select_from(current_set.join(membership_set, membership_set.c.id == current_set.c.set_id))

LIVE_COUNTS = membership_set.c.as_of_us.is_(None) | (live_answer.c.as_of_us >= membership_set.c.as_of_us)
"""Whether a live answer is newer than the current set; also where there is none."""
_EITHER: tuple[ColumnElement[object], ...] = (
    func.coalesce(live_answer.c.as_of_us, membership_set.c.as_of_us),
    func.coalesce(live_answer.c.status, membership.c.status),
    membership.c.enrolled,
    func.coalesce(live_answer.c.inducted_on, membership.c.inducted_on),
    func.coalesce(live_answer.c.granted_from, membership.c.granted_from),
    func.coalesce(live_answer.c.granted_until, membership.c.granted_until),
    func.coalesce(live_answer.c.expires, membership.c.expires),
    func.coalesce(live_answer.c.category, membership.c.category),
    func.coalesce(live_answer.c.adult_on, membership.c.adult_on),
    func.coalesce(live_answer.c.guardian, membership.c.guardian),
)
"""Of the live answer if it counts, else of the set: the statement looks up no more than one of the two."""
_ONE = select(literal_column("1")).subquery("one")
# One statement for all that is known of a card: a second one would cost a swipe half as much again.
_FIND = database.sql(
    select(listed.c.listing, listed.c.until, *_EITHER).select_from(
        _ONE.outerjoin(listed, listed.c.member_ref == bindparam("member_ref"))
        .outerjoin(current_set, true())
        .outerjoin(membership_set, membership_set.c.id == current_set.c.set_id)
        .outerjoin(live_answer, (live_answer.c.member_ref == bindparam("member_ref")) & LIVE_COUNTS)
        .outerjoin(
            membership,
            live_answer.c.known.is_(None)
            & (membership.c.set_id == current_set.c.set_id)
            & (membership.c.member_ref == bindparam("member_ref")),
        )
    )
)
_FIND_IMPORTED = database.sql(
    select(
        membership_set.c.as_of_us,
        membership.c.status,
        membership.c.enrolled,
        membership.c.inducted_on,
        membership.c.granted_from,
        membership.c.granted_until,
        membership.c.expires,
        membership.c.category,
        membership.c.adult_on,
        membership.c.guardian,
    ).select_from(
        current_set.join(membership_set, membership_set.c.id == current_set.c.set_id).join(
            membership,
            (membership.c.set_id == current_set.c.set_id)
            & (membership.c.member_ref == bindparam("member_ref")),
        )
    )
)
_UNDATED = "the memberships are an earlier release's, without dates of induction and grant: import them again"


class Members:
    """The memberships as the door reads them. For one thread at a time; opening is lazy."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = Reader(path, READER_WAITS_MS)

    def find(self, member_ref: bytes) -> Found:
        """The membership with this reference, and where the card is listed.

        Raises DatabaseMissing before the first import has made the file, DatabaseUnusable when it cannot
        be read or makes no sense: neither means that the card is unknown.
        """
        row = self._reader.row(_FIND, {"member_ref": member_ref})
        assert row is not None  # of outer joins of one row
        try:
            listed = None if row[0] is None else Listed(Listing(row[0]), _day(row[1]))
            return Found(None if row[3] is None else self._membership(*row[2:]), listed)
        except ValueError:
            raise DatabaseUnusable(f"{self._path}: a membership makes no sense") from None

    def imported(self, member_ref: bytes) -> Membership | None:
        """What the current set says of this card, whatever was said of it since. Raises DatabaseUnusable."""
        try:
            row = self._reader.row(_FIND_IMPORTED, {"member_ref": member_ref})
            return None if row is None else self._membership(*row)
        except DatabaseMissing:
            return None
        except ValueError:
            raise DatabaseUnusable(f"{self._path}: a membership makes no sense") from None

    def _membership(
        self,
        as_of_us: int,
        status: str,
        enrolled: int | None,
        inducted_on: str | None,
        granted_from: str | None,
        granted_until: str | None,
        expires: str,
        category: str,
        adult_on: str | None,
        guardian: int,
    ) -> Membership:
        """Raises ValueError, DatabaseUnusable."""
        if enrolled and inducted_on is None:
            raise DatabaseUnusable(f"{self._path}: {_UNDATED}")
        return Membership(
            Status(status),
            _day(inducted_on),
            _day(granted_from),
            _day(granted_until),
            date.fromisoformat(expires),
            category,
            _day(adult_on),
            bool(guardian),
            as_of_us,
        )

    def current_set(self) -> MembershipSet | None:
        """The set that counts; None before the first import. Raises DatabaseUnusable."""
        try:
            return self._reader.read(current_set_of)
        except DatabaseMissing:
            return None

    def close(self) -> None:
        self._reader.close()


def _day(text: str | None) -> date | None:
    """Raises ValueError."""
    return None if text is None else date.fromisoformat(text)


def current_set_of(connection: Connection) -> MembershipSet | None:
    row = connection.execute(_CURRENT).one_or_none()
    return None if row is None else MembershipSet(row.id, row.as_of_us, row.members, row.key_id)
