"""``unlocked clip show``: what a clip is of, which files it is in, and whether they are as recorded.

Never here: pictures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.clip.viewing import check_viewing, need_option
from controller.commands.clip.words import find, seconds, stretch
from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.core.event import Event
    from controller.footage.export.manifest import ExplainedGap
    from controller.footage.moments import Place
    from controller.settings.model import Settings
    from controller.store.footage import Clip, FootageReader, Segment


@dataclass(frozen=True, slots=True)
class _Shown:
    """fault: of each file, None where it is as it was recorded."""

    clip: Clip
    event: Event | None
    place: Place | None
    files: tuple[tuple[Segment, str | None], ...]
    gaps: tuple[ExplainedGap, ...]


@click.command("show", short_help="Show what a clip is of, and whether its footage is as it was recorded.")
@config_option
@need_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.argument("clip_id", metavar="ID")
def show(config: Path, need: str | None, as_json: bool, clip_id: str) -> None:
    """Show the clip ID (or the beginning of it): its event, its files, and what is missing.

    For staff with the role cctv whose training is in date ([[staff]] in branch.toml), with the need; every
    look is journalled, and who may not. Every file is checked against its hash. Exits with 1 if one is not as
    it was recorded, if you may not, or if the event is restricted; without a need with 2.
    """
    from controller.commands import when
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.settings.paths import Paths
    from controller.staff import hidden
    from controller.staff.viewing import check_range
    from controller.store.engine import DatabaseUnusable
    from controller.store.footage import FootageReader
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    paths = Paths.of(settings)
    try:
        with closing(FootageReader(paths.footage)) as footage, staff_journal(settings) as journal:
            who, need = check_viewing(settings, journal, config, need, "show")
            clip = find(footage.clips(), clip_id)
            check_range(hidden.look_up(paths), footage, clip.camera, clip.start_us, clip.end_us)
            seen = {"clip": clip.id, "cause": clip.event_id, "need": need, **who.data}
            journal.record(EventType.CLIP_SHOWN, clip.camera, seen)
            shown = _look_up(settings, footage, clip)
    except (DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(_as_json(shown), indent=1))
    else:
        for line in _lines(shown, when.zone(settings)):
            click.echo(line)
    if any(fault for _, fault in shown.files):
        raise SystemExit(1)


def _look_up(settings: Settings, footage: FootageReader, clip: Clip) -> _Shown:
    from controller.commands.staff_journal import now
    from controller.footage.moments import gaps as gaps_of
    from controller.footage.moments import place_of
    from controller.settings.paths import Paths
    from controller.staff.clips import cause, gaps

    paths = Paths.of(settings)
    segments = footage.segments(clip.camera, clip.start_us, clip.end_us)
    missing = list(gaps_of(clip.start_us, clip.end_us, [(s.start_us, s.end_us) for s in segments]))
    return _Shown(
        clip,
        cause(paths, clip.event_id),
        place_of(clip.event_id, segments),
        tuple((segment, _fault(paths.footage_dir / segment.name, segment)) for segment in segments),
        gaps(settings, clip.camera, missing, now(settings).wall_us),
    )


def _fault(file: Path, segment: Segment) -> str | None:
    from controller.footage import reading

    try:
        with reading.opened(file) as content:
            same = reading.digest(content) == segment.sha256
    except OSError as error:
        return error.strerror or str(error)
    return None if same else "not what was recorded: its hash differs"


def _lines(shown: _Shown, local: tzinfo) -> Iterator[str]:
    from controller.commands import when

    clip, event, place = shown.clip, shown.event, shown.place
    yield f"clip    {clip.id}"
    yield f"camera  {clip.camera}"
    what = "no longer in the journals"
    if event is not None:
        sure = "" if event.stamp.clock_trusted else "?"
        what = f"{event.type.value} at {event.subject}, {when.shown(event.stamp.wall_us, local)}{sure}"
    yield f"event   {clip.event_id}, {what}"
    length = seconds(clip.end_us - clip.start_us)
    yield f"range   {stretch(clip.start_us, clip.end_us, local)}, {length}"
    if place is None:
        yield "offset  the moment of the event was not recorded"
    else:
        yield f"offset  {seconds(place.offset_us)} into {place.segment.name}"
    for segment, fault in shown.files:
        state = "as recorded" if fault is None else fault
        doubt = "" if segment.clock_trusted else ", clock not trusted"
        yield f"file    {segment.name}: {stretch(segment.start_us, segment.end_us, local)}{doubt}: {state}"
    for gap in shown.gaps:
        yield f"gap     {stretch(gap.begins, gap.ends, local)}: {gap.cause or 'cause not known'}"


def _as_json(shown: _Shown) -> dict[str, object]:
    clip, event, place = shown.clip, shown.event, shown.place
    return {
        "id": clip.id,
        "camera": clip.camera,
        "start_us": clip.start_us,
        "end_us": clip.end_us,
        "event": clip.event_id,
        "event_type": event.type.value if event else None,
        "event_us": event.stamp.wall_us if event else None,
        "segment": place.segment.id if place else None,
        "offset_us": place.offset_us if place else None,
        "files": [
            {
                "segment": segment.id,
                "name": segment.name,
                "start_us": segment.start_us,
                "end_us": segment.end_us,
                "clock_trusted": segment.clock_trusted,
                "recovered": segment.recovered,
                "sha256": segment.sha256.hex(),
                "fault": fault,
            }
            for segment, fault in shown.files
        ],
        "gaps": [{"start_us": gap.begins, "end_us": gap.ends, "cause": gap.cause} for gap in shown.gaps],
    }
