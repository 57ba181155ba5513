"""The memberships as their owner keeps them: one import at a time, nothing kept that no longer counts.

Here: dropping sets that no longer count, and the branch's own lists of cards. How a set is filled is
``members_import``. Never here: card numbers (references come in ready made), or deciding who may enter.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, Select, delete, func, insert, select, tuple_

from controller.core.membership import Listed, Listing, Membership
from controller.store import engine as database
from controller.store.dropping import Kept, May, always, gone
from controller.store.live_answers import LiveAnswers
from controller.store.members import MembershipSet, current_set_of
from controller.store.members_import import Change, Check, NewPins, NewSet
from controller.store.owner import checkpoint, open_owner
from controller.store.schema import current_set, listed, membership, membership_set


class ImportUnderway(Exception):
    """Somebody else is filling a set now."""


class MembersOwner:
    """The memberships as they are filled and tidied. Raises DatabaseUnusable."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> MembersOwner:
        return cls(path, open_owner(path, "members"))

    def import_set(
        self,
        rows: Iterable[tuple[int, bytes, Membership]],
        *,
        as_of_us: int,
        key_id: str,
        progress: Callable[[int], None] | None = None,
        pins: NewPins | None = None,
        check: Check | None = None,
    ) -> MembershipSet:
        """Make the rows (line in their source, reference, membership) the set that counts.

        All of them are read before anything is written; whatever ``rows`` or ``check`` raises, the old set
        stays. A set has one time, ``as_of_us``, which replaces that of its memberships. progress is told how
        many rows are filled in. pins: of these memberships; filled in when all rows are, before the set
        counts. Raises DuplicateMember, ImportUnderway, DatabaseUnusable. Memory is bounded.
        """
        with database.translated(self._path), self._alone():
            return NewSet(self._engine, as_of_us, key_id, progress).fill(rows, pins, check)

    def merge_set(
        self,
        changes: Iterable[Change],
        *,
        base: MembershipSet,
        as_of_us: int,
        progress: Callable[[int], None] | None = None,
        pins: NewPins | None = None,
        check: Check | None = None,
    ) -> MembershipSet:
        """As ``import_set``: make ``base``, which must be the set that counts, with changes the new one.

        pins: besides the new ones the set gets those that ``base`` has, unless changed; None: it has none.
        Raises BaseChanged too.
        """
        with database.translated(self._path), self._alone():
            return NewSet(self._engine, as_of_us, base.key_id, progress).merge(base, changes, pins, check)

    def live_answers(self) -> LiveAnswers:
        """Those beside the sets, over the same connection: for the same thread, and closed with this."""
        return LiveAnswers(self._path, self._engine)

    def current_set(self) -> MembershipSet | None:
        with database.translated(self._path), self._engine.begin() as connection:
            return current_set_of(connection)

    def put_on_list(self, member_ref: bytes, place: Listed, since: date) -> None:
        """Instead of whatever list this card was on."""
        with database.translated(self._path), self._engine.begin() as connection:
            connection.execute(delete(listed).where(listed.c.member_ref == member_ref))
            connection.execute(
                insert(listed).values(
                    member_ref=member_ref,
                    listing=place.listing.value,
                    since=since.isoformat(),
                    until=None if place.until is None else place.until.isoformat(),
                )
            )

    def take_off_list(self, member_ref: bytes, listing: Listing) -> bool:
        """Whether it was on it."""
        with database.translated(self._path), self._engine.begin() as connection:
            on_it = (listed.c.member_ref == member_ref) & (listed.c.listing == listing.value)
            return connection.execute(delete(listed).where(on_it)).rowcount > 0

    def drop_ended_listings(self, today: date, may: May = always) -> int:
        """Delete from the lists what counts no more; returns how many. may: as in ``drop_superseded``."""
        with suppress(Kept), database.translated(self._path), self._engine.begin() as connection:
            ended = delete(listed).where(listed.c.until < today.isoformat())
            return gone(connection.execute(ended).rowcount, may)
        return 0

    def drop_superseded(self, batch: int = 1_000, may: May = always) -> int:
        """Delete up to ``batch`` memberships that no longer count; returns how many. Call until 0.

        A set that an import is filling now is left alone; one that an import left half filled is not.
        may: asked inside the transaction; where it says no, nothing goes.
        """
        dropped = 0
        with suppress(Kept), database.translated(self._path):
            dropped = self._drop(_superseded(half_filled=False), batch, may)
            if dropped < batch and self._has(_superseded(half_filled=True)):
                with suppress(ImportUnderway), self._alone():
                    dropped += self._drop(_superseded(half_filled=True), batch - dropped, may)
        return dropped

    def superseded(self) -> tuple[int, int]:
        """How many memberships are in sets that no longer count, and from when the oldest of these sets is
        (0: there are none).
        """
        sets = _superseded(half_filled=False)
        count = select(func.count()).select_from(membership).where(membership.c.set_id.in_(sets))
        oldest = select(func.min(membership_set.c.as_of_us)).where(membership_set.c.id.in_(sets))
        with database.translated(self._path), self._engine.begin() as connection:
            return connection.scalar(count) or 0, connection.scalar(oldest) or 0

    def _has(self, sets: Select[int]) -> bool:
        with self._engine.begin() as connection:
            return connection.scalar(sets.limit(1)) is not None

    def _drop(self, sets: Select[int], batch: int, may: May) -> int:
        key = tuple_(membership.c.set_id, membership.c.member_ref)
        dropped = 0
        with self._engine.begin() as connection:
            for set_id in connection.scalars(sets).all():
                some = (
                    select(membership.c.set_id, membership.c.member_ref)
                    .where(membership.c.set_id == set_id)
                    .limit(batch - dropped)
                )
                dropped += connection.execute(delete(membership).where(key.in_(some))).rowcount
                if dropped == batch:
                    break
                connection.execute(delete(membership_set).where(membership_set.c.id == set_id))
            return gone(dropped, may)

    def checkpoint(self) -> bool:
        """Empty the write-ahead log; until then what was dropped is still in it."""
        with database.translated(self._path):
            return checkpoint(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One import at a time. The lock is on the folder: closing the file itself would drop SQLite's."""
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ImportUnderway("memberships are being imported already") from None
            yield
        finally:
            os.close(folder)


def _superseded(*, half_filled: bool) -> Select[int]:
    unfilled = membership_set.c.members.is_(None)
    return (
        select(membership_set.c.id)
        .where(membership_set.c.id.not_in(select(current_set.c.set_id)))
        .where(unfilled if half_filled else unfilled.is_(False))
        .order_by(membership_set.c.id)
    )
