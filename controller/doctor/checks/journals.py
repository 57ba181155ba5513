"""The databases: can each be read, is it whole, was one damaged, and do the journals' ends hang together?

Never here: proving a journal from its first event, which takes longer (`unlocked journal verify`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, select

from controller.core import chain
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok, unknown
from controller.settings.paths import JOURNALS, Paths
from controller.store.engine import DatabaseDamaged, DatabaseMissing, DatabaseUnusable, translated
from controller.store.reader import Reader
from controller.store.schema import chain as chain_table
from controller.store.signed_heads import SignedHeadsReader

PART = "journals"
LINKS = 1_000
"""So many of a journal's last links are compared with each other."""
RESTORE = (
    "stop its service, and copy the file away for whoever examines it; the service begins a new one at its "
    "start, and a backup brings back the rest (docs/backup.md)"
)


def look(context: Context) -> Iterator[Finding]:
    whole, closed = [], []
    for name, file in databases(context.paths):
        context.told(f"reading {file.name} of {name}")
        yield from _set_aside(name, file)
        short = name if file.name == "journal.db" else f"{name}/{file.name}"
        try:
            damage = _damage_of(context, file)
        except DatabaseMissing:
            continue
        except DatabaseDamaged as error:
            damage = str(error)
        except DatabaseUnusable as error:
            if context.machine.is_root:
                yield unknown(PART, str(error))
            closed.append(short)
            continue
        if damage:
            yield fault(PART, f"a database of {name} is damaged: {damage}", RESTORE)
        else:
            whole.append(short)
    if whole:
        yield ok(PART, f"undamaged: {', '.join(whole)}")
    elif not closed:
        yield hint(PART, f"there is none in {context.paths.state} yet", "start the services")
    if closed and not context.machine.is_root:
        yield unknown(PART, f"they may not be read: {', '.join(closed)}", "run it as root")
    yield from _signed(context)


def databases(paths: Paths) -> Iterator[tuple[str, Path]]:
    """Each with the service whose it is."""
    for service in JOURNALS:
        yield service, paths.journal(service)
    yield "membership", paths.members
    yield "recorder", paths.footage
    yield "console", paths.registers
    yield "console", paths.console
    yield "uplink", paths.positions


def _set_aside(name: str, file: Path) -> Iterator[Finding]:
    """A service that finds its database damaged moves it aside and begins anew."""
    for aside in sorted(file.parent.glob(f"{file.name}.damaged-*")):
        if not aside.name.endswith(("-wal", "-shm")):
            yield fault(
                PART,
                f"a database of {name} was damaged, and is kept as {aside}",
                "see disk and wear; keep a copy for whoever examines it, then remove it here",
            )


def _damage_of(context: Context, file: Path) -> str:
    """What is wrong with it; empty: nothing that can be seen. Raises DatabaseUnusable."""
    if file == context.paths.console:
        return _damage_of_console(file)
    reader = Reader(file)
    try:
        damage = reader.read(_damage)
        if damage == "ok" and file.name == "journal.db":
            damage = reader.read(_broken_link)
    finally:
        reader.close()
    return "" if damage == "ok" else f"{file}: {damage}"


def _damage_of_console(file: Path) -> str:
    """Django's database has no version of ours."""
    if not file.exists():
        raise DatabaseMissing(f"{file} is not there")
    # Beside its owner, or as it lies there: else root would make a log that the owner cannot write.
    has_log = file.with_name(f"{file.name}-wal").exists()
    uri = f"file:{quote(str(file))}?mode=ro{'' if has_log else '&immutable=1'}"
    with translated(file), closing(sqlite3.connect(uri, uri=True)) as connection:
        (damage,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    return "" if damage == "ok" else f"{file}: {damage}"


def _damage(connection: Connection) -> str:
    """The first line of SQLite's own look through the whole file."""
    return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()).splitlines()[0]


def _broken_link(connection: Connection) -> str:
    columns = chain_table.c
    query = select(columns.seq, columns.leaf, columns.head).order_by(columns.seq.desc()).limit(LINKS)
    rows = connection.execute(query).all()
    for newer, older in pairwise(rows):
        if chain.head(older.head, newer.leaf) != newer.head:
            return f"its chain breaks at event {newer.seq} (`unlocked journal verify` says more)"
    return "ok"


def _signed(context: Context) -> Iterator[Finding]:
    for service in JOURNALS:
        file = context.paths.journal(service)
        reader = SignedHeadsReader(file)
        try:
            if reader.newest() is None:
                yield hint(
                    PART,
                    f"nobody signs how far the journal of {service} goes",
                    "`unlocked journal keys --make`, then hand the key to the service (docs/journal.md)",
                )
        except DatabaseUnusable:
            continue  # told above, or there is none
        finally:
            reader.close()
