"""``python -m benchmarks``: run them all, or those named, and print a row for each figure."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from benchmarks import (
    console,
    decision,
    disposal,
    health,
    journal,
    keeping,
    live,
    lookup,
    members,
    osdp,
    reconnects,
    recorder,
    swipe,
    wear,
)
from benchmarks.options import Options
from benchmarks.rows import Row

BENCHMARKS: dict[str, Callable[[Path, Options], Iterator[Row]]] = {
    "swipe": swipe.run,
    "osdp": osdp.run,
    "lookup": lookup.run,
    "members": members.run,
    "decision": decision.run,
    "live": live.run,
    "recorder": recorder.run,
    "keeping": keeping.run,
    "disposal": disposal.run,
    "journal": journal.run,
    "health": health.run,
    "reconnects": reconnects.run,
    "console": console.run,
    "wear": wear.run,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
@click.option("--members", "members_", default=1_000_000, show_default=True, help="Members of the branch.")
@click.option(
    "--swipes", default=2_000, show_default=True, help="Swipes a run; below 1,000 p99.9 is the worst."
)
@click.option("--seconds", default=120, show_default=True, help="How long the recorder is watched.")
@click.option(
    "--cameras",
    default=(1, 4, 8),
    show_default=True,
    multiple=True,
    help="How many cameras the recorder has; give it several times for several runs.",
)
@click.option("--reconnects", default=200, show_default=True, help="How often a camera is lost.")
@click.option("--segments", default=345_600, show_default=True, help="Of footage: a month of eight cameras.")
@click.option("--events", default=1_000_000, show_default=True, help="Of a journal.")
@click.option(
    "--dir",
    "folder",
    default=Path(),
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the files go while it runs: the disk that is measured. [default: here]",
)
def main(
    names: tuple[str, ...],
    members_: int,
    swipes: int,
    seconds: int,
    cameras: tuple[int, ...],
    reconnects: int,
    segments: int,
    events: int,
    folder: Path,
) -> None:
    """Measure what ships. Aims that are missed are shown, and fail nothing."""
    options = Options(members_, swipes, seconds, cameras, reconnects, segments, events)
    for name in names or BENCHMARKS:
        work = Path(tempfile.mkdtemp(prefix=".benchmark-", dir=folder.resolve()))
        try:
            for row in BENCHMARKS[name](work, options):
                click.echo(row)
        finally:
            shutil.rmtree(work)


main()
