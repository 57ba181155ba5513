"""A new set of memberships: filled beside the one that counts, in the order of the table, then switched to.

Here: a whole set, or changes merged with the set that counts into a new one. ``members_owner`` calls it,
one import at a time. Never here: card numbers (references come in ready made), or reading any file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeAlias

from sqlalchemy import Engine, delete, func, insert, or_, select, update

from controller.core.membership import Membership, Status
from controller.store import engine as database
from controller.store.members import MembershipSet, current_set_of
from controller.store.owner import checkpoint
from controller.store.schema import current_set, live_answer, membership_set, pin_verifier

FILL_BATCH = 10_000
"""Rows a transaction while a set is filled: what bounds memory and the write-ahead log."""
PINS_BATCH = 100
"""PINs a transaction: hashing so many takes some seconds."""

Change: TypeAlias = tuple[int, bytes, Membership | None]
"""Line in its source, reference, and the membership; None: it is removed."""
Check: TypeAlias = Callable[[MembershipSet | None, int], None]
"""Told which set counts now, and how many memberships the new one has; raises if that must not be."""
_Row: TypeAlias = tuple[Any, ...]
"""A reference, and what is stored with it; None first: nothing, it is removed."""

_COLUMNS = (
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
_ADD = (
    f"INSERT INTO membership (set_id, {', '.join(_COLUMNS)})"  # noqa: S608 -- no text from outside
    f" VALUES (?{', ?' * len(_COLUMNS)})"
)
_OF_SET = "WHERE set_id = ? AND member_ref > ? ORDER BY member_ref LIMIT ?"
_PAGE = f"SELECT {', '.join(_COLUMNS)} FROM membership {_OF_SET}"  # noqa: S608
_PIN_PAGE = f"SELECT member_ref, verifier FROM pin_verifier {_OF_SET}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class NewPins:
    """The hashes of PINs to go with a set. key_id: of the key they were made under.

    verifiers: reference and hash, made one by one while they are filled in, which takes its time. keep: asked
    when all changes are read: whether they tell of no PINs. A member who is put keeps the PIN that is stored
    then, and all are as old as they were.
    """

    key_id: str
    verifiers: Iterable[tuple[bytes, str]] = field(repr=False)
    keep: Callable[[], bool] = lambda: False


class DuplicateMember(Exception):
    """Two rows, from these lines of their source, are about the same card."""

    def __init__(self, first_line: int, second_line: int) -> None:
        super().__init__(f"lines {first_line} and {second_line} are about the same card")
        self.first_line = first_line
        self.second_line = second_line


class BaseChanged(Exception):
    """Changes cannot be merged with the set there is: import a whole one. The message says why."""


class NewSet:
    """One import into an owner's database, for as long as nobody else imports. Raises what SQLite raises."""

    def __init__(
        self, engine: Engine, as_of_us: int, key_id: str, progress: Callable[[int], None] | None
    ) -> None:
        self._engine = engine
        self._as_of_us = as_of_us
        self._key_id = key_id
        self._progress = progress

    def fill(self, rows: Iterable[Change], pins: NewPins | None, check: Check | None) -> MembershipSet:
        """Whole. All rows are read, and counted, before anything is written. Raises DuplicateMember."""
        with closing(_staged(rows)) as stage:
            if check is not None:
                check(self._current(), stage.execute("SELECT count(*) FROM stage").fetchone()[0])
            set_id = self._begin()
            filled = self._fill(set_id, _in_order(stage))
            if pins is not None:
                self._fill_pins(set_id, pins.verifiers)
            return self._switch(set_id, filled, pins.key_id if pins else None)

    def merge(
        self, base: MembershipSet, changes: Iterable[Change], pins: NewPins | None, check: Check | None
    ) -> MembershipSet:
        """The set that counts, ``base``, with changes. Raises DuplicateMember, BaseChanged."""
        with closing(_staged(changes)) as stage:
            if self._current() != base:
                raise BaseChanged("other memberships were imported meanwhile")
            pin_key_id, pins_as_of_us = self._pins_of(base.id)
            if pins is not None and pin_key_id not in (None, pins.key_id):
                raise BaseChanged("the PINs there are were imported under another pin-key")
            set_id = self._begin()
            filled = self._fill(set_id, _merged(self._pages(_PAGE, base.id), _in_order(stage)))
            if check is not None:
                check(base, filled)
            if pins is not None:
                self._keep_pins(set_id, base.id, stage, keep_put=pins.keep())
                self._fill_pins(set_id, pins.verifiers)
            kept = pins is not None and pins.keep()
            return self._switch(
                set_id,
                filled,
                pins.key_id if pins else None,
                pins_as_of_us if kept else None,
                self._refused_and_untouched(base, stage),
            )

    def _begin(self) -> int:
        with self._engine.begin() as connection:
            new = insert(membership_set).values(as_of_us=self._as_of_us, key_id=self._key_id)
            return int(connection.execute(new.returning(membership_set.c.id)).scalar_one())

    def _fill(self, set_id: int, in_order: Iterator[_Row]) -> int:
        filled = 0
        while batch := [(set_id, *row) for row in islice(in_order, FILL_BATCH)]:
            with self._engine.begin() as connection:
                database.driver(connection).executemany(_ADD, batch)
            checkpoint(self._engine)
            filled += len(batch)
            if self._progress is not None:
                self._progress(filled)
        return filled

    def _fill_pins(
        self, set_id: int, verifiers: Iterable[tuple[bytes, str]], batch: int = PINS_BATCH
    ) -> None:
        left = iter(verifiers)
        while some := [
            {"set_id": set_id, "member_ref": member_ref, "verifier": verifier}
            for member_ref, verifier in islice(left, batch)
        ]:
            with self._engine.begin() as connection:
                connection.execute(insert(pin_verifier), some)

    def _keep_pins(self, set_id: int, base_id: int, stage: sqlite3.Connection, *, keep_put: bool) -> None:
        """Those of the members whom the changes do not touch."""
        gone = "WHERE status IS NULL" if keep_put else ""
        touched = stage.execute(f"SELECT member_ref, NULL FROM stage {gone} ORDER BY member_ref")  # noqa: S608
        kept = _merged(self._pages(_PIN_PAGE, base_id), touched)
        self._fill_pins(set_id, ((ref, str(verifier)) for ref, verifier in kept), FILL_BATCH)

    def _pages(self, page: str, set_id: int) -> Iterator[_Row]:
        """Rows of a set in order, a page a transaction: a longer one would keep the log from emptying."""
        after = b""
        while True:
            with self._engine.begin() as connection:
                values = (set_id, after, FILL_BATCH)
                rows: list[_Row] = database.driver(connection).execute(page, values).fetchall()
            if not rows:
                return
            yield from rows
            after = rows[-1][0]

    def _pins_of(self, set_id: int) -> tuple[str | None, int]:
        """The key of a set's PINs, and when the library said that they are right."""
        pins_as_of_us = func.coalesce(membership_set.c.pins_as_of_us, membership_set.c.as_of_us)
        one = select(membership_set.c.pin_key_id, pins_as_of_us).where(membership_set.c.id == set_id)
        with self._engine.begin() as connection:
            key_id, as_of_us = connection.execute(one).one()
            return key_id, as_of_us

    def _refused_and_untouched(self, base: MembershipSet, stage: sqlite3.Connection) -> list[bytes]:
        """The cards that a live answer refuses, and of which the changes say nothing.

        The refusal goes on counting: the row of such a card is no newer than ``base``, though the set is.
        """
        told_on = datetime.fromtimestamp(self._as_of_us / 1_000_000, UTC).date().isoformat()
        answer = live_answer.c
        refuses = or_(answer.known == 0, answer.status == Status.SUSPENDED.value, answer.expires < told_on)
        newer = answer.as_of_us.between(base.as_of_us, self._as_of_us - 1)
        with self._engine.begin() as connection:
            refused = set(connection.scalars(select(answer.member_ref).where(refuses, newer)))
        touched = stage.execute("SELECT member_ref FROM stage") if refused else ()
        refused.difference_update(member_ref for (member_ref,) in touched)
        return list(refused)

    def _switch(
        self,
        set_id: int,
        members: int,
        pin_key_id: str | None,
        pins_as_of_us: int | None = None,
        still_refused: Sequence[bytes] = (),
    ) -> MembershipSet:
        with self._engine.begin() as connection:
            for member_ref in still_refused:
                older = (live_answer.c.member_ref == member_ref) & (live_answer.c.as_of_us < self._as_of_us)
                connection.execute(update(live_answer).where(older).values(as_of_us=self._as_of_us))
            connection.execute(
                update(membership_set)
                .where(membership_set.c.id == set_id)
                .values(members=members, pin_key_id=pin_key_id, pins_as_of_us=pins_as_of_us)
            )
            connection.execute(delete(current_set))
            connection.execute(insert(current_set).values(one=1, set_id=set_id))
        checkpoint(self._engine)
        return MembershipSet(set_id, self._as_of_us, members, self._key_id)

    def _current(self) -> MembershipSet | None:
        with self._engine.begin() as connection:
            return current_set_of(connection)


