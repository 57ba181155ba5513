"""Memberships in sets: a new one is filled beside the old, then one row switches them.

Here: finding a membership by its reference, filling a set, dropping sets that no longer count. Never
here: card numbers (references come in ready made), or deciding who may enter.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Engine, Select, bindparam, delete, insert, select, tuple_, update

from controller.core.membership import Membership, Status
from controller.store import engine as database
from controller.store.engine import DatabaseMissing, DatabaseUnusable, Reader
from controller.store.schema import current_set, membership, membership_set

FILL_BATCH = 10_000
"""Rows a transaction while a set is filled: what bounds memory and the write-ahead log."""
READER_WAITS_MS = 50
"""The door asks on the thread that drives the lock: whoever locks this file must not hold up that one."""


@dataclass(frozen=True, slots=True)
class MembershipSet:
    """as_of_us: when the library said so, microseconds since 1970 UTC. key_id: of the site key used."""

    id: int
    as_of_us: int
    count: int
    key_id: str


class DuplicateMember(Exception):
    """Two rows, from these lines of their source, are about the same card."""

    def __init__(self, first_line: int, second_line: int) -> None:
        super().__init__(f"lines {first_line} and {second_line} are about the same card")
        self.first_line = first_line
        self.second_line = second_line


class ImportUnderway(Exception):
    """Somebody else is filling a set now."""


_CURRENT: Select[tuple[int, int, int, str]] = select(
    membership_set.c.id, membership_set.c.as_of_us, membership_set.c.members, membership_set.c.key_id
).select_from(current_set.join(membership_set, membership_set.c.id == current_set.c.set_id))

_FIND = database.sql(
    select(
        membership.c.status,
        membership.c.enrolled,
        membership.c.expires,
        membership.c.category,
        membership_set.c.as_of_us,
    )
    .select_from(
        current_set.join(membership_set, membership_set.c.id == current_set.c.set_id).join(
            membership, membership.c.set_id == current_set.c.set_id
        )
    )
    .where(membership.c.member_ref == bindparam("member_ref"))
)


class Members:
    """The memberships as the door reads them. For one thread at a time; opening is lazy."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = Reader(path, READER_WAITS_MS)

    def find(self, member_ref: bytes) -> Membership | None:
        """The membership with this reference in the current set.

        Raises DatabaseMissing before the first import has made the file, DatabaseUnusable when it cannot
        be read or makes no sense: neither means that the card is unknown.
        """
        row = self._reader.row(_FIND, {"member_ref": member_ref})
        if row is None:
            return None
        status, enrolled, expires, category, as_of_us = row
        try:
            return Membership(Status(status), bool(enrolled), date.fromisoformat(expires), category, as_of_us)
        except ValueError:
            raise DatabaseUnusable(f"{self._path}: a membership makes no sense") from None

    def current_set(self) -> MembershipSet | None:
        """The set that counts; None before the first import. Raises DatabaseUnusable."""
        try:
            return self._reader.read(_current_set)
        except DatabaseMissing:
            return None

    def close(self) -> None:
        self._reader.close()


def _current_set(connection: Connection) -> MembershipSet | None:
    row = connection.execute(_CURRENT).one_or_none()
    return None if row is None else MembershipSet(row.id, row.as_of_us, row.members, row.key_id)


