"""``unlocked check``: is this settings file right?"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from controller.commands.common import SettingsUnusable, load_settings

if TYPE_CHECKING:
    from controller.settings.model import Settings


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of settings files instead.")
def command(file: Path | None, schema: bool) -> None:
    """Check the settings in FILE. Exits with 2 and a line for each fault.

    Hints tell what is allowed and will probably be regretted.
    """
    if schema:
        from controller.settings.model import Settings

        click.echo(json.dumps(Settings.model_json_schema(), indent=2, sort_keys=True))
    elif file is None:
        raise click.UsageError("name the FILE to check, or ask for the --schema")
    else:
        settings = load_settings(file)
        from controller.commands.check.footage import footage_hints
        from controller.commands.check.keyframes import Keyframes
        from controller.commands.check.policy import policy_hints
        from controller.commands.check_zones import zone_hints
        from controller.settings.hints import hints

        keyframes = Keyframes(settings)
        if faults := [f"{file}: {fault}" for fault in keyframes.faults()]:
            raise SettingsUnusable("\n".join(faults))
        click.echo(f"{file}: right, for {settings.branch.name}")
        known = (
            *hints(settings, _today(settings)),
            *_keys_that_are_missing(settings),
            *keyframes.hints(),
            *zone_hints(settings),
            *footage_hints(settings, time.time_ns() // 1000),
            *policy_hints(settings),
        )
        for hint in known:
            click.echo(f"{file}: hint: {hint}")


def _today(settings: Settings) -> date:
    return datetime.now(ZoneInfo(settings.branch.timezone)).date()


def _keys_that_are_missing(settings: Settings) -> Iterator[str]:
    """Where the secrets can be seen at all: settings are also checked on other machines."""
    from controller.secrets import credentials

    folder = settings.branch.secrets_dir
    signing_key = folder / credentials.EXPORT_SIGNING_KEY
    if (
        settings.cameras
        and os.access(folder, os.X_OK)
        and not credentials.stored_as(signing_key.name, folder).exists()
    ):
        yield (
            f"cameras: there is no key to sign exports with, and without it there are none: {signing_key}; "
            "`unlocked init` makes it, or `unlocked clip key` at a branch that has its other keys"
        )
    for camera in settings.cameras:
        password = folder / credentials.camera_password(camera.id)
        if (
            camera.username
            and os.access(folder, os.X_OK)
            and not credentials.stored_as(password.name, folder).exists()
        ):
            yield (
                f"cameras[{camera.id}].username: there is no password to it: write it to {password}, a file "
                "that root alone can read, and hand it to the recorder (`unlocked secrets units`)"
            )
    for door, reader in settings.readers():
        key = folder / credentials.reader_key(door.id, reader.id)
        remedy = f"`unlocked reader pair --door {door.id} --reader {reader.id}` makes it"
        if (
            reader.needs_key
            and os.access(folder, os.X_OK)
            and not credentials.stored_as(key.name, folder).exists()
        ):
            yield (
                f"doors[{door.id}].readers[{reader.id}]: this OSDP reader has no key, and without it the "
                f"door does not start: {key}; {remedy}"
            )
