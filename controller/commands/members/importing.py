"""``unlocked members import``: replace the memberships by those in a file, or change them by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from controller.commands.common import config_option, load_settings
from controller.commands.progress import progress

if TYPE_CHECKING:
    from rich.progress import Progress

    from controller.membership.feed.importer import Imported
    from controller.membership.feed.name import FeedName
    from controller.secrets.credentials import Secret
    from controller.settings.model import Settings


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True))
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help="When the library management system said so (UTC). Unset: what FILE's name says, or else when FILE"
    " was last changed.",
)
@click.option("--shrink", is_flag=True, help="Import it though more than half of all members would be gone.")
@click.option("--older", is_flag=True, help="Import it though the memberships there are are newer.")
@click.option("--shred", is_flag=True, help="Overwrite and remove FILE once it is imported.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def import_(
    file: Path, as_of: datetime | None, shrink: bool, older: bool, shred: bool, as_json: bool, config: Path
) -> None:
    """Replace the memberships by those in FILE, which is CSV or, if its name ends in .jsonl, JSON Lines.

    Columns: card_number, status (active or suspended), induction (the day, empty if it was not done),
    granted_from (the first day of the entitlement, empty if there is none), expires and, if wanted,
    granted_until, category, adult_on (the day of the minimum age) and guardian (yes or no). Days are written
    YYYY-MM-DD. Names, addresses and the like are dropped. A row that is wrong refuses the whole file, and the
    memberships stay as they were. FILE holds card numbers and is yours to delete: --shred does it, once it
    is imported.

    FILE may be named as in a feed: members-full-20261122T060000Z.csv, or, with changes to the memberships
    there are, members-delta-20261122T060000Z-20261122T070000Z.csv. docs/feeds.md has the formats. With
    feed.public_key set, FILE.minisig must be FILE's signature.

    With pin.offline = true also pin, empty for a member without one; only a slow hash of it is kept. That
    takes minutes for thousands of members. Otherwise the column is dropped like the others.
    """
    from controller.membership.feed.refusal import BadFile
    from controller.secrets.credentials import SecretMissing
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.members_owner import ImportUnderway

    settings = load_settings(config)
    as_of_us = int(as_of.replace(tzinfo=UTC).timestamp()) * 1_000_000 if as_of else None
    try:
        imported = _import(settings, file, as_of_us, shrink=shrink, older=older)
    except BadFile as error:
        raise click.ClickException(f"{file}: {error.with_remedy()}; nothing was imported") from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}; nothing was imported") from error
    except (DatabaseUnusable, ImportUnderway, JournalUnavailable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(imported.data() | {"dropped": dict(imported.dropped)}))
    else:
        _tell(settings, imported)
    if shred:
        _shred(settings, file)
    else:
        click.echo(
            f"{file} holds card numbers and is yours to delete; --shred does it the next time", err=True
        )


def _shred(settings: Settings, file: Path) -> None:
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.keeping import shredding
    from controller.store.journal import JournalUnavailable

    try:
        size = shredding.shred(file)
        with staff_journal(settings) as journal:
            journal.record(EventType.MEMBERSHIP_IMPORT_SHREDDED, "members", {"bytes": size})
    except shredding.NotShredded as error:
        raise click.ClickException(
            f"the memberships are imported, but {file} was not removed: {error}"
        ) from error
    except JournalUnavailable as error:
        raise click.ClickException(f"{file} is removed, but that was not journalled: {error}") from error
    click.echo(f"{file} is overwritten and removed", err=True)


def _tell(settings: Settings, imported: Imported) -> None:
    from controller.commands import when

    members, counts, dropped = imported.members, imported.counts, imported.dropped
    as_of = when.shown(members.as_of_us, when.zone(settings))
    if imported.is_delta:
        click.echo(f"{counts.put} memberships put, {counts.removed} removed")
        click.echo(f"{members.count} memberships, as of {as_of}")
    else:
        click.echo(f"{members.count} memberships imported, as of {as_of}")
    if counts.with_pin:
        click.echo(f"{counts.with_pin} of them with a PIN")
    if dropped:
        click.echo(f"{len(dropped)} columns dropped, with {dropped.total()} values: {', '.join(dropped)}")
    if settings.access.minimum_age and counts.without_age:
        words = "have no adult_on: with access.minimum_age they count as under it"
        click.echo(f"{counts.without_age} of them {words}", err=True)
    if counts.weak_check_digits:
        click.echo(f"{counts.weak_check_digits} card numbers with a wrong check digit")


def _import(settings: Settings, file: Path, as_of_us: int | None, *, shrink: bool, older: bool) -> Imported:
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.membership.feed import importer, snapshot
    from controller.secrets import credentials
    from controller.settings.paths import Paths
    from controller.settings.rules import card_rules
    from controller.store.members_owner import MembersOwner

    paths = Paths.of(settings)

    def secret(name: str) -> Secret:
        return credentials.read(name, paths.secrets)

    key, pins = secret(credentials.SITE_KEY), importer.Pins.of(settings.pin, secret)
    with ExitStack() as closing:
        journal = closing.enter_context(staff_journal(settings))
        owner = MembersOwner.open(paths.members)
        closing.callback(owner.close)
        opened = closing.enter_context(file.open("rb"))
        now_us = journal.now().wall_us
        name = _name(file, as_of_us, now_us)
        content = closing.enter_context(snapshot.taken(opened, paths.members.parent))
        _check_signature(settings, file, content)
        bars = closing.enter_context(_bars(file.stat().st_size))
        to = importer.Importer(owner, card_rules(settings.cards), key, pins)
        imported = to.bring_in(content, name, now_us, bars, shrink=shrink, older=older)
        journal.record(EventType.MEMBERSHIP_IMPORTED, "members", imported.data())
    return imported


def _name(file: Path, as_of_us: int | None, now_us: int) -> FeedName:
    """What the name says; where it says nothing, a full file from ``as_of_us``, never from the future."""
    from controller.membership.feed import name
    from controller.membership.feed.members_file import Format

    said = name.parse(file.name)
    if said is not None:
        if as_of_us not in (None, said.as_of_us):
            raise click.UsageError(f"--as-of: the name of {file.name} says when it was true")
        return said
    format = Format.JSON_LINES if file.suffix == f".{Format.JSON_LINES}" else Format.CSV
    if as_of_us is None:
        as_of_us = file.stat().st_mtime_ns // 1000
    return name.FeedName(file.name, format, None, min(as_of_us, now_us))


def _check_signature(settings: Settings, file: Path, content: BinaryIO) -> None:
    from controller.membership.feed import name, signed
    from controller.secrets import minisign

    if settings.feed is None or settings.feed.public_key is None:
        return
    key = minisign.PublicKey.parse(settings.feed.public_key)
    beside = file.with_name(file.name + name.SIGNATURE)
    signature = None
    if beside.exists():
        with beside.open("rb") as opened:
            signature = opened.read(minisign.LARGEST + 1)
    signed.check(content, file.name, signature, key, name_counts=name.parse(file.name) is not None)
    content.seek(0)


class _Bars:
    """How much of the file was read, how many memberships are filled in, and how many PINs are hashed."""

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
    with progress() as bars:
        yield _Bars(bars, size)
