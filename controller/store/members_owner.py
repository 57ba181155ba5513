"""Filling and tidying the memberships: a new set is filled beside the old, then one row switches them.

Here: importing a set, dropping sets that no longer count, and the branch's own lists of cards. Never here:
card numbers (references come in ready made), or deciding who may enter.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Select, delete, insert, select, tuple_, update

from controller.core.membership import Listed, Listing, Membership
from controller.store import engine as database
from controller.store.members import MembershipSet, current_set_of
from controller.store.owner import checkpoint, open_owner
from controller.store.schema import current_set, listed, membership, membership_set, pin_verifier

FILL_BATCH = 10_000
"""Rows a transaction while a set is filled: what bounds memory and the write-ahead log."""
PINS_BATCH = 100
"""PINs a transaction: hashing so many takes some seconds."""
_STAGED = (
    "member_ref",
    "status",
    "enrolled",
    "inducted_on",
    "granted_from",
    "granted_until",
    "expires",
    "adult_on",
    "category",
    "guardian",
)


@dataclass(frozen=True, slots=True)
class NewPins:
    """The hashes of PINs to go with a set. key_id: of the key they were made under.

    verifiers: reference and hash, made one by one while they are filled in, which takes its time.
    """

    key_id: str
    verifiers: Iterable[tuple[bytes, str]] = field(repr=False)


class DuplicateMember(Exception):
    """Two rows, from these lines of their source, are about the same card."""

    def __init__(self, first_line: int, second_line: int) -> None:
        super().__init__(f"lines {first_line} and {second_line} are about the same card")
        self.first_line = first_line
        self.second_line = second_line


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
    ) -> MembershipSet:
        """Make the rows (line in their source, reference, membership) the set that counts.

        All of them are read before anything is written; whatever ``rows`` raises, the old set stays. A set
        has one time, ``as_of_us``, which replaces that of its memberships. progress is told how many rows
        are filled in. pins: of these memberships; filled in when all rows are, before the set counts. Raises
        DuplicateMember, ImportUnderway, DatabaseUnusable. Memory is bounded.
        """
        with database.translated(self._path), self._alone(), closing(_staged(rows)) as stage:
            set_id = self._begin_set(as_of_us, key_id)
            filled = 0
            in_order = _without_duplicates(stage.execute("SELECT * FROM stage ORDER BY member_ref, line"))
            while batch := [{"set_id": set_id, **row} for row in islice(in_order, FILL_BATCH)]:
                with self._engine.begin() as connection:
                    connection.execute(insert(membership), batch)
                checkpoint(self._engine)
                filled += len(batch)
                if progress is not None:
                    progress(filled)
            if pins is not None:
                self._fill_pins(set_id, pins)
            self._switch(set_id, filled, pins.key_id if pins else None)
        return MembershipSet(set_id, as_of_us, filled, key_id)

    def _begin_set(self, as_of_us: int, key_id: str) -> int:
        with self._engine.begin() as connection:
            new = insert(membership_set).values(as_of_us=as_of_us, key_id=key_id)
            return int(connection.execute(new.returning(membership_set.c.id)).scalar_one())

    def _fill_pins(self, set_id: int, pins: NewPins) -> None:
        verifiers = iter(pins.verifiers)
        while batch := [
            {"set_id": set_id, "member_ref": member_ref, "verifier": verifier}
            for member_ref, verifier in islice(verifiers, PINS_BATCH)
        ]:
            with self._engine.begin() as connection:
                connection.execute(insert(pin_verifier), batch)

    def _switch(self, set_id: int, members: int, pin_key_id: str | None) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                update(membership_set)
                .where(membership_set.c.id == set_id)
                .values(members=members, pin_key_id=pin_key_id)
            )
            connection.execute(delete(current_set))
            connection.execute(insert(current_set).values(one=1, set_id=set_id))
        checkpoint(self._engine)

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

    def drop_ended_listings(self, today: date) -> int:
        """Delete from the lists what counts no more; returns how many."""
        with database.translated(self._path), self._engine.begin() as connection:
            return connection.execute(delete(listed).where(listed.c.until < today.isoformat())).rowcount

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


def _staged(rows: Iterable[tuple[int, bytes, Membership]]) -> sqlite3.Connection:
    """All rows in a temporary file without a name, so that they can be read in the order of the table.

    Filled in that order a set of a million costs its own size in writes; in any other, many times that.
    """
    stage = sqlite3.connect("")
    try:
        stage.execute("PRAGMA journal_mode = OFF")
        stage.execute(f"CREATE TABLE stage (line INTEGER, {', '.join(_STAGED)})")
        stage.executemany(
            f"INSERT INTO stage VALUES (?{', ?' * len(_STAGED)})",  # noqa: S608 -- no text from outside
            ((line, member_ref, *_values(m)) for line, member_ref, m in rows),
        )
        stage.commit()
    except BaseException:
        stage.close()
        raise
    return stage


def _values(m: Membership) -> tuple[str | int | None, ...]:
    days = (m.inducted_on, m.granted_from, m.granted_until, m.expires, m.adult_on)
    return (
        m.status.value,
        int(m.enrolled),
        *(None if day is None else day.isoformat() for day in days),
        m.category,
        int(m.guardian),
    )


def _without_duplicates(in_order: Iterable[tuple[Any, ...]]) -> Iterator[dict[str, object]]:
    before: tuple[int, bytes] = (0, b"")
    for line, *values in in_order:
        row = dict(zip(_STAGED, values, strict=True))
        if row["member_ref"] == before[1]:
            raise DuplicateMember(before[0], line)
        before = (line, row["member_ref"])
        yield row
