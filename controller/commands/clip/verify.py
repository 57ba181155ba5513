"""``unlocked clip verify``: is this export what was exported? Works on any machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.clip.words import seconds
from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.footage.export.comparing import Differs
    from controller.footage.export.manifest import Manifest
    from controller.footage.export.verify import FilmChecked, Verified
    from controller.secrets.minisign import PublicKey


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--public-key",
    "given",
    multiple=True,
    metavar="KEY",
    help="The key that the authority publishes, or a file of it; once for each if there are several.  "
    "[default: this branch's own]",
)
@click.option("--json", "as_json", is_flag=True, help="What was found, as JSON.")
@config_option
def verify_export(file: Path, given: tuple[str, ...], as_json: bool, config: Path) -> None:
    """Say whether the export FILE is what was exported, and if not, what was altered.

    Exits with 1 if anything was. FILE.json and FILE.json.minisig must be beside it.
    """
    from controller.footage.export.verify import verify

    try:
        found = verify(file, [_key(text) for text in given] or [_own_key(config)])
    except OSError as error:
        raise click.ClickException(f"{error.filename or file}: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps(_as_json(found), indent=1))
    else:
        for line in _lines(found):
            click.echo(_shown(line))
    if not found.intact:
        raise SystemExit(1)


def _key(text: str) -> PublicKey:
    from controller.secrets.minisign import BadKey, PublicKey

    try:
        file = Path(text)
        return PublicKey.of_file(file.read_text(encoding="utf-8") if file.is_file() else text)
    except (BadKey, OSError, ValueError) as error:
        raise click.BadParameter(f"{text}: {error}", param_hint="--public-key") from error


def _own_key(config: Path) -> PublicKey:
    from controller.secrets import credentials
    from controller.secrets.minisign_signing import SigningKey

    if not config.exists():
        raise click.UsageError("name the key that the authority publishes with --public-key")
    name = credentials.EXPORT_SIGNING_KEY
    try:
        secret = credentials.read(name, load_settings(config).branch.secrets_dir)
        return SigningKey.of(secret, name).public
    except credentials.SecretMissing as error:
        raise click.UsageError(f"{error}; or name the key with --public-key") from error


def _shown(line: str) -> str:
    """Names and words may be a stranger's: nothing of them moves the cursor or begins a line of its own."""
    return "".join(one if one.isprintable() else "?" for one in line)


def _lines(found: Verified) -> Iterator[str]:
    for fault in found.faults:
        yield f"{fault.fault.value.upper().replace('_', ' ')}: {fault.file}: {fault.why}"
    for checked in found.films:
        yield from _film_lines(checked, found)
    if (manifest := found.manifest) is not None:
        yield from _about(manifest, signed=found.signed)
    yield "INTACT: this is what was exported" if found.intact else "NOT INTACT"


def _film_lines(checked: FilmChecked, found: Verified) -> Iterator[str]:
    file = checked.file
    if checked.intact:
        yield f"{file}: every bit is as the manifest says"
    for differs in checked.differs:
        yield f"{file}: {_words(differs)}"
    if not found.signed and checked.signed:
        yield f"{file}: the signature itself vouches for this film, whatever became of the manifest"
    if file.name != checked.film.name:
        yield f"{file}: it was called {checked.film.name} when it was exported"


def _words(differs: Differs) -> str:
    from controller.footage.export.comparing import Difference

    where = ""
    if (part := differs.part) is not None:
        where = f"{_utc(differs.begins_us)} to {_utc(differs.ends_us)} (segment {part.segment})"
    match differs.what:
        case Difference.PICTURES_ALTERED:
            now = "" if differs.found == differs.expected else f", and there are {differs.found} now"
            return f"PICTURES ALTERED: {where}: {differs.expected} pictures{now}"
        case Difference.PICTURES_MISSING:
            return f"PICTURES MISSING: {where}: {differs.expected} pictures"
        case Difference.PICTURES_ADDED:
            whose = "of this film, shown again or moved here" if differs.again else "that were not exported"
            after = f"at {_utc(differs.begins_us)}, {seconds(differs.film_at_us)} into the film"
            return f"PICTURES ADDED: {after}: {differs.found} pictures {whose}"
        case Difference.TIMES_ALTERED:
            return "TIMES ALTERED: all pictures are as exported, but shown at other times"
        case Difference.FORM_ALTERED:
            return "FORM ALTERED: what tells a player how to decode the pictures was changed"
        case Difference.TRACKS_ADDED:
            return "TRACKS ADDED: the file holds more than one track of pictures: sound, text or others"
        case Difference.REST_ALTERED:
            return (
                "REST ALTERED: every picture is as exported and at its time; something else in the file "
                "was changed"
            )


def _about(manifest: Manifest, *, signed: bool) -> Iterator[str]:
    branch = manifest.branch
    said = "" if signed else "what follows is not signed: "
    yield (
        f"{said}camera {manifest.camera} of {branch.name} ({branch.authority}/{branch.branch}), "
        f"{_utc(manifest.asked_from)} to {_utc(manifest.asked_to)}"
    )
    yield (
        f"exported {_utc(manifest.exported_at)} by {manifest.exported_by} for {manifest.need}, "
        f"signed with {manifest.signed_with}"
    )
    for film in manifest.films:
        if film.pictures == "encoded_anew":
            yield f"{film.name}: encoded anew when it was exported, masks filled in: {len(film.masks)}"
        for part in film.parts:
            span = f"{_utc(part.shown_from)} to {_utc(part.shown_to)}"
            if not part.as_recorded:
                yield f"{film.name}: {span} was no longer as recorded when it was exported"
            if not part.clock.trusted:
                by_us = part.clock.corrected_by_us
                later = f"; the times were later corrected by {seconds(by_us)}" if by_us else ""
                yield f"{film.name}: {span}: the clock was not trusted when this was recorded{later}"
    for gap in manifest.gaps:
        span = f"{_utc(gap.begins)} to {_utc(gap.ends)}"
        yield f"never was in it: {span}, {gap.cause or 'cause not known'}"


def _utc(us: int) -> str:
    from controller.footage.export.manifest import utc

    return f"{utc(us)[:19].replace('T', ' ')} UTC"


def _as_json(found: Verified) -> dict[str, object]:
    return {
        "intact": found.intact,
        "signed": found.signed,
        "faults": [
            {"fault": fault.fault.value, "file": str(fault.file), "why": fault.why} for fault in found.faults
        ],
        "films": [
            {
                "file": str(checked.file),
                "intact": checked.intact,
                "differs": [_difference(differs) for differs in checked.differs],
            }
            for checked in found.films
        ],
        "manifest": json.loads(found.manifest.text()) if found.manifest else None,
    }


def _difference(differs: Differs) -> dict[str, object]:
    told = asdict(differs)
    told["part"] = differs.part.segment if differs.part else None
    told["what"] = differs.what.value
    return told
