"""``unlocked decommission``: destroy what the branch keeps, and leave a certificate of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from controller.commands.common import config_option, load_settings
from controller.settings.staff import Role
from controller.staff import roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.progress import TaskID

    from controller.core.decommission import Blocker, Part, Situation
    from controller.core.event import Event, Stamp
    from controller.decommission.inventory import Found
    from controller.settings.model import Settings

MAY = frozenset({Role.DPO, Role.SUPERVISOR})
BLOCKED = 1


@click.command("decommission")
@click.option(
    "--certificate-to",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the certificate goes: a folder on another disk, such as a USB stick.",
)
@click.option(
    "--handed-over",
    "handed_over",
    metavar="ID=REFERENCE",
    multiple=True,
    help="What this hold or restriction protects (or `footage`: all of it) was handed over, by this receipt.",
)
@click.option("--confirm", metavar="NAME", help="The branch's name, instead of being asked for it.")
@click.option("--plan", is_flag=True, help="Only say what would be destroyed, and what stands in the way.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def command(
    folder: Path | None,
    handed_over: tuple[str, ...],
    confirm: str | None,
    plan: bool,
    as_json: bool,
    config: Path,
) -> None:
    """Destroy footage, memberships, sealed card numbers, accounts and keys of a branch that closes.

    The services have to be stopped, and the clock has to be right. Holds and restrictions that are in force,
    and footage that is not due, stand in the way until they were handed over to somebody who keeps the
    promise made for them. The journals stay, without card numbers. A certificate is written as JSON and as
    text, and signed before the keys go. What was interrupted goes on when the command is run again.

    Needs the role dpo or supervisor. Exits with 1 if something stands in the way or is left, with 2 if what
    was given cannot be used. docs/decommissioning.md has the steps before and after.
    """
    from controller.commands.decommission.words import tell_plan
    from controller.decommission import destroying, inventory, looking
    from controller.keeping.shredding import NotShredded
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    given = dict(map(_handed_over, handed_over))
    try:
        if not plan and (open_ones := looking.in_the_way(settings)):
            _stop_first(open_ones)
        now = _clock(settings)
        who = roles.check(settings, MAY, now(), config)
        begun, done = destroying.last_begun(settings)
        situation = looking.situation(settings, now())
        if begun and not done:  # what is missing of the footage, that run has removed
            given, situation = destroying.handed_over(begun) | given, replace(situation, missing=0)
        blocked = _blockers(situation, now(), given)
        found = inventory.look(settings)
        if plan or blocked:
            tell_plan(settings, found, blocked, now(), as_json=as_json)
            raise SystemExit(BLOCKED if blocked else 0)
        if done and inventory.nothing(found):
            click.echo("nothing is left to be destroyed; the certificate was made before", err=True)
            return
        target = _target(folder, settings)
        _confirm(settings, confirm, found, now(), goes_on=begun is not None and done is None)
        if begun is None or (done and not inventory.only_signs(found)):
            begun, done = destroying.begin(settings, found, given, who.data, now), None
        with _told() as told:
            if done is None:
                destroying.destroy(settings, begun, now, told)
                done = destroying.finish(settings, begun, who.data, now)
            files = _certify(settings, config, begun, done, target)
            destroying.destroy_signing_keys(settings, told)
        left = inventory.look(settings)
    except (DatabaseUnusable, JournalUnavailable, NotShredded) as error:
        raise click.ClickException(
            f"{error}; nothing more was destroyed: mend it, and run this again"
        ) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}; run this again") from error
    remaining = {part.value: one.things for part, one in left.items() if one.things or one.files}
    if as_json:
        click.echo(
            json.dumps({"id": begun.id, "certificate": [str(file) for file in files], "left": remaining})
        )
    else:
        click.echo(f"decommissioned; the certificate is {files[0]}, and for people {files[1]}")
        click.echo(
            f"the journals stay in {Paths.of(settings).state}: take them along, then destroy the media"
        )
    if remaining:
        raise click.ClickException(f"left all the same: {', '.join(remaining)}")


def _handed_over(text: str) -> tuple[str, str]:
    from controller.staff.needs import SHAPE, is_need

    id, _, reference = text.partition("=")
    if not id or not is_need(reference):
        raise click.UsageError(f"--handed-over {text}: write ID=REFERENCE, with {SHAPE}")
    return id, reference


def _stop_first(databases: list[Path]) -> NoReturn:
    names = ", ".join(str(file) for file in databases)
    raise click.ClickException(
        f"somebody has {names} open: stop the services (`sudo systemctl stop unlocked.target`), and end "
        "commands that read"
    )


def _clock(settings: Settings) -> Callable[[], Stamp]:
    """The time as the staff's journal judges it, without a journal: nothing of it may be open."""
    from controller.service import clock_judge, stamp
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseMissing
    from controller.store.journal_reader import JournalReader
    from drivers.system_clock import SystemClock

    with closing(JournalReader(Paths.of(settings).journal("console"))) as reader:
        try:
            last_us = reader.last_trusted_wall_us()
        except DatabaseMissing:
            last_us = None
    clock, judge = SystemClock(), clock_judge(settings.clock, last_us)
    return lambda: stamp(clock, judge)


