"""``unlocked clip``: what there is to see of events, and a clip as a file.

An export is journalled before anybody has the file, with the need it was made for.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.recorder.clips.export import Exported
    from controller.settings.model import Settings
    from controller.store.footage import Clip

NEED = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{1,39}")


@click.group()
def command() -> None:
    """List and export clips."""


@command.command("list", short_help="List the clips, the oldest first.")
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

    start, length = when.shown(clip.start_us, local), _seconds(clip.end_us - clip.start_us)
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


def _need(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not NEED.fullmatch(value):
        raise click.BadParameter("a reference such as INC-2026-014, without spaces; no names")
    return value


@command.command("export")
@config_option
@click.option(
    "--need",
    required=True,
    callback=_need,
    help="Reference of the need that was raised, such as INC-2026-014.",
)
@click.argument("clip_id", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
def export_clip(config: Path, need: str, clip_id: str, file: Path) -> None:
    """Write the clip ID (or the beginning of it) to FILE, an MP4. The export is journalled."""
    from controller.recorder.clips.export import ExportError, export
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.footage import FootageReader
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    paths = Paths.of(settings)
    # Written beside FILE and renamed once the journal has it.
    hidden = file.with_name(f".{file.name}.part")
    try:
        if file.exists():
            raise click.ClickException(f"{file} exists already; choose another name")
        hidden.unlink(missing_ok=True)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    reader = FootageReader(paths.footage)
    try:
        clip = _find(reader.clips(), clip_id)
        segments = reader.segments(clip.camera, clip.start_us, clip.end_us)
        exported = export(clip, segments, paths.footage_dir, hidden)
        _journal(settings, clip, exported, need)
        hidden.rename(file)
    except (ExportError, DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror or error}") from error
    finally:
        hidden.unlink(missing_ok=True)
        reader.close()
    click.echo(
        f"{file}: {_seconds(exported.length_us)}, {exported.size_bytes} bytes, SHA-256 {exported.sha256}"
    )


def _find(clips: list[Clip], wanted: str) -> Clip:
    found = [clip for clip in clips if clip.id.startswith(wanted)]
    if len(found) != 1:
        some = "more than one clip" if found else "no clip"
        raise click.ClickException(f"there is {some} whose id begins with {wanted}; see unlocked clip list")
    return found[0]


def _journal(settings: Settings, clip: Clip, exported: Exported, need: str) -> None:
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType

    with staff_journal(settings) as journal:
        journal.record(
            EventType.CLIP_EXPORTED,
            clip.camera,
            {
                "clip": clip.id,
                "cause": clip.event_id,
                "need": need,
                "start_us": clip.start_us,
                "end_us": clip.end_us,
                "segments": exported.segments,
                "size_bytes": exported.size_bytes,
                "sha256": exported.sha256,
            },
        )


def _seconds(length_us: int) -> str:
    return f"{length_us / 1_000_000:.1f} s"