def _staged(rows: Iterable[Change]) -> sqlite3.Connection:
    """All rows in a temporary file without a name, so that they can be read in the order of the table.

    Filled in that order a set of a million costs its own size in writes; in any other, many times that.
    """
    stage = sqlite3.connect("")
    try:
        stage.execute("PRAGMA journal_mode = OFF")
        stage.execute(f"CREATE TABLE stage (line INTEGER, {', '.join(_COLUMNS)})")
        stage.executemany(
            f"INSERT INTO stage VALUES (?{', ?' * len(_COLUMNS)})",  # noqa: S608 -- no text from outside
            ((line, member_ref, *_values(m)) for line, member_ref, m in rows),
        )
        stage.commit()
    except BaseException:
        stage.close()
        raise
    return stage


def _values(m: Membership | None) -> tuple[str | int | None, ...]:
    if m is None:
        return (None,) * (len(_COLUMNS) - 1)
    days = (m.inducted_on, m.granted_from, m.granted_until, m.expires, m.adult_on)
    return (
        m.status.value,
        int(m.enrolled),
        *(None if day is None else day.isoformat() for day in days),
        m.category,
        int(m.guardian),
    )


def _in_order(stage: sqlite3.Connection) -> Iterator[_Row]:
    """Raises DuplicateMember."""
    before: tuple[int, bytes] = (0, b"")
    for line, *row in stage.execute("SELECT * FROM stage ORDER BY member_ref, line"):
        if row[0] == before[1]:
            raise DuplicateMember(before[0], line)
        before = (line, row[0])
        yield tuple(row)


def _merged(old: Iterator[_Row], changes: Iterator[_Row]) -> Iterator[_Row]:
    """Both in order of their references. A change without a value removes; another replaces, or adds."""
    change = next(changes, None)
    for row in old:
        while change is not None and change[0] < row[0]:
            if change[1] is not None:
                yield change
            change = next(changes, None)
        if change is not None and change[0] == row[0]:
            if change[1] is not None:
                yield change
            change = next(changes, None)
        else:
            yield row
    while change is not None:
        if change[1] is not None:
            yield change
        change = next(changes, None)