def _blockers(situation: Situation, now: Stamp, given: Mapping[str, str]) -> list[Blocker]:
    from controller.core.decommission import blockers, unknown

    if wrong := unknown(situation, given):
        raise click.UsageError(
            f"--handed-over {wrong[0]}: nothing of this id is in force; `unlocked hold list` has them"
        )
    return blockers(situation, now.wall_us, given)


def _target(folder: Path | None, settings: Settings) -> Path:
    from controller.settings.paths import Paths

    paths = Paths.of(settings)
    if folder is None:
        raise click.UsageError("say where the certificate goes: --certificate-to FOLDER")
    for own in (paths.state, paths.run, paths.secrets, paths.footage_dir):
        if folder.resolve().is_relative_to(own.resolve()):
            raise click.UsageError(
                f"--certificate-to {folder}: it is inside {own}, which is cleared; name another"
            )
    return folder


def _confirm(
    settings: Settings, given: str | None, found: Mapping[Part, Found], now: Stamp, *, goes_on: bool
) -> None:
    """By the branch's name, typed: the wrong machine is not cleared by a habit of saying yes."""
    from controller.commands.decommission.words import tell_plan

    name = settings.branch.name
    if given is None:
        tell_plan(settings, found, [], now, as_json=False)
        if goes_on:
            click.echo("This goes on with a decommissioning that was begun before.")
        given = click.prompt("This cannot be undone. Type the branch's name to go on", err=True)
    if given != name:
        raise click.UsageError(f'the branch is called "{name}", not "{given}": nothing was destroyed')


@contextmanager
def _told() -> Iterator[Callable[[Part, int], None]]:
    from controller.commands.progress import progress
    from controller.decommission.certificate import CALLED

    with progress() as bars:
        tasks: dict[Part, TaskID] = {}

        def told(part: Part, count: int) -> None:
            if part not in tasks:
                tasks[part] = bars.add_task(CALLED[part], total=None)
            bars.advance(tasks[part], count)

        yield told


def _certify(settings: Settings, config: Path, begun: Event, done: Event, folder: Path) -> list[Path]:
    """Write the certificate, and its signature; durable on return. Raises OSError."""
    from controller.decommission import certificate
    from controller.disk import write_whole
    from controller.secrets import credentials
    from controller.secrets.minisign_signing import SigningKey

    name, key = credentials.EXPORT_SIGNING_KEY, None
    try:
        key = SigningKey.of(credentials.read(name, settings.branch.secrets_dir), name)
    except credentials.SecretMissing as error:
        click.echo(f"the certificate is not signed: {error}", err=True)
    files = certificate.documents(settings, config, begun, done, key)
    if key is None and any((folder / f"{file}.minisig").exists() for file in files):
        return [folder / file for file in files]  # it was made by a run that was interrupted after that
    for file, content in files.items():
        write_whole(folder / file, content)
    return [folder / file for file in files]
