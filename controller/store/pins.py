"""The hashes of PINs that belong to the memberships, as the membership service reads them.

Here: finding one by the reference of a card. Some were imported with a set (``members_owner``), some kept
when the library management system had called them right (``live_answers``); of two, the newer counts. Never
here: PINs, card numbers, or comparing anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import bindparam, func, literal_column, select, true

from controller.store import engine as database
from controller.store.engine import DatabaseMissing
from controller.store.reader import Reader
from controller.store.schema import current_set, live_pin, membership_set, pin_verifier

READER_WAITS_MS = 100
"""A member stands at the door."""

_ONE = select(literal_column("1")).subquery("one")
_FIND = database.sql(
    select(
        live_pin.c.pin_key_id,
        live_pin.c.verified_us,
        live_pin.c.verifier,
        membership_set.c.pin_key_id,
        func.coalesce(membership_set.c.pins_as_of_us, membership_set.c.as_of_us),
        pin_verifier.c.verifier,
    ).select_from(
        _ONE.outerjoin(live_pin, live_pin.c.member_ref == bindparam("member_ref"))
        .outerjoin(current_set, true())
        .outerjoin(
            membership_set,
            (membership_set.c.id == current_set.c.set_id) & membership_set.c.pin_key_id.is_not(None),
        )
        .outerjoin(
            pin_verifier,
            (pin_verifier.c.set_id == membership_set.c.id)
            & (pin_verifier.c.member_ref == bindparam("member_ref")),
        )
    )
)


@dataclass(frozen=True, slots=True)
class StoredPin:
    """key_id: of the key under which it was hashed. as_of_us: when the library said that it is right.

    verifier: the hash; None if the card has no PIN stored.
    """

    key_id: str
    as_of_us: int
    verifier: str | None = field(repr=False)


class StoredPins:
    """For one thread at a time; opening is lazy."""

    def __init__(self, path: Path) -> None:
        self._reader = Reader(path, READER_WAITS_MS)

    def find(self, member_ref: bytes) -> StoredPin | None:
        """What is stored for this card; None if there are no PINs at all. Raises DatabaseUnusable."""
        try:
            row = self._reader.row(_FIND, {"member_ref": member_ref})
        except DatabaseMissing:
            return None
        assert row is not None  # of outer joins of one row
        live = None if row[0] is None else StoredPin(*row[:3])
        imported = None if row[3] is None else StoredPin(*row[3:])
        if live is None or imported is None:
            return live or imported
        older = imported.verifier is not None and live.as_of_us < imported.as_of_us
        return imported if older else live

    def close(self) -> None:
        self._reader.close()
