"""``unlocked clip list``: what there is to see of events."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.clip.words import seconds
from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.footage.moments import Place
    from controller.settings.paths import Paths
    from controller.store.footage import Clip

SHORT = 8
"""Of an id, which the other commands take as well."""


@click.command("list", short_help="List the clips, the oldest first.")
@config_option
@click.option("--camera", help="Only this camera's.")
@click.option("--from", "start", help='Such as "2026-11-21 18:00" (local), 45m, 12h, 7d.')
@click.option("--to", "end", help="Likewise.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each clip, with whole ids.")
def list_clips(config: Path, camera: str | None, start: str | None, end: str | None, as_json: bool) -> None:
    """List the clips, the oldest first: the beginning of the id, start, length, camera, event.

    offset: how far into its file of footage the event is. `unlocked clip show` names the file, and the
    event by its whole id. Clips of restricted events are not listed, only counted.
    """
    from controller.commands import when
    from controller.footage.moments import place_of
    from controller.settings.paths import Paths
    from controller.staff import hidden
    from controller.store.engine import DatabaseUnusable
    from controller.store.footage import FootageReader

    settings = load_settings(config)
    paths = Paths.of(settings)
    local, now_us = when.zone(settings), time.time_ns() // 1000
    start_us = when.wall_us(start, local, now_us) if start else 0
    end_us = when.wall_us(end, local, now_us) if end else None
    try:
        restricted = hidden.look_up(paths)
        restricted.check_known()
        with closing(FootageReader(paths.footage)) as reader:
            found = reader.clips(camera, start_us, end_us)
            clips = [clip for clip in found if clip.event_id not in restricted.event_ids]
            places = [place_of(c.event_id, reader.segments(c.camera, c.start_us, c.end_us)) for c in clips]
        types = _types(paths, clips)
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    if left_out := len(found) - len(clips):
        click.echo(f"{left_out} clips are not shown: their events are restricted", err=True)
    if not found:
        click.echo("there are no clips" + (" of that time" if start or end else ""), err=True)
    elif clips and not as_json:
        click.echo(f"{'clip':<8}  {'start':<19}  {'length':<7}  {'camera':<12}  {'offset':<7}  event")
    for clip, place in zip(clips, places, strict=True):
        if as_json:
            click.echo(_as_json(clip, types, place))
        else:
            click.echo(_columns(clip, types, place, local))


def _types(paths: Paths, clips: Sequence[Clip]) -> Mapping[str, str]:
    """Of the clips' events, those that the journals still have."""
    from controller.recorder.clips.making import CAUSES
    from controller.staff.clips import JOURNALS
    from controller.store.journal_reader import JournalMissing, JournalReader

    wanted = {clip.event_id for clip in clips}
    found: dict[str, str] = {}
    for service in JOURNALS if wanted else ():
        with closing(JournalReader(paths.journal(service))) as journal:
            try:
                found |= {e.id: e.type.value for e in journal.since(0, CAUSES) if e.id in wanted}
            except JournalMissing:
                continue
    return found


def _columns(clip: Clip, types: Mapping[str, str], place: Place | None, local: tzinfo) -> str:
    from controller.commands import when

    start, length = when.shown(clip.start_us, local), seconds(clip.end_us - clip.start_us)
    offset = seconds(place.offset_us) if place else "-"
    event = types.get(clip.event_id, "no longer known")
    return f"{clip.id[:SHORT]}  {start}  {length:<7}  {clip.camera:<12}  {offset:<7}  {event}"


def _as_json(clip: Clip, types: Mapping[str, str], place: Place | None) -> str:
    return json.dumps(
        {
            "id": clip.id,
            "camera": clip.camera,
            "start_us": clip.start_us,
            "end_us": clip.end_us,
            "event": clip.event_id,
            "event_type": types.get(clip.event_id),
            "segment": place.segment.id if place else None,
            "offset_us": place.offset_us if place else None,
        }
    )
