"""Looking whether a branch can be decommissioned: services that run, what is held, how old footage is.

Never here: what follows from it (``core.decommission``), destroying.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import select

from controller.core.decommission import Situation
from controller.core.event import Stamp
from controller.core.protection import in_force
from controller.core.retention.footage import FootageRule
from controller.decommission import inventory
from controller.keeping.opening import known_holds
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.store.alone import in_use
from controller.store.engine import DatabaseMissing
from controller.store.footage import FootageReader
from controller.store.schema import segment as segment_table

Rows = list[tuple[str, int, bool]]
"""Of each segment its name, when it ended, and whether the clock was believed."""


def in_the_way(settings: Settings) -> list[Path]:
    """Databases that somebody has open: services that run, or commands. Raises DatabaseUnusable."""
    paths = Paths.of(settings)
    databases = [paths.journal(service) for service in JOURNALS]
    databases += [paths.members, paths.footage, paths.registers, paths.console, paths.positions]
    return [file for file in databases if in_use(file)]


def situation(settings: Settings, now: Stamp) -> Situation:
    """As it is now, with the services stopped. Raises DatabaseUnusable, OSError."""
    paths = Paths.of(settings)
    with ExitStack() as closers:
        known = known_holds(paths, closers)
        lost, protections = known.lost(), in_force(known.there(), now.wall_us)
    rows = _rows(paths.footage)
    folder = paths.footage_dir
    there = {str(file.relative_to(folder)): file for file in inventory.footage_files(folder)}
    named = {name for name, _, _ in rows}
    # What no row tells of, such as a file that a power cut left half-written, ended when it was last written.
    ended = [end_us for _, end_us, trusted in rows if trusted]
    ended += [file.stat().st_mtime_ns // 1000 for name, file in there.items() if name not in named]
    return Situation(
        now.clock_trusted,
        protections,
        lost,
        FootageRule(settings.footage.retention_days),
        max(ended, default=None),
        sum(not trusted for _, _, trusted in rows),
        len(named - there.keys()),
    )


def _rows(database: Path) -> Rows:
    segment = segment_table.c
    query = select(segment.name, segment.end_us, segment.clock_trusted)
    with closing(FootageReader(database)) as reader:
        try:
            return reader.read(
                lambda connection: [
                    (name, end_us, bool(trusted)) for name, end_us, trusted in connection.execute(query)
                ]
            )
        except DatabaseMissing:
            return []
