"""``unlocked hold``: protect footage from being destroyed, and end that."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.account import account
from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.core.hold import Hold
    from controller.settings.model import Settings
    from controller.store.footage import FootageReader, Segment
    from controller.store.registers import Registers

MARKS_WAIT_S = 10.0
"""How long to wait for the end of a disposal that was under way, to say what became of it."""


@click.group("hold")
def command() -> None:
    """Protect footage from being destroyed, and end that."""


@command.command("add")
@click.option("--authority", required=True, help="Who asks for it: an organisation, no name of a person.")
@click.option("--reference", required=True, help="Their case.")
@click.option("--from", "start", help='Such as "2026-11-21 18:00" (local), 45m, 12h, 7d.')
@click.option("--to", "end", default="0m", help="Likewise, not included.  [default: now]")
@click.option("--camera", help="Only this camera's.  [default: all cameras]")
@click.option("--event", "event_ids", multiple=True, metavar="ID", help="The clips of this event.")
@click.option("--review-days", type=click.IntRange(1, 90), default=90, show_default=True)
@config_option
def add(
    authority: str,
    reference: str,
    start: str | None,
    end: str,
    camera: str | None,
    event_ids: tuple[str, ...],
    review_days: int,
    config: Path,
) -> None:
    """Place a hold. Footage that it covers is not destroyed until seven days after its end."""
    from controller.commands import when
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import UUID7, EventType, event_id
    from controller.core.hold import DAY_US, Category, Hold, Scope
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.footage import FootageReader
    from controller.store.journal import JournalUnavailable
    from controller.store.registers import Registers

    settings = load_settings(config)
    paths = Paths.of(settings)
    if start is None and not event_ids:
        raise click.UsageError("say what is held: --from a time, or an --event")
    for text in (authority, reference):
        if not 1 <= len(text) <= 80:
            raise click.BadParameter("authority and reference have 1 to 80 characters each")
    if wrong := [text for text in event_ids if not UUID7.fullmatch(text)]:
        raise click.BadParameter(f"{wrong[0]} is no event's id; `unlocked log --json` shows them")
    try:
        with staff_journal(settings) as journal, closing(FootageReader(paths.footage)) as footage:
            now_us = journal.now().wall_us
            local = when.zone(settings)
            start_us = end_us = 0  # a hold of events alone
            if start is not None:
                start_us, end_us = when.wall_us(start, local, now_us), when.wall_us(end, local, now_us)
                if start_us >= end_us:
                    raise click.BadParameter("the time of the hold ends before it starts")
            if camera is not None and not _known(settings, footage, camera, start_us, end_us):
                raise click.BadParameter(f"there is no camera {camera}, and no footage of one")
            hold = Hold(
                event_id(now_us, secrets.randbits(74)),
                authority,
                reference,
                Scope(
                    Category.FOOTAGE, settings.branch.branch, camera, start_us, end_us, frozenset(event_ids)
                ),
                now_us,
                now_us + review_days * DAY_US,
            )
            with closing(Registers.open(paths.registers, journal.reserve)) as registers:
                registers.add_hold(hold)
            # Written first, then the marks are read: a disposal marks first, then reads the holds.
            marked = [segment for segment in footage.deleting() if _covers(hold, footage, segment)]
            journal.record(
                EventType.HOLD_ADDED,
                camera or "footage",
                {
                    "hold": hold.id,
                    "category": hold.scope.category.value,
                    "start_us": start_us,
                    "end_us": end_us,
                    "events": len(event_ids),
                    "review_us": hold.review_us,
                    **account().data,
                },
            )
            click.echo(f"hold {hold.id}, to be reviewed by {when.shown(hold.review_us, local)}")
            _tell_what_became(footage, marked)
    except (DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error


def _known(settings: Settings, footage: FootageReader, camera: str, start_us: int, end_us: int) -> bool:
    """A misspelt camera would make a hold that protects nothing."""
    ours = {found.id for found in settings.cameras}
    return camera in ours or bool(footage.segments(camera, start_us, end_us))


def _covers(hold: Hold, footage: FootageReader, segment: Segment) -> bool:
    from controller.core.hold import Category, Item, covers

    clips = footage.clips(segment.camera, segment.start_us, segment.end_us)
    events = frozenset(clip.event_id for clip in clips)
    item = Item(Category.FOOTAGE, hold.scope.site, segment.camera, segment.start_us, segment.end_us, events)
    return covers(hold, item)


def _tell_what_became(footage: FootageReader, marked: Sequence[Segment]) -> None:
    """Of segments that were being destroyed when the hold came."""
    if not marked:
        return
    ids = {segment.id for segment in marked}
    deadline_s = time.monotonic() + MARKS_WAIT_S
    while undecided := ids & {segment.id for segment in footage.deleting()}:
        if time.monotonic() > deadline_s:
            break
        time.sleep(0.1)
    saved = {found.id for segment in marked for found in _again(footage, segment)} & ids - undecided
    lost = len(ids) - len(saved) - len(undecided)
    if saved:
        click.echo(f"{len(saved)} segments that were about to be destroyed are saved")
    if undecided:
        click.echo(
            f"{len(undecided)} segments are marked to be destroyed and the recorder is not at it; "
            "when it starts it spares those whose files are still there"
        )
    if lost:
        click.echo(f"TOO LATE for {lost} segments: they were due, and were being destroyed")


def _again(footage: FootageReader, segment: Segment) -> list[Segment]:
    return footage.segments(segment.camera, segment.start_us, segment.end_us)


@command.command("list", short_help="List the holds.")
@click.option("--all", "ended_too", is_flag=True, help="Also those that have ended.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each hold.")
@config_option
def list_(ended_too: bool, as_json: bool, config: Path) -> None:
    """List the holds: id, what, until when it is to be reviewed, whose case."""
    from controller.commands import when
    from controller.commands.staff_journal import now
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.registers import RegistersReader

    settings = load_settings(config)
    local, now_us = when.zone(settings), now(settings).wall_us
    try:
        with closing(RegistersReader(Paths.of(settings).registers)) as registers:
            holds = registers.holds()
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    shown = [hold for hold in holds if ended_too or hold.ended_us is None]
    if not shown:
        click.echo("there are no holds", err=True)
    for hold in shown:
        if as_json:
            click.echo(_as_json(hold))
            continue
        scope = hold.scope
        if hold.ended_us is not None:
            state = f"ended {when.shown(hold.ended_us, local)}: {hold.end_reason}"
        else:
            overdue = " OVERDUE" if hold.review_us < now_us else ""
            state = f"review by {when.shown(hold.review_us, local)}{overdue}"
        what = [f"{len(scope.event_ids)} events"] if scope.event_ids else []
        if scope.start_us < scope.end_us:
            what.append(f"{when.shown(scope.start_us, local)} to {when.shown(scope.end_us, local)}")
        click.echo(
            f"{hold.id}  {scope.device or 'all cameras'}  {', '.join(what)}  {state}  "
            f"{hold.authority}, {hold.reference}"
        )


def _as_json(hold: Hold) -> str:
    scope = hold.scope
    return json.dumps(
        {
            "id": hold.id,
            "authority": hold.authority,
            "reference": hold.reference,
            "category": scope.category.value,
            "device": scope.device,
            "start_us": scope.start_us,
            "end_us": scope.end_us,
            "events": sorted(scope.event_ids),
            "placed_us": hold.placed_us,
            "review_us": hold.review_us,
            "ended_us": hold.ended_us,
            "end_reason": hold.end_reason,
        }
    )


@command.command("end")
@click.argument("hold_id", metavar="ID")
@click.option("--reason", required=True, help="Why it is no longer needed; no names.")
@config_option
def end(hold_id: str, reason: str, config: Path) -> None:
    """End the hold ID. What it covered stays for seven days more.

    Also for a hold that the register has lost: until it is ended or restored, nothing is destroyed.
    """
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.registers import NotInForce, Registers

    settings = load_settings(config)
    if not 1 <= len(reason) <= 200:
        raise click.BadParameter("the reason has 1 to 200 characters")
    try:
        with (
            staff_journal(settings) as journal,
            closing(Registers.open(Paths.of(settings).registers, journal.reserve)) as registers,
        ):
            now = journal.now()
            if not now.clock_trusted:
                raise click.ClickException("the clock is not set: the seven days cannot be counted from now")
            try:
                registers.end_hold(hold_id, now.wall_us, reason)
            except NotInForce:
                if not _lost(settings, registers, hold_id):
                    raise
            journal.record(EventType.HOLD_ENDED, "footage", {"hold": hold_id, **account().data})
    except (DatabaseUnusable, JournalUnavailable, NotInForce) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"hold {hold_id} ended; what it covered stays for seven days more")


def _lost(settings: Settings, registers: Registers, hold_id: str) -> bool:
    """Whether the journal knows a hold that is not in the register."""
    from controller.core.event import EventType
    from controller.settings.paths import Paths
    from controller.store.journal_reader import JournalReader

    if hold_id in {hold.id for hold in registers.holds()}:
        return False
    with closing(JournalReader(Paths.of(settings).journal("console"))) as journal:
        return any(
            event.type is EventType.HOLD_ADDED and event.data["hold"] == hold_id for event in journal.since(0)
        )
