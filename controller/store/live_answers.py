"""What the library management system said of single cards, kept beside the set that was imported.

Here: keeping an answer, or the hash of a PIN that was right; evicting a card that the system has no more; and
dropping what counts no longer. Which of an answer and the set counts is for ``members`` and ``pins`` to say,
by their times alone: nothing has to be done here for a newer set to count. Never here: card numbers
(references come in ready made), PINs, asking anybody, or anything about a card that was no member's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    TableClause,
    delete,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.sqlite import insert

from controller.core.membership import Membership
from controller.store import engine as database
from controller.store.dropping import Kept, May, always, gone
from controller.store.members import MembershipSet, current_set_of
from controller.store.owner import open_owner
from controller.store.schema import (
    current_set,
    live_answer,
    live_pin,
    membership,
    membership_set,
    pin_verifier,
)

WAITS_MS = 2_000
"""Nobody at the door waits while something is written here, so it waits behind the batches of an import that
fills a set in the same file: measured, for 0.7 s at most beside one of a million."""
NOT_YET_US = 3_600_000_000
"""What is said to be from so far in the future was kept by a clock that was wrong."""
DROP_BATCH = 1_000

_PARTS = (
    "status",
    "inducted_on",
    "granted_from",
    "granted_until",
    "expires",
    "category",
    "adult_on",
    "guardian",
)


class LiveAnswers:
    """For one thread at a time, which waits up to ``WAITS_MS`` for whoever else writes the file.

    What is kept last counts: keep answers in the order in which they were given. All methods raise
    DatabaseUnusable, and have then changed nothing; what they have done is durable when they return.
    """

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> LiveAnswers:
        return cls(path, open_owner(path, "members", busy_timeout_ms=WAITS_MS))

    def keep(self, member_ref: bytes, told: Membership, key_id: str) -> None:
        """The system has this card, and said ``told`` at ``told.as_of_us``. key_id: of the site key."""
        parts = {name: _written(getattr(told, name)) for name in _PARTS}
        with self._begun() as connection:
            _put(
                connection,
                live_answer,
                {"member_ref": member_ref, "known": 1, "as_of_us": told.as_of_us, "key_id": key_id, **parts},
            )

    def evict(self, member_ref: bytes, as_of_us: int) -> bool:
        """The system has no such card, it said then. Whether anything about it was kept until now.

        A membership counts no more from now on, in the current set or in an answer, and its PIN is deleted.
        Nothing is written about a card that has neither.
        """
        with self._begun() as connection:
            key_id = _known_under(connection, member_ref)
            if key_id is None:
                return False
            nothing = dict.fromkeys(_PARTS)
            _put(
                connection,
                live_answer,
                {"member_ref": member_ref, "known": 0, "as_of_us": as_of_us, "key_id": key_id, **nothing},
            )
            connection.execute(delete(live_pin).where(live_pin.c.member_ref == member_ref))
        return True

    def keep_pin(self, member_ref: bytes, verifier: str, pin_key_id: str, verified_us: int) -> None:
        """The system called this PIN right then. verifier: the hash of it, under the pin-key of this id."""
        with self._begun() as connection:
            _put(
                connection,
                live_pin,
                {
                    "member_ref": member_ref,
                    "verifier": verifier,
                    "pin_key_id": pin_key_id,
                    "verified_us": verified_us,
                },
            )

    def drop_pin(self, member_ref: bytes) -> bool:
        """Delete the hashes of this card's PIN, the one that was imported too; whether there was any."""
        sets = select(membership_set.c.id)
        imported = pin_verifier.c.set_id.in_(sets) & (pin_verifier.c.member_ref == member_ref)
        with self._begun() as connection:
            dropped = connection.execute(delete(live_pin).where(live_pin.c.member_ref == member_ref)).rowcount
            return dropped + connection.execute(delete(pin_verifier).where(imported)).rowcount > 0

    def tidy(
        self,
        now_us: int,
        *,
        max_age_us: int,
        pin_max_age_us: int,
        batch: int = DROP_BATCH,
        may: May = always,
    ) -> int:
        """Delete up to ``batch`` answers and PINs that count no more; returns how many. Call until 0.

        Those are: an answer that is older than the current set; one, or a PIN, that is too old, or from the
        future; the PIN of a card that is no member's now. An answer that is too old stays while the current
        set has something older to say of its card, which would count again. now_us: by a clock that can be
        believed. What was deleted is gone from the disk after the next checkpoint (``members_owner``).
        may: asked inside the transaction; where it says no, nothing goes.
        """
        with suppress(Kept), self._begun() as connection:
            now = current_set_of(connection)
            dropped = _drop(connection, live_answer, _answers_to_drop(now, now_us, max_age_us), batch)
            if dropped < batch:  # else not all answers that are left count
                pins = _pins_to_drop(now, now_us, pin_max_age_us)
                dropped += _drop(connection, live_pin, pins, batch - dropped)
            return gone(dropped, may)
        return 0

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        with database.translated(self._path), self._engine.begin() as connection:
            yield connection


