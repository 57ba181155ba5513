"""The hashes of PINs that belong to the memberships, as the membership service reads them.

Here: finding one by the reference of a card. They are filled in with their set (``store.members``). Never
here: PINs, card numbers, or comparing anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import bindparam, func, select

from controller.store import engine as database
from controller.store.engine import DatabaseMissing
from controller.store.reader import Reader
from controller.store.schema import current_set, membership_set, pin_verifier

READER_WAITS_MS = 100
"""A member stands at the door."""

_FIND = database.sql(
    select(membership_set.c.pin_key_id, membership_set.c.as_of_us, pin_verifier.c.verifier)
    .select_from(
        current_set.join(membership_set, membership_set.c.id == current_set.c.set_id).outerjoin(
            pin_verifier,
            (pin_verifier.c.set_id == current_set.c.set_id)
            & (pin_verifier.c.member_ref == bindparam("member_ref")),
        )
    )
    .where(membership_set.c.pin_key_id.is_not(None))
)

_COUNT = database.sql(
    select(func.count()).select_from(
        current_set.join(pin_verifier, pin_verifier.c.set_id == current_set.c.set_id)
    )
)


@dataclass(frozen=True, slots=True)
class StoredPin:
    """key_id: of the key under which the set's PINs were hashed. as_of_us: when the library said so.

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
        return None if row is None else StoredPin(*row)

    def count(self) -> int:
        """How many cards have a PIN in the current set. Raises DatabaseUnusable."""
        try:
            row = self._reader.row(_COUNT, {})
        except DatabaseMissing:
            return 0
        return 0 if row is None else int(row[0])

    def close(self) -> None:
        self._reader.close()
