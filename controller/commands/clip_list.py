"""``unlocked clip list``: what there is to see of events."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.clip_words import seconds
from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.store.footage import Clip


@click.command("list", short_help="List the clips, the oldest first.")
@config_option
@click.option("--camera", help="Only this camera's.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each clip.")
def list_clips(config: Path, camera: str | None, as_json: bool) -> None:
    """List the clips, the oldest first: id, start, length, camera, event."""
    from controller.commands import when
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.footage import FootageReader

    settings = load_settings(config)
    try:
        with closing(FootageReader(Paths.of(settings).footage)) as reader:
            clips = reader.clips(camera)
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    if not clips:
        click.echo("there are no clips", err=True)
    elif not as_json:
        click.echo(f"{'clip':<36}  {'start':<19}  {'length':<7}  camera  event")
    for clip in clips:
        click.echo(_as_json(clip) if as_json else _columns(clip, when.zone(settings)))


def _columns(clip: Clip, local: tzinfo) -> str:
    from controller.commands import when

    start, length = when.shown(clip.start_us, local), seconds(clip.end_us - clip.start_us)
    return f"{clip.id}  {start}  {length}  {clip.camera}  {clip.event_id}"


def _as_json(clip: Clip) -> str:
    return json.dumps(
        {
            "id": clip.id,
            "camera": clip.camera,
            "start_us": clip.start_us,
            "end_us": clip.end_us,
            "event": clip.event_id,
        }
    )
