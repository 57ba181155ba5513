"""``unlocked members import``: replace the memberships by those in a file."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from rich.progress import Progress

    from controller.core.membership import Membership
    from controller.membership.csv_file import MembersFile
    from controller.secrets.credentials import Secret
    from controller.secrets.pin import PinHasher
    from controller.settings.model import Settings
    from controller.store.members import MembershipSet

TOLD_EVERY = 1_000
"""Rows between two movements of the progress bar."""
HASHED_TOGETHER = 16
"""PINs between two movements of theirs."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True))
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help="When the library management system said so (UTC). Unset: when FILE was last changed.",
)
@config_option
def import_(file: Path, as_of: datetime | None, config: Path) -> None:
    """Replace the memberships by those in FILE, a CSV file.

    Columns: card_number, status (active or suspended), induction (the day, empty if it was not done),
    granted_from (the first day of the entitlement, empty if there is none), expires and, if wanted,
    granted_until, category, adult_on (the day of the minimum age) and guardian (yes or no). Days are written
    YYYY-MM-DD. Names, addresses and the like are dropped. A row that is wrong refuses the whole file, and the
    memberships stay as they were. Delete FILE afterwards: it holds card numbers.

    With pin.offline = true also pin, empty for a member without one; only a slow hash of it is kept. That
    takes minutes for thousands of members. Otherwise the column is dropped like the others.
    """
    from controller.commands import when
    from controller.membership.csv_file import BadFile
    from controller.secrets.credentials import SecretMissing
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.members_import import DuplicateMember
    from controller.store.members_owner import ImportUnderway

    settings = load_settings(config)
    as_of_us = int(as_of.replace(tzinfo=UTC).timestamp()) * 1_000_000 if as_of else None
    try:
        members_file, imported = _import(settings, file, as_of_us)
    except (BadFile, DuplicateMember) as error:
        raise click.ClickException(f"{file}: {error}; nothing was imported") from error
    except (DatabaseUnusable, ImportUnderway, JournalUnavailable, SecretMissing, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{imported.count} memberships imported, as of {when.shown(imported.as_of_us, when.zone(settings))}"
    )
    if members_file.with_pin:
        click.echo(f"{members_file.with_pin} of them with a PIN")
    if members_file.dropped:
        click.echo(f"{len(members_file.dropped)} columns dropped: {', '.join(members_file.dropped)}")
    if settings.access.minimum_age and members_file.without_age:
        words = "have no adult_on: with access.minimum_age they count as under it"
        click.echo(f"{members_file.without_age} of them {words}", err=True)
    if members_file.weak_check_digits:
        click.echo(f"{members_file.weak_check_digits} card numbers with a wrong check digit")


def _import(settings: Settings, file: Path, as_of_us: int | None) -> tuple[MembersFile, MembershipSet]:
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.membership.csv_file import MembersFile
    from controller.secrets import credentials, site_key
    from controller.secrets.pin import PinHasher
    from controller.settings.paths import Paths
    from controller.settings.rules import card_rules, pin_rules
    from controller.store.members_import import NewPins
    from controller.store.members_owner import MembersOwner

    paths = Paths.of(settings)
    key = credentials.read(credentials.SITE_KEY, paths.secrets)
    rules, pins, hasher = card_rules(settings.cards), None, None
    if settings.pin.offline:
        pins = pin_rules(settings.pin)
        hasher = PinHasher(credentials.read(credentials.PIN_KEY, paths.secrets))
    with (
        staff_journal(settings) as journal,
        file.open("rb") as raw,
        io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text,
        _bars(file.stat().st_size) as bars,
    ):
        if as_of_us is None:
            as_of_us = file.stat().st_mtime_ns // 1000
        as_of_us = min(as_of_us, journal.now().wall_us)
        members_file = MembersFile(text, rules, as_of_us, pins)
        new_pins = None
        if hasher is not None:
            new_pins = NewPins(hasher.key_id, _verifiers(members_file, key, hasher, bars))
        owner = MembersOwner.open(paths.members)
        try:
            imported = owner.import_set(
                _rows(members_file, key, lambda: bars.read(raw.tell())),
                as_of_us=as_of_us,
                key_id=site_key.key_id(key),
                progress=bars.filled,
                pins=new_pins,
            )
        finally:
            owner.close()
        journal.record(
            EventType.MEMBERSHIP_IMPORTED,
            "members",
            {
                "members": imported.count,
                "pins": members_file.with_pin,
                "as_of_us": as_of_us,
                "dropped_columns": len(members_file.dropped),
                "key_id": imported.key_id,
            },
        )
    return members_file, imported


def _rows(
    members_file: MembersFile, key: Secret, told: Callable[[], None]
) -> Iterator[tuple[int, bytes, Membership]]:
    from controller.secrets import site_key

    for number, row in enumerate(members_file.rows()):
        if number % TOLD_EVERY == 0:
            told()
        yield row.line, site_key.member_ref(key, row.card), row.membership


def _verifiers(
    members_file: MembersFile, key: Secret, hasher: PinHasher, bars: _Bars
) -> Iterator[tuple[bytes, str]]:
    """The hash of each PIN. The file is read a second time: by now it is known that nothing is wrong with it,
    and hashing is slow. All processors but one take part, so that one is left to the door.
    """
    from controller.secrets import site_key

    with_pin = ((row.card, row.pin) for row in members_file.again().rows() if row.pin is not None)
    done = 0
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1)) as pool:
        while some := list(islice(with_pin, HASHED_TOGETHER)):
            hashes = pool.map(hasher.hash, (pin for _, pin in some))
            for (card, _), verifier in zip(some, hashes, strict=True):
                yield site_key.member_ref(key, card), verifier
            done += len(some)
            bars.hashed(done, members_file.with_pin)


class _Bars:
    """How much of the file was read, how many of its rows are filled in, and how many PINs are hashed."""

    def __init__(self, progress: Progress, size: int) -> None:
        self._progress = progress
        self._reading = progress.add_task("reading", total=size)
        self._filling = progress.add_task("filling", total=None, visible=False)
        self._hashing = progress.add_task("hashing PINs", visible=False)

    def read(self, size: int) -> None:
        self._progress.update(self._reading, completed=size)

    def filled(self, rows: int) -> None:
        self._progress.update(self._reading, visible=False)
        self._progress.update(self._filling, visible=True, description=f"{rows} memberships filled in")

    def hashed(self, pins: int, of: int) -> None:
        self._progress.update(self._filling, visible=False)
        self._progress.update(self._hashing, visible=True, completed=pins, total=of)


@contextmanager
def _bars(size: int) -> Iterator[_Bars]:
    """On standard error, and only if that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        yield _Bars(progress, size)
