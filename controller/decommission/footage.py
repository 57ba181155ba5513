"""Destroying all footage of a branch that closes, a batch at a time, with the certificate of each.

As the recorder destroys what is due (``recorder.keeping.disposal``), without asking how old it is or who
holds it: that was asked before. A crash leaves a batch begun, which the next run completes first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from controller.core.certificate import DECOMMISSIONED
from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import Category
from controller.decommission import inventory
from controller.disk import sync_folder
from controller.settings.paths import Paths
from controller.store.footage import Footage, Segment
from controller.store.footage_rows import segment_of
from controller.store.journal import Journal
from controller.store.journal_rows import Rows
from controller.store.schema import segment as segment_table

BATCH = 100


def destroy(
    paths: Paths,
    journal: Journal,
    site: str,
    said: dict[str, JsonValue],
    now: Callable[[], Stamp],
    told: Callable[[int], None],
) -> None:
    """journal: the recorder's. said: in every certificate. told: how many more are gone.

    Raises JournalUnavailable, DatabaseUnusable and OSError; what is left then goes with the next call.
    """
    if paths.footage.exists():
        footage = Footage.open(paths.footage)
        try:
            for begun in journal.read(Rows.without_certificate):
                if begun.data.get("category") == Category.FOOTAGE.value:
                    told(_complete(paths.footage_dir, footage, journal, begun, now))
            while rows := _some(footage):
                data: dict[str, JsonValue] = {
                    "category": Category.FOOTAGE.value,
                    "basis": DECOMMISSIONED,
                    "count": len(rows),
                    "media": [row.id for row in rows],
                    **said,
                }
                (begun,) = journal.append([NewEvent(EventType.DISPOSAL_STARTED, site, now(), data)])
                told(_complete(paths.footage_dir, footage, journal, begun, now))
        finally:
            footage.close()
    # What has no row: begun files, and those that came before the rows were lost.
    for file in inventory.footage_files(paths.footage_dir):
        file.unlink()
        told(1)
    if paths.footage_dir.is_dir():
        for folder in (*(one for one in paths.footage_dir.iterdir() if one.is_dir()), paths.footage_dir):
            sync_folder(folder)


def _some(footage: Footage) -> list[Segment]:
    query = select(segment_table).order_by(segment_table.c.end_us, segment_table.c.id).limit(BATCH)
    return footage.transact(lambda connection: [segment_of(row) for row in connection.execute(query)])


def _complete(
    folder: Path, footage: Footage, journal: Journal, begun: Event, now: Callable[[], Stamp]
) -> int:
    """Of a batch, begun in this run or an earlier one: how many rows there still were."""
    media = begun.data.get("media")
    rows = footage.by_ids([str(one) for one in media] if isinstance(media, list) else [])
    for row in rows:
        (folder / row.name).unlink(missing_ok=True)
    for parent in {(folder / row.name).parent for row in rows}:
        if parent.is_dir():
            sync_folder(parent)
    footage.drop(rows)
    certificate: dict[str, JsonValue] = {**begun.data, "started": begun.id, "method": "unlink"}
    journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, begun.subject, now(), certificate)])
    return len(rows)
