"""``unlocked journal verify``: prove that the journals are whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.store.verification import Verification


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each journal.")
@config_option
def verify(as_json: bool, config: Path) -> None:
    """Check every journal, event by event. Exits with 1 if one is not whole."""
    from controller.settings.paths import JOURNALS, Paths
    from controller.store import verify as checking
    from controller.store.engine import DatabaseMissing, DatabaseUnusable
    from controller.store.verification import Verification

    paths = Paths.of(load_settings(config))
    whole = True
    for service in JOURNALS:
        try:
            with _bar(service) as told:
                found = checking.verify(paths.journal(service), told)
        except DatabaseMissing:
            click.echo(_as_json(service, None) if as_json else f"{service}: no journal yet")
        except DatabaseUnusable as error:
            unreadable = Verification(False, 0, 0, str(error))
            click.echo(_as_json(service, unreadable) if as_json else f"{service}: NOT READABLE: {error}")
            whole = False
        else:
            click.echo(_as_json(service, found) if as_json else f"{service}: {_in_words(found)}")
            whole = whole and found.ok
    if not whole:
        raise SystemExit(1)


def _in_words(found: Verification) -> str:
    counted = f"{found.events} events, {found.disposed} disposed of"
    return f"{counted}: whole" if found.ok else f"{counted}, then NOT WHOLE at {found.at_seq}: {found.fault}"


def _as_json(service: str, found: Verification | None) -> str:
    """found: None where there is no journal yet."""
    return json.dumps({"service": service, **(asdict(found) if found is not None else {"ok": None})})


@contextmanager
def _bar(service: str) -> Iterator[Callable[[int, int], None]]:
    """On standard error, and only if that is a terminal. Takes how many are checked, of how many."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(service, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
