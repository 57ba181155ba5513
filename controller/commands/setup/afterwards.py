"""What can be tried once the settings are written, and how the branch looks then.

A picture is to look at people: it is made only where somebody at the terminal wants one, and journalled.
"""

from __future__ import annotations

import subprocess
from contextlib import closing
from pathlib import Path

import click

from controller.commands.secrets import SYSTEMD_RUNS
from controller.devices import DeviceLost
from controller.secrets.credentials import SecretMissing
from controller.settings.model import Settings

NEED = "set-up"
TARGET = "unlocked.target"
UNITS = tuple(Path(folder) / TARGET for folder in ("/etc/systemd/system", "/usr/lib/systemd/system"))


def try_the_rest(settings: Settings, config: Path) -> None:
    """Asks first. Whatever comes of it, the branch is set up."""
    for camera in settings.cameras:
        if click.confirm(f"Write one picture of camera {camera.id} to a file, to aim it", default=False):
            file = click.prompt("File", default=f"{camera.id}.png", value_proc=_picture_file)
            _picture(settings, camera.id, file)
    if settings.lms is not None and click.confirm("Try the library management system with test cards now"):
        from controller.commands.lms.probe import probe

        try:
            probe.main(["--config", str(config)], standalone_mode=False)
        except click.ClickException as error:
            error.show()
        except SystemExit:
            click.echo("It can be tried again at any time: `sudo unlocked lms probe`.")


def start(settings: Settings) -> bool:
    """Where systemd runs and knows the services, if they are wanted now. Whether they were started."""
    if not SYSTEMD_RUNS.exists() or not any(unit.exists() for unit in UNITS):
        return False
    if settings.cameras and settings.policy.profile is not None:
        click.echo("Cameras are recorded once the profile is accepted and the notice is published.")
    if not click.confirm("Start the branch now, and whenever the machine starts", default=True):
        return False
    for command in (("enable", TARGET), ("restart", TARGET)):
        ended = subprocess.run(("systemctl", *command), capture_output=True, text=True)
        if ended.returncode:
            click.echo(f"systemctl {' '.join(command)}: {ended.stderr.strip()}")
            return False
    click.echo("Started.")
    return True


def show_findings(config: Path) -> None:
    """What ``unlocked doctor`` says."""
    from controller.commands.doctor import lines
    from controller.doctor.context import Context
    from controller.doctor.examination import examine
    from drivers.system_clock import SystemClock

    with closing(Context(config, SystemClock().read())) as context:
        found = list(examine(context))
    click.echo("\nHow it looks now (`unlocked doctor` looks again):")
    for line in lines(found):
        click.echo(line)


def _picture_file(typed: str) -> Path:
    from controller.commands.camera.picture import SUFFIXES

    file = Path(typed).absolute()
    if file.suffix.lower() not in SUFFIXES:
        raise click.BadParameter(f"its name must end in {', '.join(SUFFIXES)}")
    return file


def _picture(settings: Settings, camera_id: str, file: Path) -> None:
    from controller.commands.setup.trying import camera as trying
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.staff.account import account
    from controller.store.journal import JournalUnavailable

    [camera] = (each for each in settings.cameras if each.id == camera_id)
    try:
        looked = trying.look(camera, settings.branch.secrets_dir)
        with staff_journal(settings) as journal:
            journal.record(EventType.CAMERA_PICTURE_TAKEN, camera_id, {"need": NEED, **account().data})
        trying.write(file, looked)
    except (DeviceLost, SecretMissing, JournalUnavailable) as error:
        click.echo(f"No picture: {error}")
    except OSError as error:
        click.echo(f"{file}: {error.strerror}")
    else:
        click.echo(f"{file}: written; remove it when the camera is aimed")
