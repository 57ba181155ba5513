"""``unlocked doctor``: what is wrong with this branch, and what to do about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option

if TYPE_CHECKING:
    from controller.doctor.bundle.contents import Content
    from controller.doctor.finding import Finding

WIDTH = 12


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="All findings as one JSON object.")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a support bundle without personal data to this file; lists what is in it, and asks first.",
)
@click.option("--yes", is_flag=True, help="With --bundle: do not ask.")
@config_option
def command(as_json: bool, bundle: Path | None, yes: bool, config: Path) -> None:
    """Look at every part of the branch, from the power supply to the backup, and say what is wrong.

    A line for each finding, with its remedy. Changes nothing, and works with services that do not run and
    settings that cannot be used. Exits with 1 if there is a fault. Run it as root: others may not look at all
    parts.
    """
    from controller.doctor.bundle.contents import contents
    from controller.doctor.context import Context
    from controller.doctor.examination import examine, has_faults
    from drivers.system_clock import SystemClock

    with _telling() as told, closing(Context(config, SystemClock().read(), told=told)) as context:
        found = list(examine(context))
        packed = contents(context, found) if bundle is not None else ()
    if as_json:
        click.echo(json.dumps(as_data(found)))
    else:
        for line in lines(found):
            click.echo(line)
    if bundle is not None:
        _write(bundle, packed, asked=not yes)
    if has_faults(found):
        raise SystemExit(1)


def _write(bundle: Path, packed: Sequence[Content], *, asked: bool) -> None:
    """Say what goes in, and write it if that is what is wanted. Standard output may be JSON: not there."""
    from controller.doctor.bundle.writing import write

    click.echo(f"\nA support bundle would be written to {bundle}:", err=True)
    for one in packed:
        click.echo(f"  {one.name:22} {len(one.text.encode()):>7} bytes  {one.what}", err=True)
    if asked and not click.confirm("Write it?", err=True):
        click.echo("nothing is written", err=True)
        return
    try:
        write(bundle, packed)
    except FileExistsError as error:
        raise click.ClickException(f"{bundle}: there is such a file already; name another") from error
    except OSError as error:
        raise click.ClickException(f"{bundle}: {error.strerror}") from error
    click.echo(f"{bundle} is written. Look at it before you send it: it is a zip of texts.", err=True)


def as_data(found: Sequence[Finding]) -> dict[str, object]:
    from controller.doctor.examination import has_faults

    return {"well": not has_faults(found), "findings": [asdict(one) for one in found]}


def lines(found: Sequence[Finding]) -> Iterator[str]:
    """A line each; below what is not well, its remedy."""
    from controller.assurance.words import many
    from controller.doctor.finding import State

    for one in found:
        state = click.style(
            f"{one.state.value:8}", fg=_colour(one.state.value), bold=one.state is State.FAULT
        )
        yield f"{state}{one.part:{WIDTH}} {one.what}"
        if one.remedy is not None:
            yield f"{'':{8 + WIDTH}} → {one.remedy}"
    count = {state: sum(one.state is state for one in found) for state in State}
    yield ""
    wrong = f"{many(count[State.FAULT], 'fault')}, {many(count[State.HINT], 'hint')}"
    yield f"{wrong}, {count[State.UNKNOWN]} not known, {count[State.OK]} in order"


def _colour(state: str) -> str:
    return {"ok": "green", "hint": "yellow", "fault": "red"}.get(state, "magenta")


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """Takes what is looked at next, for whoever waits at a terminal."""
    from rich.console import Console

    console = Console(stderr=True, quiet=not sys.stderr.isatty())
    with console.status("") as status:
        yield lambda what: status.update(what)
