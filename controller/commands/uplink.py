"""``unlocked uplink``: run the link to the broker, or send events again."""

from __future__ import annotations

from pathlib import Path

import click

from controller.commands.common import SettingsUnusable, config_option, load_settings
from controller.settings.paths import JOURNALS


@click.group("uplink", invoke_without_command=True)
@config_option
@click.pass_context
def command(context: click.Context, config: Path) -> None:
    """Run the link to the MQTT broker until SIGTERM, unless a command is named."""
    if context.invoked_subcommand is not None:
        return
    from controller.devices import DeviceError
    from controller.secrets.credentials import SecretMissing
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.uplink.main import run

    try:
        run(load_settings(config))
    except SecretMissing as error:
        raise SettingsUnusable(str(error)) from error
    except (DatabaseUnusable, DeviceError, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error


@command.command(short_help="Send events again, from a number on.")
@config_option
@click.option(
    "--from",
    "from_seq",
    type=click.IntRange(min=1),
    required=True,
    metavar="SEQ",
    help="Number of the first event to send again.",
)
@click.option(
    "--journal",
    "services",
    type=click.Choice(JOURNALS),
    multiple=True,
    help="Whose events; may be given several times. All, if not given.",
)
def replay(config: Path, from_seq: int, services: tuple[str, ...]) -> None:
    """Send events again, from a number on, whether or not the uplink is running.

    Receivers know them by their ids. `unlocked log --json` shows the numbers. Restricted events are left
    out (unlocked restrict).
    """
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.settings.paths import Paths
    from controller.staff import hidden
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.journal_reader import JournalMissing, JournalReader
    from controller.store.position import Positions

    settings = load_settings(config)
    paths = Paths.of(settings)
    hidden.look_up(paths).check_known()
    try:
        journals = {}
        for service in services or JOURNALS:
            reader = JournalReader(paths.journal(service))
            try:
                journals[service] = reader.journal_id
            except JournalMissing as error:
                if services:
                    raise click.ClickException(f"{service} has no journal yet") from error
            finally:
                reader.close()
        with staff_journal(settings) as journal:
            for service in journals:
                journal.record(EventType.UPLINK_REPLAYED, "uplink", {"journal": service, "from": from_seq})
        positions = Positions.open(paths.positions)
        try:
            for service, journal_id in journals.items():
                positions.rewind(journal_id, from_seq - 1)
                click.echo(f"{service}: events from {from_seq} on will be sent again")
        finally:
            positions.close()
    except (DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error
