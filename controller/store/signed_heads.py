"""The heads that a journal's owner has signed, in a table of the journal: writing and reading them.

A head is signed once EVERY_EVENTS events, or EVERY_US microseconds and an event, have passed since the last.
Nobody waits for that: it is a transaction of its own, after the events are durable, and it waits for no disk.
A power cut may take the newest of them away, and no event. Never here: keys, and what a head says
(``core.journal_head``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, select

from controller.core.event import Stamp
from controller.store import engine as database
from controller.store.reader import Reader
from controller.store.schema import signed_head as table

EVERY_EVENTS = 64
EVERY_US = 60_000_000
KEPT = 128
"""Heads that are all kept. Of older ones the last of each day (UTC) is."""
_DAY_US = 86_400_000_000
_SINCE_VERSION = 2
"""Of the journal: those of earlier releases have no signed heads."""

_LAST_LINK = (
    "SELECT chain.seq, head, clock_trusted FROM chain LEFT JOIN event USING (seq) ORDER BY seq DESC LIMIT 1"
)
_LAST_SIGNED = "SELECT max(seq) FROM signed_head"
_ADD = "INSERT INTO signed_head (seq, wall_us, note) VALUES (?, ?, ?)"
_LEAVING = "SELECT seq, wall_us FROM signed_head ORDER BY seq DESC LIMIT 2 OFFSET ?"
_THIN = "DELETE FROM signed_head WHERE seq = ?"


class HeadSigner(Protocol):
    """``controller.secrets.journal_key.JournalKey``."""

    def note(self, journal_id: str, seq: int, head: bytes, now: Stamp) -> str: ...


@dataclass(frozen=True, slots=True)
class Signing:
    """What a journal needs to sign its heads. now: believed as far as the last event believed its clock."""

    key: HeadSigner
    now: Callable[[], Stamp]


class SignedHeads:
    """For the journal, over its own connection and on its thread. It translates what SQLite raises."""

    def __init__(self, driver: sqlite3.Connection, journal_id: str, signing: Signing) -> None:
        self._driver = driver
        self._journal_id = journal_id
        self._signing = signing
        self._signed = driver.execute(_LAST_SIGNED).fetchone()[0] or 0
        self._signed_mono_us: int | None = None

    def sign(self, *, at_once: bool = False) -> bool:
        """Sign the last head if it is time to, or if it is not signed yet and ``at_once``; whether it was."""
        seq, head, trusted = self._driver.execute(_LAST_LINK).fetchone() or (0, b"", 0)
        if seq == self._signed:
            return False
        now = self._signing.now()
        if not (at_once or self._is_due(seq, now)):
            return False
        note = self._signing.key.note(self._journal_id, seq, head, replace(now, clock_trusted=bool(trusted)))
        with _without_waiting_for_the_disk(self._driver), database.transaction(self._driver):
            self._driver.execute(_ADD, (seq, now.wall_us, note))
            self._thin()
        self._signed, self._signed_mono_us = seq, now.mono_us
        return True

    def _is_due(self, seq: int, now: Stamp) -> bool:
        if self._signed_mono_us is None or seq - self._signed >= EVERY_EVENTS:
            return True
        return now.mono_us - self._signed_mono_us >= EVERY_US

    def _thin(self) -> None:
        """Each head that is added pushes one out of those that are all kept."""
        newer, leaving = (*self._driver.execute(_LEAVING, (KEPT - 1,)), None, None)[:2]
        if newer and leaving and newer[1] // _DAY_US == leaving[1] // _DAY_US:
            self._driver.execute(_THIN, (leaving[0],))


@contextmanager
def _without_waiting_for_the_disk(driver: sqlite3.Connection) -> Iterator[None]:
    """What is committed is durable with the next commit that is. The order of commits stays."""
    (before,) = driver.execute("PRAGMA synchronous").fetchone()
    driver.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA synchronous = {before}")


class SignedHeadsReader:
    """The signed heads of a journal as others read them, as notes.

    For one thread at a time. Raises JournalMissing and DatabaseUnusable, as JournalReader does.
    """

    def __init__(self, path: Path) -> None:
        self._reader = Reader(path)

    def all(self) -> list[str]:
        """Oldest first."""
        return self._reader.read(notes)

    def newest(self) -> str | None:
        return self._reader.read(lambda connection: next(iter(_read(connection, newest=True)), None))

    def changed(self) -> bool:
        """Whether anything was added to the journal since the last call; True at the first. Cheap."""
        return self._reader.changed()

    def close(self) -> None:
        self._reader.close()


def notes(connection: Connection) -> list[str]:
    """All there are, oldest first, of a journal that is open."""
    return _read(connection, newest=False)


def _read(connection: Connection, *, newest: bool) -> list[str]:
    if database.version(connection) < _SINCE_VERSION:
        return []
    query = select(table.c.note).order_by(table.c.seq.desc() if newest else table.c.seq)
    return list(connection.scalars(query.limit(1) if newest else query))