def _written(part: object) -> str | int | None:
    match part:
        case None | int():
            return part if part is None else int(part)  # a flag is a number here
        case date():
            return part.isoformat()
        case _:
            return str(part)


def _put(connection: Connection, table: TableClause, row: Mapping[str, object]) -> None:
    """Instead of whatever was there about this card."""
    put = insert(table).values(**row)
    connection.execute(put.on_conflict_do_update(index_elements=["member_ref"], set_=dict(row)))


def _known_under(connection: Connection, member_ref: bytes) -> str | None:
    """The id of the site key under which a membership of this card is kept; None if there is none."""
    imported = (
        select(membership_set.c.key_id)
        .join(current_set, current_set.c.set_id == membership_set.c.id)
        .join(membership, membership.c.set_id == membership_set.c.id)
        .where(membership.c.member_ref == member_ref)
    )
    live = select(live_answer.c.key_id).where(
        live_answer.c.member_ref == member_ref, live_answer.c.known == 1
    )
    key_id: str | None = connection.scalar(union_all(live, imported).limit(1))
    return key_id


def _drop(connection: Connection, table: TableClause, which: ColumnElement[bool], batch: int) -> int:
    some = select(table.c.member_ref).where(which).limit(batch)
    return connection.execute(delete(table).where(table.c.member_ref.in_(some))).rowcount


def _answers_to_drop(current: MembershipSet | None, now_us: int, max_age_us: int) -> ColumnElement[bool]:
    superseded = live_answer.c.as_of_us < (current.as_of_us if current else 0)
    too_old = (live_answer.c.as_of_us < now_us - max_age_us) & ~_in_set(live_answer, current)
    return or_(superseded, too_old, live_answer.c.as_of_us > now_us + NOT_YET_US)


def _pins_to_drop(current: MembershipSet | None, now_us: int, max_age_us: int) -> ColumnElement[bool]:
    """Where all answers that are kept count."""
    answer = live_answer.c.member_ref == live_pin.c.member_ref
    evicted = exists().where(answer, live_answer.c.known == 0)
    gone = evicted | ~(exists().where(answer) | _in_set(live_pin, current))
    newer_import = exists().where(
        pin_verifier.c.set_id == (current.id if current else None),
        pin_verifier.c.member_ref == live_pin.c.member_ref,
        membership_set.c.id == pin_verifier.c.set_id,
        func.coalesce(membership_set.c.pins_as_of_us, membership_set.c.as_of_us) > live_pin.c.verified_us,
    )
    too_old = live_pin.c.verified_us < now_us - max_age_us
    return or_(gone, newer_import, too_old, live_pin.c.verified_us > now_us + NOT_YET_US)


def _in_set(table: TableClause, current: MembershipSet | None) -> ColumnElement[bool]:
    """Whether the current set has something to say of the card of a row."""
    return exists().where(
        membership.c.set_id == (current.id if current else None),
        membership.c.member_ref == table.c.member_ref,
    )
