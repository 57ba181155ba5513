"""``unlocked journal heads``: the signed heads that the journals themselves have kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.settings.model import Settings


@click.command("heads")
@click.option("--service", help="Only of this service's journal.")
@click.option("--all", "every", is_flag=True, help="All that are kept, not the newest of each journal alone.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each head.")
@config_option
def heads(service: str | None, every: bool, as_json: bool, config: Path) -> None:
    """Print signed heads of the journals, as a file that `unlocked journal verify --heads` reads.

    Keep them where nobody at the branch can change them: they show later that a journal still has this past.
    Exits with 1 if there is none.
    """
    from controller.settings.paths import JOURNALS

    settings = load_settings(config)
    if service is not None and service not in JOURNALS:
        raise click.BadParameter(f"there is no such journal; take one of {', '.join(JOURNALS)}")
    printed = 0
    for name in (service,) if service else JOURNALS:
        notes = _notes(settings, name)
        for note in notes if every else notes[-1:]:
            click.echo(_as_json(name, note) if as_json else note)
            printed += 1
    if not printed:
        click.echo(
            "no journal has a signed head: `sudo unlocked journal keys --make` makes the keys", err=True
        )
        raise SystemExit(1)


def _notes(settings: Settings, service: str) -> list[str]:
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseMissing, DatabaseUnusable
    from controller.store.signed_heads import SignedHeadsReader

    reader = SignedHeadsReader(Paths.of(settings).journal(service))
    try:
        return reader.all()
    except DatabaseMissing:
        return []
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    finally:
        reader.close()


def _as_json(service: str, note: str) -> str:
    from controller.store.verification import unchecked

    head, _ = unchecked(note)
    said = {"service": service, "journal": head.journal_id, "seq": head.seq, "head": head.head.hex()}
    return json.dumps({**said, "wall_us": head.wall_us, "clock_trusted": head.clock_trusted, "note": note})