class MembersOwner:
    """The memberships as they are filled and tidied. Raises DatabaseUnusable."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> MembersOwner:
        return cls(path, database.open_owner(path, "members"))

    def import_set(
        self,
        rows: Iterable[tuple[int, bytes, Membership]],
        *,
        as_of_us: int,
        key_id: str,
        progress: Callable[[int], None] | None = None,
    ) -> MembershipSet:
        """Make the rows (line in their source, reference, membership) the set that counts.

        All of them are read before anything is written; whatever ``rows`` raises, the old set stays. A set
        has one time, ``as_of_us``, which replaces that of its memberships. progress is told how many rows
        are filled in. Raises DuplicateMember, ImportUnderway, DatabaseUnusable. Memory is bounded.
        """
        with database.translated(self._path), self._alone(), closing(_staged(rows)) as stage:
            set_id = self._begin_set(as_of_us, key_id)
            filled = 0
            in_order = _without_duplicates(stage.execute("SELECT * FROM stage ORDER BY member_ref, line"))
            while batch := [{"set_id": set_id, **row} for row in islice(in_order, FILL_BATCH)]:
                with self._engine.begin() as connection:
                    connection.execute(insert(membership), batch)
                database.checkpoint(self._engine)
                filled += len(batch)
                if progress is not None:
                    progress(filled)
            self._switch(set_id, filled)
        return MembershipSet(set_id, as_of_us, filled, key_id)

    def _begin_set(self, as_of_us: int, key_id: str) -> int:
        with self._engine.begin() as connection:
            new = insert(membership_set).values(as_of_us=as_of_us, key_id=key_id)
            return int(connection.execute(new.returning(membership_set.c.id)).scalar_one())

    def _switch(self, set_id: int, members: int) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                update(membership_set).where(membership_set.c.id == set_id).values(members=members)
            )
            connection.execute(delete(current_set))
            connection.execute(insert(current_set).values(one=1, set_id=set_id))
        database.checkpoint(self._engine)

    def current_set(self) -> MembershipSet | None:
        with database.translated(self._path), self._engine.begin() as connection:
            return _current_set(connection)

    def drop_superseded(self, batch: int = 1_000) -> int:
        """Delete up to ``batch`` memberships that no longer count; returns how many. Call until 0.

        A set that an import is filling now is left alone; one that an import left half filled is not.
        """
        with database.translated(self._path):
            dropped = self._drop(_superseded(half_filled=False), batch)
            if dropped < batch and self._has(_superseded(half_filled=True)):
                with suppress(ImportUnderway), self._alone():
                    dropped += self._drop(_superseded(half_filled=True), batch - dropped)
            return dropped

    def _has(self, sets: Select[int]) -> bool:
        with self._engine.begin() as connection:
            return connection.scalar(sets.limit(1)) is not None

    def _drop(self, sets: Select[int], batch: int) -> int:
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
        return dropped

    def checkpoint(self) -> bool:
        """Empty the write-ahead log; until then what was dropped is still in it."""
        with database.translated(self._path):
            return database.checkpoint(self._engine)

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


def _staged(rows: Iterable[tuple[int, bytes, Membership]]) -> sqlite3.Connection:
    """All rows in a temporary file without a name, so that they can be read in the order of the table.

    Filled in that order a set of a million costs its own size in writes; in any other, many times that.
    """
    stage = sqlite3.connect("")
    try:
        stage.execute("PRAGMA journal_mode = OFF")
        stage.execute(
            "CREATE TABLE stage (line INTEGER, member_ref BLOB, status TEXT, enrolled INTEGER,"
            " expires TEXT, category TEXT)"
        )
        stage.executemany(
            "INSERT INTO stage VALUES (?, ?, ?, ?, ?, ?)",
            (
                (line, member_ref, m.status.value, int(m.enrolled), m.expires.isoformat(), m.category)
                for line, member_ref, m in rows
            ),
        )
        stage.commit()
    except BaseException:
        stage.close()
        raise
    return stage


def _without_duplicates(
    in_order: Iterable[tuple[int, bytes, str, int, str, str]],
) -> Iterator[dict[str, object]]:
    before: tuple[int, bytes] = (0, b"")
    for line, member_ref, status, enrolled, expires, category in in_order:
        if member_ref == before[1]:
            raise DuplicateMember(before[0], line)
        before = (line, member_ref)
        yield {
            "member_ref": member_ref,
            "status": status,
            "enrolled": enrolled,
            "expires": expires,
            "category": category,
        }
