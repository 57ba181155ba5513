"""``unlocked journal verify``: prove that the journals are whole."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.journal import evidence, findings
from controller.commands.journal.examining import Given, examined, journals
from controller.commands.journal.recording import record

if TYPE_CHECKING:
    from controller.store.verification import Verification

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("verify")
@click.option(
    "--heads", "heads_files", type=FILE, multiple=True, help="Signed heads that a witness has kept."
)
@click.option(
    "--keys",
    "keys_files",
    type=FILE,
    multiple=True,
    help="The keys that signed them, as `unlocked journal keys` prints. [default: the branch's own]",
)
@click.option("--journal", "file", type=FILE, help="Only this file; no settings are read.")
@click.option(
    "--policy",
    "policy_files",
    type=FILE,
    multiple=True,
    help="A profile under which something was destroyed. [default: the branch's present one]",
)
@click.option("--registers", "registers_file", type=FILE, help="Of holds. [default: the branch's]")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each journal.")
@config_option
def verify(
    heads_files: tuple[Path, ...],
    keys_files: tuple[Path, ...],
    file: Path | None,
    policy_files: tuple[Path, ...],
    registers_file: Path | None,
    as_json: bool,
    config: Path,
) -> None:
    """Check every journal, event by event.

    Each is OK, or exactly one of these, at the first event that shows it: altered, unexplained gap,
    unexplained erasure, premature, held, fork, rollback. What cannot be excluded is said. At a branch, the
    run is recorded in the console's journal where that may be written.

    Exits with 0 if all are OK, with 1 if one is not or cannot be read, and with 2 if what is to be compared
    with cannot be used.
    """
    settings = None if file else load_settings(config)
    keys = evidence.read_keys(keys_files)
    if settings and not keys_files:
        keys = evidence.own_keys(settings)
    if heads_files and not keys:
        raise evidence.EvidenceUnusable(
            "no key to believe the heads by: give what `unlocked journal keys` prints at the branch (--keys)"
        )
    branches = evidence.branches(settings, evidence.own_keys(settings)) if settings else frozenset()
    given = Given(keys, evidence.read_heads(heads_files, keys), policy_files, registers_file, branches)
    results: dict[str, Verification] = {}
    whole = True
    with ExitStack() as closing:
        known = given.known(settings, closing)
        for name, path in journals(settings, file):
            found = examined(name, path, given.heads(name if settings else ""), known)
            if isinstance(found, str):
                said = findings.unreadable_as_json if as_json else findings.unreadable_in_words
                click.echo(said(name, found))
                whole = False
                continue
            click.echo((findings.as_json if as_json else findings.in_words)(name, found))
            if found is not None:
                results[name] = found
                whole = whole and found.ok
    if settings:
        record(settings, results, len(given.witnessed))
    if not whole:
        raise SystemExit(1)
