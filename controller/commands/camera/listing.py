"""``unlocked camera list``: the cameras as they are set, and until when there is footage of each."""

from __future__ import annotations

import json
import time
from contextlib import closing
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.settings.recording import CameraSettings


@click.command("list", short_help="The cameras, and until when each was recorded.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each camera.")
@config_option
def list_cameras(config: Path, as_json: bool) -> None:
    """List the cameras as they are set, and until when there is footage of each.

    A file of footage counts once it is finished: a camera that is being recorded was recorded until a
    minute ago or so.
    """
    from controller.commands import when
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.footage import FootageReader

    settings = load_settings(config)
    try:
        with closing(FootageReader(Paths.of(settings).footage)) as footage:
            until = {camera.id: footage.last_end_us(camera.id) for camera in settings.cameras}
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    if not settings.cameras:
        click.echo("there are no cameras in the settings", err=True)
    elif as_json:
        for camera in settings.cameras:
            click.echo(json.dumps(_told(camera, until[camera.id])))
    else:
        local, now_us = when.zone(settings), time.time_ns() // 1000
        for camera in settings.cameras:
            click.echo("\n".join(_lines(camera, until[camera.id], local, now_us)))


def _told(camera: CameraSettings, until_us: int | None) -> dict[str, object]:
    return {
        "id": camera.id,
        "kind": camera.kind,
        "address": camera.url or camera.device,
        "mode": camera.mode,
        "by_hours": camera.by_hours.model_dump(exclude_none=True),
        "motion": camera.motion,
        "zones": len(camera.zones),
        "masks": len(camera.masks),
        "sub_stream": bool(camera.sub_url),
        "recorded_until_us": until_us,
    }


def _lines(camera: CameraSettings, until_us: int | None, local: tzinfo, now_us: int) -> tuple[str, ...]:
    """One below the other: an address alone may be as long as a terminal is wide."""
    from controller.commands import when

    until = "never recorded"
    if until_us is not None:
        ago = when.ago(max(0, now_us - until_us))
        until = f"recorded until {when.shown(until_us, local)} ({ago})"
    return (
        f"{camera.id}  {until}",
        f"  {camera.kind:<8} {camera.url or camera.device}".rstrip(),
        f"  mode     {_mode(camera)}",
        f"  motion   {_motion(camera)}",
    )


def _mode(camera: CameraSettings) -> str:
    by_hours = camera.by_hours.model_dump(exclude_none=True)
    return ", ".join([camera.mode, *(f"{hours} {mode}" for hours, mode in by_hours.items())])


def _motion(camera: CameraSettings) -> str:
    if not camera.motion:
        return "off"
    zones = len(camera.zones)
    where = "everywhere" if not zones else "1 zone" if zones == 1 else f"{zones} zones"
    return f"{where}, {'sub stream' if camera.sub_url else 'keyframes'}"
