"""``unlocked journal verify``: prove that the journals are whole."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from controller.commands.common import config_option, load_settings
from controller.commands.journal import evidence, findings
from controller.commands.journal.recording import record

if TYPE_CHECKING:
    from controller.core.journal_head import JournalHead
    from controller.core.proof import Known
    from controller.secrets.signed_note import VerifierKey
    from controller.settings.model import Settings
    from controller.store.verification import Heads, Verification

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
    given = _Given(keys, evidence.read_heads(heads_files, keys), policy_files, registers_file)
    results: dict[str, Verification] = {}
    whole = True
    with ExitStack() as closing:
        known = given.known(settings, closing)
        for name, path in _journals(settings, file):
            found = _examined(name, path, given.heads(name if settings else ""), known)
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


@dataclass(frozen=True, slots=True)
class _Given:
    """What is compared with."""

    keys: Sequence[VerifierKey]
    witnessed: Sequence[JournalHead]
    policy_files: tuple[Path, ...]
    registers_file: Path | None

    def heads(self, service: str) -> Heads:
        """For the journal of this service at the branch; empty for a file by itself."""
        from controller.store.verification import Heads

        return Heads(self.witnessed, self._own_head, service)

    def _own_head(self, note: str) -> tuple[JournalHead, bool]:
        from controller.secrets.signed_note import BadSignature, Note
        from controller.store.verification import unchecked

        try:
            head = evidence.signed_head(Note.parse(note.encode()), self.keys)
        except BadSignature as error:
            raise ValueError(str(error)) from error
        return unchecked(note) if head is None else (head, True)

    def known(self, settings: Settings | None, closing: ExitStack) -> Known:
        from controller.core.proof import Known
        from controller.settings.paths import Paths

        if settings is None:
            registers = evidence.read_registers(self.registers_file) if self.registers_file else None
            return Known(evidence.read_policies(self.policy_files), registers)
        profile = settings.policy.profile
        rules = evidence.read_policies(
            self.policy_files or ((profile,) if profile else ()),
            ZoneInfo(settings.branch.timezone),
            settings.footage.retention_days,
        )
        paths = Paths.of(settings)
        registers = evidence.read_registers(self.registers_file or paths.registers)
        return Known(rules, registers, evidence.present_at(paths, closing))


def _journals(settings: Settings | None, file: Path | None) -> Iterator[tuple[str, Path]]:
    """Each with its name."""
    from controller.settings.paths import JOURNALS, Paths

    if file is not None:
        yield str(file), file
    elif settings is not None:
        for service in JOURNALS:
            yield service, Paths.of(settings).journal(service)


def _examined(name: str, path: Path, heads: Heads, known: Known) -> Verification | str | None:
    """What was found; None if there is no journal yet; why it cannot be read."""
    from controller.store import verify as checking
    from controller.store.engine import DatabaseMissing, DatabaseUnusable

    try:
        with _bar(name) as told:
            return checking.verify(path, told, heads=heads, known=known)
    except DatabaseMissing:
        return None
    except DatabaseUnusable as error:
        return str(error)


@contextmanager
def _bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """On standard error, and only if that is a terminal. Takes how many are checked, of how many."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
