"""``unlocked restore``: bring back what a backup has, and nothing that was destroyed since."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from controller.commands.backup.common import shown
from controller.commands.backup.verifying import FILE, identity_option, signer, signer_option
from controller.commands.common import config_option

if TYPE_CHECKING:
    from controller.backup.restoring.restoring import Restored
    from controller.core.event import Stamp


@click.command("restore")
@click.argument("file", type=FILE)
@identity_option
@signer_option
@click.option("--unsigned", is_flag=True, help="Without --public-key: whoever made FILE is believed.")
@click.option("--replace", is_flag=True, help="Go back also where a journal in place is whole and newer.")
@click.option(
    "--events",
    type=FILE,
    multiple=True,
    help="What a receiver of the branch's MQTT messages has stored, one a line: where the journal is lost.",
)
@click.option("--yes", is_flag=True, help="Do not ask whether the date is right.")
@config_option
def command(
    file: Path,
    identity: Path,
    public_key: Path | None,
    unsigned: bool,
    replace: bool,
    events: tuple[Path, ...],
    yes: bool,
    config: Path,
) -> None:
    """Restore FILE at this branch, with everything stopped.

    Journals that are missing, damaged or older than the backup are restored; one that is whole and newer
    stays. What was destroyed since the backup is destroyed again, holds that were placed since stay, and
    whatever is due by today goes, before anything is put where services read it. What was there is moved
    aside.

    Exits with 1 if something was not done, and says what.
    """
    from controller.backup.restoring.received import NotReceived
    from controller.backup.restoring.restoring import NotRestored, Wanted, restore
    from controller.backup.unpacking import BackupUnusable
    from controller.secrets.age_file import BadAgeKey
    from controller.secrets.credentials import Secret
    from controller.settings.toml_file import SettingsError
    from controller.staff.account import account
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    if public_key is None and not unsigned:
        raise click.UsageError(
            f"nobody can tell who made {file}: anybody can encrypt to the key of backups, and settings and "
            "keys of it would be written as root. Give --public-key, what `unlocked clip key` showed at the "
            "branch; or --unsigned, if this file was never in other hands"
        )
    now = _now(config)
    today = datetime.fromtimestamp(now.wall_us // 1_000_000, ZoneInfo("Europe/London"))
    if not yes:
        click.confirm(
            f"It is {today:%A %d %B %Y, %H:%M} by this machine's clock, and what is due by then will be "
            "destroyed. Is that right, and are the services to be restored?",
            abort=True,
        )
    try:
        wanted = Wanted(
            file,
            Secret(identity.read_text(encoding="utf-8")),
            config,
            now,
            replace=replace,
            public_key=signer(public_key),
            events=events,
            user=account().data,
            told=lambda what: click.echo(f"{what} …", err=True),
        )
        done = restore(wanted)
    except BadAgeKey as error:
        raise click.ClickException(f"{identity}: {error}") from error
    except (
        NotRestored,
        NotReceived,
        BackupUnusable,
        SettingsError,
        DatabaseUnusable,
        JournalUnavailable,
    ) as error:
        raise click.ClickException(str(error)) from error
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        name = getattr(error, "filename", None) or identity
        remedy = "; run it as root" if isinstance(error, PermissionError) else ""
        raise click.ClickException(f"{name}: {why}{remedy}") from error
    _tell(done)


def _tell(done: Restored) -> None:
    click.echo(f"From the backup of {shown(done.manifest.made_us)}:")
    for line in done.lines:
        click.echo(f"  {line}")
    for line in done.undone:
        click.echo(f"NOT DONE: {line}", err=True)
    click.echo(
        "Next: `unlocked secrets list` says which secrets are missing; `unlocked journal keys --make` makes "
        "the keys of the journals. Tell whoever keeps their heads: `unlocked journal verify --heads` says "
        "ROLLBACK from now on, and that a backup was put back. Memberships, blocked cards and accounts of "
        "the staff pages are in no backup: docs/backup.md."
    )
    if done.undone:
        raise SystemExit(1)


def _now(config: Path) -> Stamp:
    """By this machine's clock, if the system says that it is set, or the settings that it has a battery."""
    from controller.core.clock import ClockJudge
    from controller.service import stamp
    from controller.settings.load import load
    from controller.settings.toml_file import SettingsError
    from drivers.system_clock import SystemClock

    try:
        clock = load(config).clock
        battery, assumed = clock.battery_clock, clock.assume_trusted
    except SettingsError:
        battery, assumed = False, False
    judge = ClockJudge(battery_clock=battery, assume_trusted=assumed, last_trusted_wall_us=None)
    return stamp(SystemClock(), judge)
