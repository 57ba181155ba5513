"""A service's journal: events in, numbered, chained and durable.

Here: writing. Never here: reading (``journal_reader``), checking (``verify``), or deciding what is worth
an event. A Journal is used by one thread at a time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Engine, func, insert, select

from controller.core import chain
from controller.core.event import Event, EventType, NewEvent, Stamp, event_id
from controller.store import engine as database
from controller.store.engine import DatabaseDamaged, DatabaseUnusable
from controller.store.journal_reader import last_known
from controller.store.journal_rows import Rows
from controller.store.owner import Synchronous, checkpoint, move_aside, open_owner
from controller.store.reserve import Reserve, written
from controller.store.schema import chain as chain_table
from controller.store.schema import event as event_table
from controller.store.schema import journal as journal_table
from controller.store.schema import sealed as sealed_table
from controller.store.signed_heads import SignedHeads, Signing

T = TypeVar("T")

_ID = select(journal_table.c.id)
_LAST_TRUSTED = (
    select(event_table.c.wall_us)
    .where(event_table.c.clock_trusted == 1)
    .order_by(event_table.c.wall_us.desc())
    .limit(1)
)
_LAST_LINK = database.sql(
    select(chain_table.c.seq, chain_table.c.head).where(
        chain_table.c.seq == select(func.max(chain_table.c.seq)).scalar_subquery()
    )
)
_ADD_LINK = database.sql(insert(chain_table))
_ADD_EVENT = database.sql(insert(event_table))
_ADD_BOX = database.sql(insert(sealed_table))


class JournalUnavailable(Exception):
    """The events are not durable: disk full, I/O error, damage, or locked for too long. Nothing was added."""


class Sealer(Protocol):
    """Closes a box that only the authority can open: ``controller.secrets.identity.Sealer``."""

    @property
    def key_id(self) -> str: ...

    def seal(self, plaintext: bytes, info: bytes) -> bytes: ...


def box_info(journal_id: str, seq: int, field: str) -> bytes:
    """What binds a sealed box to its place, so that it opens nowhere else (RFC 9180, ``info``)."""
    return f"{journal_id}|{seq}|{field}".encode()


class Journal:
    """See ``open``. journal_id: UUIDv7; a new one when a damaged journal was replaced. path: of the file.

    reserve: for what else is written beside it, on the same thread; the journal tells of its use.
    """

    def __init__(
        self,
        path: Path,
        engine: Engine,
        service: str,
        journal_id: str,
        seal: Sealer | None,
        reserve: Reserve | None,
        signing: Signing | None,
    ) -> None:
        self.journal_id = journal_id
        self.path = path
        self._service = service
        self.reserve = reserve
        self._engine = engine
        self._connection = engine.connect()  # kept: to fetch it anew costs as much as an insert
        self._driver = database.driver(self._connection)
        self._seal = seal
        self._heads = SignedHeads(self._driver, journal_id, signing) if signing else None

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        service: str,
        stamp: Stamp,
        seal: Sealer | None = None,
        reserve: Reserve | None = None,
        signing: Signing | None = None,
        synchronous: Synchronous = "FULL",
    ) -> Journal:
        """Open, or begin, the journal at ``path``. Raises JournalUnavailable.

        A damaged file is moved aside, and the new journal begins with journal.recovered, which names the
        last head that can still be read. stamp: now, for that event and a new journal's id.
        reserve: room for when the disk is full; the journal tells of its use by itself. signing: None where
        nobody signs its heads, or somebody else who writes here too.
        """

        def open_it() -> Journal:
            return cls._open(path, service, stamp, seal, reserve, signing, synchronous)

        try:
            try:
                return written(reserve, open_it)
            except DatabaseDamaged:
                lost = last_known(path)
                aside = move_aside(path)
                opened = written(reserve, open_it)
        except DatabaseUnusable as error:
            raise JournalUnavailable(str(error)) from error
        opened.append(
            [NewEvent(EventType.JOURNAL_RECOVERED, service, stamp, {"moved_to": aside.name, **lost})]
        )
        return opened

    @classmethod
    def _open(
        cls,
        path: Path,
        service: str,
        stamp: Stamp,
        seal: Sealer | None,
        reserve: Reserve | None,
        signing: Signing | None,
        synchronous: Synchronous,
    ) -> Journal:
        engine = open_owner(path, "journal", synchronous, check=True)
        try:
            with database.translated(path), engine.begin() as connection:
                journal_id = connection.scalar(_ID)
                if journal_id is None:
                    journal_id = event_id(stamp.wall_us, secrets.randbits(74))
                    connection.execute(insert(journal_table).values(one=1, id=journal_id, service=service))
        except DatabaseUnusable:
            engine.dispose()
            raise
        if reserve is not None:
            reserve.fill()
        return cls(path, engine, service, journal_id, seal, reserve, signing)

    def append(self, events: Sequence[NewEvent]) -> list[Event]:
        """Add the events, all or none; they are durable when it returns. Raises JournalUnavailable."""
        try:
            return written(self.reserve, lambda: self._append_all(events))
        except DatabaseUnusable as error:
            raise JournalUnavailable(str(error)) from error

    def destroy(self, act: Callable[[Rows], NewEvent]) -> Event:
        """Destroy rows together with the certificate of it: both or neither. Raises JournalUnavailable.

        act: is called inside the transaction, in which nobody else writes; it destroys, and returns the
        certificate. It may be called again. Where it raises, nothing was destroyed.
        """
        try:
            return written(self.reserve, lambda: self._append_all((), act))[0]
        except DatabaseUnusable as error:
            raise JournalUnavailable(str(error)) from error

    def read(self, query: Callable[[Rows], T]) -> T:
        """What its rows say now. Raises JournalUnavailable."""
        with _available(self.path):
            return query(Rows(self._driver))

    def _append_all(
        self, events: Sequence[NewEvent], act: Callable[[Rows], NewEvent] | None = None
    ) -> list[Event]:
        with database.translated(self.path), database.transaction(self._driver):
            if act is not None:
                events = [act(Rows(self._driver))]
            news = self._news(events)
            added = self._append([*news, *events])
        if self.reserve is not None:
            self.reserve.news.clear()
        return added[len(news) :]

    def _news(self, events: Sequence[NewEvent]) -> list[NewEvent]:
        """What became of the reserve, told by the first event that follows."""
        if self.reserve is None or not self.reserve.news or not events:
            return []
        used, kept = EventType.STORAGE_RESERVE_USED, EventType.STORAGE_RESERVE_KEPT
        return [
            NewEvent(used if given_up else kept, self._service, events[0].stamp)
            for given_up in self.reserve.news
        ]

    def _append(self, events: Sequence[NewEvent]) -> list[Event]:
        # From the chain, which is never deleted: max(seq) of the events restarts when all are disposed of.
        last = self._driver.execute(_LAST_LINK).fetchone()
        seq, head = last or (0, chain.first_head(self.journal_id))
        added: list[Event] = []
        links: list[dict[str, object]] = []
        boxes: list[dict[str, object]] = []
        for new in events:
            seq += 1
            event = Event(
                seq,
                event_id(new.stamp.wall_us, secrets.randbits(74)),
                new.type,
                new.stamp,
                new.subject,
                dict(new.data),
            )
            sealed = self._sealed(seq, new)
            leaf = chain.leaf(event, {field: box for field, (_, box) in sealed.items()})
            head = chain.head(head, leaf)
            added.append(event)
            links.append({"seq": seq, "leaf": leaf, "head": head})
            boxes += [
                {"seq": seq, "field": field, "key_id": key_id, "box": box}
                for field, (key_id, box) in sealed.items()
            ]
        self._driver.executemany(_ADD_LINK, links)
        self._driver.executemany(_ADD_EVENT, map(_row, added))
        self._driver.executemany(_ADD_BOX, boxes)
        return added

    def _sealed(self, seq: int, new: NewEvent) -> dict[str, tuple[str, bytes]]:
        if not new.private:
            return {}
        if self._seal is None:
            raise ValueError("this journal has no key to seal private fields with")
        return {
            field: (self._seal.key_id, self._seal.seal(plain, box_info(self.journal_id, seq, field)))
            for field, plain in new.private.items()
        }

    def last_trusted_wall_us(self) -> int | None:
        """The latest time of an event whose clock was trusted. Raises JournalUnavailable."""
        with _available(self.path), self._connection.begin():
            return self._connection.scalar(_LAST_TRUSTED)

    def checkpoint(self) -> bool:
        """Empty the write-ahead log, and fill the reserve; call when idle.

        False if a reader is in the way: try again later.
        """
        with _available(self.path):
            emptied = checkpoint(self._engine)
        if self.reserve is not None:
            self.reserve.fill()
        return emptied

    def sign_head(self, *, at_once: bool = False) -> bool:
        """Sign the head if that is due, see ``signed_heads``; whether it was. Raises JournalUnavailable.

        To be called after events were added and, for those that came since, now and then.
        """
        with _available(self.path):
            return self._heads is not None and self._heads.sign(at_once=at_once)

    def close(self) -> None:
        """Close, and with it empty the write-ahead log unless a reader is in the way."""
        with suppress(JournalUnavailable):  # the next start signs what is not signed now
            self.sign_head(at_once=True)
        self._connection.close()
        self._engine.dispose()


@contextmanager
def _available(path: Path) -> Iterator[None]:
    try:
        with database.translated(path):
            yield
    except DatabaseUnusable as error:
        raise JournalUnavailable(str(error)) from error


def _row(event: Event) -> dict[str, object]:
    return {
        "seq": event.seq,
        "id": event.id,
        "type": event.type.value,
        "wall_us": event.stamp.wall_us,
        "mono_us": event.stamp.mono_us,
        "boot_id": event.stamp.boot_id,
        "clock_trusted": int(event.stamp.clock_trusted),
        "subject": event.subject,
        "data": chain.canonical(dict(event.data)).decode(),
    }
