"""``unlocked clip export``: footage as files that may leave, with what proves what they are.

An export is journalled before anybody has the files, with the need it was made for and who made it.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, ExitStack, closing
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.clip.viewing import check_viewing, need_option
from controller.commands.clip.words import find, seconds, stretch
from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.footage.export.manifest import Corners, Manifest
    from controller.secrets.minisign_signing import SigningKey
    from controller.settings.model import Settings
    from controller.settings.paths import Paths
    from controller.staff.exports import Asked
    from controller.store.footage import Clip

USAGE = (
    "name the clip and the file, `unlocked clip export ID FILE`, or the file with a camera and a time: "
    "`unlocked clip export FILE --camera ID --from … --to …`"
)


@click.command("export", short_help="Write a clip, or what a camera saw from one time to another, to a file.")
@config_option
@need_option
@click.option("--camera", help="Instead of a clip: the camera,")
@click.option("--from", "begin", help='from this time, such as "2026-11-21 18:00" (local), 45m, 12h, 7d,')
@click.option("--to", "end", help="to this time.")
@click.option("--h264", is_flag=True, help="Encode anew in H.264, for a player that knows no H.265.")
@click.option("--damaged", is_flag=True, help="Also what is no longer as it was recorded.")
@click.argument("what", metavar="[ID] FILE", nargs=-1, required=True)
def export_clip(
    config: Path,
    need: str | None,
    camera: str | None,
    begin: str | None,
    end: str | None,
    h264: bool,
    damaged: bool,
    what: tuple[str, ...],
) -> None:
    """Write the clip ID (or the beginning of it) to FILE, an MP4, or what a camera saw in a time.

    FILE.json beside it says what each picture is, what is missing, who exported it and why; FILE.json.minisig
    is its signature. The export is journalled. The camera's masks are filled in where the camera sent none,
    for which the pictures are encoded anew.

    For staff with the role cctv whose training is in date ([[staff]] in branch.toml), with the need; who has
    not is journalled. Exits with 1 if you may not, or if an event in it is restricted; without a need with 2.
    """
    from controller.commands import when
    from controller.commands.staff_journal import staff_journal
    from controller.footage.export.exporting import ExportError, Wanted, export
    from controller.footage.export.signing import manifest_of, sign, signature_of
    from controller.footage.export.staging import Staging
    from controller.secrets import credentials
    from controller.secrets.minisign_signing import SigningKey
    from controller.settings.paths import Paths
    from controller.staff import exports, hidden
    from controller.staff.viewing import check_range
    from controller.store.engine import DatabaseUnusable
    from controller.store.footage import FootageReader
    from controller.store.journal import JournalUnavailable

    if len(what) != (2 if camera is None else 1) or (camera is None) == bool(begin or end):
        raise click.UsageError(USAGE)
    settings, file = load_settings(config), Path(what[-1])
    paths, name = Paths.of(settings), credentials.EXPORT_SIGNING_KEY
    try:
        key = SigningKey.of(credentials.read(name, paths.secrets), name)
        with (
            closing(FootageReader(paths.footage)) as footage,
            staff_journal(settings) as journal,
            Staging() as staging,
        ):
            who, need = check_viewing(settings, journal, config, need, "export")
            # Told before the work rather than after it.
            for there in (file, manifest_of(file), signature_of(manifest_of(file))):
                staging.free(there)
            if camera is None:
                asked = _clip(footage.clips(), what[0])
            else:
                asked = _range(settings, camera, begin, end, journal.now().wall_us)
            check_range(hidden.look_up(paths), footage, asked.camera, asked.begins_us, asked.ends_us)
            segments = footage.segments(asked.camera, asked.begins_us, asked.ends_us)
            masks = _masks(settings, asked.camera)
            wanted = Wanted(asked.begins_us, asked.ends_us, masks, encode=h264, damaged=damaged)
            with ExitStack() as encoding:
                if masks or h264:
                    encoding.enter_context(_turn(paths))
                exported = export(wanted, segments, paths.footage_dir, file, staging, _told)
            manifest = exports.described(settings, asked, exported, segments, who, need, journal.now(), key)
            sign(manifest, file, staging, key)
            exports.record(journal, asked, manifest, who)
            staging.publish()
    except (ExportError, DatabaseUnusable, JournalUnavailable, credentials.SecretMissing) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror or error}") from error
    _tell(manifest, file, key, when.zone(settings))


def _clip(clips: list[Clip], wanted: str) -> Asked:
    from controller.staff.exports import Asked

    clip = find(clips, wanted)
    return Asked(clip.camera, clip.start_us, clip.end_us, clip)


def _range(settings: Settings, camera: str, begin: str | None, end: str | None, now_us: int) -> Asked:
    from controller.commands import when
    from controller.staff.exports import Asked

    if begin is None or end is None:
        raise click.UsageError("--camera needs --from and --to")
    local = when.zone(settings)
    begins_us, ends_us = when.wall_us(begin, local, now_us), when.wall_us(end, local, now_us)
    if begins_us >= ends_us:
        raise click.BadParameter("the time ends before it starts: change --from or --to")
    return Asked(camera, begins_us, min(ends_us, now_us), None)


def _masks(settings: Settings, camera: str) -> tuple[Corners, ...]:
    from controller.staff.exports import masks_of

    found = masks_of(settings, camera)
    if found is None:
        click.echo(f"{camera} is not in the settings any more: if it had masks, none are filled in", err=True)
    return found or ()


def _turn(paths: Paths) -> AbstractContextManager[None]:
    from controller.footage.export.encoding_turn import encoding_turn

    return encoding_turn(
        paths.encoding_turn,
        lambda: click.echo("another film is being encoded; this one waits for it", err=True),
    )


def _told(done: int, of: int) -> None:
    """How far it is, on a terminal."""
    if of > 1 and sys.stderr.isatty():
        click.echo(f"\r{done} of {of} files of footage", err=True, nl=done == of)


def _tell(manifest: Manifest, file: Path, key: SigningKey, local: tzinfo) -> None:
    from controller.commands import when
    from controller.footage.export.signing import manifest_of

    for film in manifest.films:
        path = file.with_name(film.name)
        click.echo(f"{path}: {seconds(film.length_us)}, {film.size_bytes} bytes, SHA-256 {film.sha256}")
        if film.pictures == "encoded_anew":
            filled = f", masks filled in: {len(film.masks)}" if film.masks else ""
            click.echo(f"  encoded anew{filled}")
        for part in film.parts:
            if not part.as_recorded:
                click.echo(f"  NOT AS RECORDED from {when.shown(part.shown_from, local)}: {part.file}")
    event = manifest.event
    if event and event.film_at_us is not None:
        click.echo(f"  {event.type or 'the event'} is at {seconds(event.film_at_us)} of {event.film}")
    for gap in manifest.gaps:
        click.echo(f"missing: {stretch(gap.begins, gap.ends, local)}, {gap.cause or 'cause not known'}")
    text = manifest_of(file)
    click.echo(f"{text}: what is in it, signed; verify with `unlocked clip verify {file}`, or with")
    click.echo(f"  minisign -Vm {text} -P {key.public.text}")
