"""The rows of the registers as values. For a query of ``Registers`` or its reader.

Never here: writing, and what follows from what is registered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, TableClause, select

from controller.core.hold import Category, Hold, Scope
from controller.core.proposal import Kind, Outcome, Proposal
from controller.core.protection import Protection
from controller.core.restriction import Ground, Means, Restriction
from controller.store.engine import DatabaseUnusable
from controller.store.schema import hold as hold_table
from controller.store.schema import hold_event as hold_event_table
from controller.store.schema import proposal as proposal_table
from controller.store.schema import restriction as restriction_table
from controller.store.schema import restriction_event as restriction_event_table


@contextmanager
def _understood() -> Iterator[None]:
    """An entry that cannot be understood could protect anything: then nothing is known of any."""
    try:
        yield
    except ValueError as error:
        raise DatabaseUnusable(
            f"registers.db: an entry cannot be understood: {error}; install the release that wrote it, or "
            "restore the register from a backup"
        ) from error


@_understood()
def holds(connection: Connection) -> list[Hold]:
    """All there ever were, oldest first."""
    events = _events(connection, hold_event_table)
    return [
        Hold(
            row.id,
            row.authority,
            row.reference,
            Scope(
                Category(row.category),
                row.site,
                row.device,
                row.start_us,
                row.end_us,
                frozenset(events[row.id]),
            ),
            row.placed_us,
            row.review_us,
            ended_us=row.ended_us,
            end_reason=row.end_reason,
            placed_by=row.placed_by,
            reviewed_us=row.reviewed_us,
            reviewed_by=row.reviewed_by,
            ended_by=row.ended_by,
            cooling_off_days=row.cooling_off_days,
        )
        for row in connection.execute(select(hold_table).order_by(hold_table.c.placed_us, hold_table.c.id))
    ]


def hold_values(hold: Hold) -> dict[str, object]:
    """A new hold's row; its events are rows of their own."""
    scope = hold.scope
    return {
        "id": hold.id,
        "authority": hold.authority,
        "reference": hold.reference,
        "category": scope.category.value,
        "site": scope.site,
        "device": scope.device,
        "start_us": scope.start_us,
        "end_us": scope.end_us,
        "placed_us": hold.placed_us,
        "placed_by": hold.placed_by,
        "review_us": hold.review_us,
        "reviewed_us": hold.reviewed_us,
        "reviewed_by": hold.reviewed_by,
        "ended_us": hold.ended_us,
        "ended_by": hold.ended_by,
        "end_reason": hold.end_reason,
        "cooling_off_days": hold.cooling_off_days,
    }


@_understood()
def restrictions(connection: Connection) -> list[Restriction]:
    """All there ever were, oldest first."""
    events = _events(connection, restriction_event_table)
    query = select(restriction_table).order_by(restriction_table.c.placed_us, restriction_table.c.id)
    return [
        Restriction(
            row.id,
            row.reference,
            Ground(row.ground),
            frozenset(events[row.id]),
            row.placed_us,
            row.placed_by,
            informed_us=row.informed_us,
            informed_by=row.informed_by,
            informed_how=None if row.informed_how is None else Means(row.informed_how),
            lifted_us=row.lifted_us,
            lifted_by=row.lifted_by,
            lift_reason=row.lift_reason,
        )
        for row in connection.execute(query)
    ]


def restriction_values(restriction: Restriction) -> dict[str, object]:
    """A new restriction's row; its events are rows of their own."""
    return {
        "id": restriction.id,
        "reference": restriction.reference,
        "ground": restriction.ground.value,
        "placed_us": restriction.placed_us,
        "placed_by": restriction.placed_by,
    }


def protections(connection: Connection) -> list[Protection]:
    """All holds and restrictions there ever were."""
    return [*holds(connection), *restrictions(connection)]


@_understood()
def proposals(connection: Connection) -> list[Proposal]:
    """All there ever were, oldest first."""
    query = select(proposal_table).order_by(proposal_table.c.proposed_us, proposal_table.c.id)
    return [
        Proposal(
            row.id,
            Kind(row.kind),
            row.about,
            row.reason,
            row.proposed_us,
            row.proposed_by,
            decided_us=row.decided_us,
            decided_by=row.decided_by,
            outcome=None if row.outcome is None else Outcome(row.outcome),
        )
        for row in connection.execute(query)
    ]


def _events(connection: Connection, table: TableClause) -> Mapping[str, set[str]]:
    """The events of each hold, or of each restriction."""
    found: dict[str, set[str]] = defaultdict(set)
    for owner_id, event_id in connection.execute(select(table)):
        found[owner_id].add(event_id)
    return found
