"""Registers of what people decided about data: holds, restrictions, and what waits for a second person.

Written by what staff do on a command line or a page, read by whoever destroys, shows or sends.
Never here: who may decide what.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, Update, delete, func, insert, update

from controller.core.hold import COOLING_OFF_DAYS, Hold
from controller.core.proposal import Outcome, Proposal
from controller.core.protection import Protection
from controller.core.restriction import Means, Restriction
from controller.store import engine as database
from controller.store import register_rows as rows
from controller.store.engine import BUSY_TIMEOUT_MS, DatabaseMissing
from controller.store.owner import checkpoint, open_owner
from controller.store.reader import Reader
from controller.store.reserve import Reserve, written
from controller.store.schema import hold as hold_table
from controller.store.schema import hold_event as hold_event_table
from controller.store.schema import proposal as proposal_table
from controller.store.schema import restriction as restriction_table
from controller.store.schema import restriction_event as restriction_event_table

T = TypeVar("T")
_DESTROYED = (
    (hold_event_table, "hold_id"),
    (proposal_table, "about"),
    (hold_table, "id"),
    (restriction_event_table, "restriction_id"),
    (restriction_table, "id"),
)
"""The tables by which an id goes, in this order."""


class NotInForce(Exception):
    """There is nothing with this id, or it is over already, or not yet so far."""


class Registers:
    """For one thread at a time. Raises DatabaseUnusable. What was written is durable on return.

    A damaged file is for a person to restore: a new, empty one would end every hold. A clock that was set
    back makes nothing end before it began: the later of the two times is kept.
    """

    def __init__(self, path: Path, engine: Engine, reserve: Reserve | None) -> None:
        self._path = path
        self._engine = engine
        self._reserve = reserve

    @classmethod
    def open(cls, path: Path, reserve: Reserve | None = None) -> Registers:
        """reserve: room for a hold when the disk is full."""
        engine = written(reserve, lambda: open_owner(path, "registers", check=True))
        return cls(path, engine, reserve)

    def holds(self) -> list[Hold]:
        """All there ever were, oldest first, read afresh."""
        return self._transact(rows.holds)

    def restrictions(self) -> list[Restriction]:
        """Likewise."""
        return self._transact(rows.restrictions)

    def proposals(self) -> list[Proposal]:
        """Likewise."""
        return self._transact(rows.proposals)

    # --- holds --------------------------------------------------------------------------------------

    def add_hold(self, hold: Hold) -> None:
        """A disposal that reads the protections after this obeys it.

        Read next what has begun to be destroyed, and say what it came too late for.
        """

        def add(connection: Connection) -> None:
            connection.execute(insert(hold_table).values(**rows.hold_values(hold)))
            if events := [{"hold_id": hold.id, "event_id": one} for one in hold.scope.event_ids]:
                connection.execute(insert(hold_event_table), events)

        self._transact(add)

    def end_hold(
        self,
        hold_id: str,
        ended_us: int,
        reason: str,
        *,
        by: str | None = None,
        cooling_off_days: int = COOLING_OFF_DAYS,
        proposal: Proposal | None = None,
    ) -> None:
        """Raises NotInForce. proposal: whose confirmation this is; it is decided at the same moment."""
        hold = hold_table.c
        end = update(hold_table).where(hold.id == hold_id, hold.ended_us.is_(None))
        end = end.values(
            ended_us=func.max(hold.placed_us, ended_us),
            ended_by=by,
            end_reason=reason,
            cooling_off_days=cooling_off_days,
        )

        def both(connection: Connection) -> None:
            _one(connection, end, f"there is no hold {hold_id} in force")
            if proposal is not None:
                _decide(connection, proposal.id, ended_us, by, Outcome.CONFIRMED)

        self._transact(both)

    def review_hold(self, hold_id: str, reviewed_us: int, review_us: int, *, by: str) -> None:
        """It stays, until somebody looks at it again by review_us. Raises NotInForce."""
        hold = hold_table.c
        review = update(hold_table).where(
            hold.id == hold_id, hold.ended_us.is_(None), hold.placed_us <= reviewed_us
        )
        review = review.values(reviewed_us=reviewed_us, reviewed_by=by, review_us=review_us)
        self._transact(lambda connection: _one(connection, review, f"there is no hold {hold_id} in force"))

    # --- restrictions -------------------------------------------------------------------------------

    def add_restriction(self, restriction: Restriction) -> None:
        """From now on its events are neither shown nor destroyed; as with a hold, some may be gone."""

        def add(connection: Connection) -> None:
            connection.execute(insert(restriction_table).values(**rows.restriction_values(restriction)))
            connection.execute(
                insert(restriction_event_table),
                [{"restriction_id": restriction.id, "event_id": one} for one in restriction.event_ids],
            )

        self._transact(add)

    def subject_informed(self, restriction_id: str, informed_us: int, how: Means, *, by: str) -> None:
        """The subject was told that it will be lifted. Raises NotInForce."""
        restriction = restriction_table.c
        inform = update(restriction_table).where(
            restriction.id == restriction_id, restriction.informed_us.is_(None)
        )
        inform = inform.values(
            informed_us=func.max(restriction.placed_us, informed_us), informed_by=by, informed_how=how.value
        )
        missing = f"there is no restriction {restriction_id} whose subject is to be told"
        self._transact(lambda connection: _one(connection, inform, missing))

    def lift_restriction(self, restriction_id: str, lifted_us: int, reason: str, *, by: str) -> None:
        """Raises NotInForce, also while nobody has told the subject."""
        restriction = restriction_table.c
        lift = update(restriction_table).where(
            restriction.id == restriction_id,
            restriction.informed_us.is_not(None),
            restriction.lifted_us.is_(None),
        )
        lift = lift.values(
            lifted_us=func.max(restriction.informed_us, lifted_us), lifted_by=by, lift_reason=reason
        )
        missing = f"there is no restriction {restriction_id} in force whose subject has been told"
        self._transact(lambda connection: _one(connection, lift, missing))

    # --- proposals ----------------------------------------------------------------------------------

    def propose(self, proposal: Proposal) -> None:
        """Raises DatabaseUnusable if one is open about the same."""
        values = {
            "id": proposal.id,
            "kind": proposal.kind.value,
            "about": proposal.about,
            "reason": proposal.reason,
            "proposed_us": proposal.proposed_us,
            "proposed_by": proposal.proposed_by,
        }
        self._transact(lambda connection: connection.execute(insert(proposal_table).values(**values)))

    def decide(self, proposal_id: str, decided_us: int, by: str, outcome: Outcome) -> None:
        """Raises NotInForce if it is decided already."""
        self._transact(lambda connection: _decide(connection, proposal_id, decided_us, by, outcome))

    # --- destroying ---------------------------------------------------------------------------------

    def destroy(self, choose: Callable[[list[Protection]], Collection[str]]) -> set[str]:
        """Of all that there are, read afresh, destroy these ids with all that belongs to them, in one
        transaction; the ids of what is left.
        """

        def chosen(connection: Connection) -> set[str]:
            found = rows.protections(connection)
            doomed = set(choose(found))
            for table, column in _DESTROYED:
                connection.execute(delete(table).where(table.c[column].in_(doomed)))
            return {one.id for one in found} - doomed

        return self._transact(chosen)

    def checkpoint(self) -> bool:
        """Empty the write-ahead log, so that what was destroyed is gone; False if a reader is in the way."""
        with database.translated(self._path):
            return checkpoint(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    def _transact(self, query: Callable[[Connection], T]) -> T:
        def in_transaction() -> T:
            with database.translated(self._path), self._engine.begin() as connection:
                return query(connection)

        return written(self._reserve, in_transaction)


class RegistersReader:
    """The registers as others read them, afresh at each call; empty before the first entry.

    Raises DatabaseUnusable when they cannot be known; then nothing may be destroyed.
    """

    def __init__(self, path: Path, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
        self._reader = Reader(path, busy_timeout_ms)

    def holds(self) -> list[Hold]:
        """All there ever were, oldest first."""
        return self._all(rows.holds)

    def restrictions(self) -> list[Restriction]:
        """Likewise."""
        return self._all(rows.restrictions)

    def protections(self) -> list[Protection]:
        """Holds and restrictions of one moment."""
        return self._all(rows.protections)

    def proposals(self) -> list[Proposal]:
        """Likewise, decided or not."""
        return self._all(rows.proposals)

    def changed(self) -> bool:
        """Whether anything was written since the last call; True at the first. Cheap."""
        try:
            return self._reader.changed()
        except DatabaseMissing:
            return False

    def close(self) -> None:
        self._reader.close()

    def _all(self, query: Callable[[Connection], list[T]]) -> list[T]:
        try:
            return self._reader.read(query)
        except DatabaseMissing:
            return []


def _one(connection: Connection, statement: Update, missing: str) -> None:
    if not connection.execute(statement).rowcount:
        raise NotInForce(missing)


def _decide(
    connection: Connection, proposal_id: str, decided_us: int, by: str | None, outcome: Outcome
) -> None:
    proposal = proposal_table.c
    decide = update(proposal_table).where(proposal.id == proposal_id, proposal.outcome.is_(None))
    decide = decide.values(
        decided_us=func.max(proposal.proposed_us, decided_us), decided_by=by, outcome=outcome.value
    )
    _one(connection, decide, "the proposal is decided already")
