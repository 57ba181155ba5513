"""``unlocked log``: what happened, from the journals of all services."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.core.event import Event, JsonValue
    from controller.settings.model import Settings
    from controller.settings.paths import Paths
    from controller.store.journal_reader import JournalReader

POLL_S = 0.2
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TAKEN_ELSEWHERE = ("clip", "hold")
"""Details whose ids ``unlocked clip export`` and ``unlocked hold end`` take."""
WIDE = 100
"""Columns of a terminal from which on the service is shown too: names of events must not be cut."""
LEAST_WALL_US = 1_000_000_000_000_000
"""Of 2001. What is below is a length."""

Line = tuple[str, "Event"]
"""A service and an event of its journal."""


@click.command("log")
@click.option(
    "--since", default="24h", show_default=True, help='Such as "2026-11-21 18:00" (local), 45m, 12h, 7d.'
)
@click.option("--refused", is_flag=True, help="Only who was refused, and why.")
@click.option("--follow", is_flag=True, help="Go on as things happen, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each event.")
@config_option
def command(since: str, refused: bool, follow: bool, as_json: bool, config: Path) -> None:
    """Show what happened. A ? after a time: the clock could not be trusted then.

    Restricted events are not shown, only how many there are.
    """
    from controller.commands import when
    from controller.commands.staff_journal import now
    from controller.settings.paths import JOURNALS, Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal_reader import JournalReader

    settings = load_settings(config)
    since_us = when.wall_us(since, when.zone(settings), now(settings).wall_us)
    tails = {service: _Tail(JournalReader(Paths.of(settings).journal(service))) for service in JOURNALS}
    try:
        for tail in tails.values():
            tail.begin()
        wanted = _Wanted(Paths.of(settings), refused)
        lines = wanted.of(_before(tails, since_us))
        if as_json:
            count = _print(lines, _as_json)
        elif sys.stdout.isatty() and not follow:
            count = _print_table(lines, settings)
        else:
            count = _print(lines, _columns(when.zone(settings)))
        wanted.tell()
        if not count and not wanted.hidden and not follow:
            click.echo("nothing happened in that time", err=True)
        if follow:
            _follow(tails, wanted, _as_json if as_json else _columns(when.zone(settings)))
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    finally:
        for tail in tails.values():
            tail.reader.close()


class _Tail:
    """How far a journal has been shown, whether or not it is there yet."""

    def __init__(self, reader: JournalReader) -> None:
        self.reader = reader
        self.shown = 0
        self._journal_id = ""

    def begin(self) -> None:
        """What is there now is history."""
        from controller.store.journal_reader import JournalMissing

        try:
            self._journal_id, self.shown = self.reader.journal_id, self.reader.last_seq()
        except JournalMissing:
            return

    def news(self) -> Iterator[Event]:
        """What was added since it was asked last."""
        from controller.store.journal_reader import JournalMissing

        try:
            if not self.reader.changed():
                return
            if (journal_id := self.reader.journal_id) != self._journal_id:
                self._journal_id, self.shown = journal_id, 0
            while page := self.reader.read(self.shown):
                yield from page
                self.shown = page[-1].seq
        except JournalMissing:
            return


def _before(tails: dict[str, _Tail], since_us: int) -> Iterator[Line]:
    from controller.store.journal_reader import merge

    found = merge({service: tail.reader for service, tail in tails.items()}, since_us)
    return ((service, event) for service, event in found if event.seq <= tails[service].shown)


def _follow(tails: dict[str, _Tail], wanted: _Wanted, show: Callable[[Line], str]) -> None:
    while True:
        news = [(service, event) for service, tail in tails.items() for event in tail.news()]
        news.sort(key=lambda line: (line[1].stamp.wall_us, line[0], line[1].seq))
        if news:
            _print(wanted.of(news), show)
        time.sleep(POLL_S)


class _Wanted:
    """What is shown. hidden: how many events were not, because they are restricted."""

    def __init__(self, paths: Paths, refused: bool) -> None:
        self.hidden = 0
        self._paths = paths
        self._refused = refused
        self._unknown = ""

    def of(self, lines: Iterable[Line]) -> Iterator[Line]:
        """Of these lines, by the restrictions of now."""
        from controller.core.event import EventType
        from controller.staff import hidden

        found = hidden.look_up(self._paths)
        self._unknown = found.unknown or ""
        for line in lines:
            if self._refused and line[1].type is not EventType.ACCESS_REFUSED:
                continue
            if found.hides(line[1]):
                self.hidden += 1
            else:
                yield line

    def tell(self) -> None:
        if self.hidden and self._unknown:
            click.echo(f"nobody knows what is restricted: {self._unknown}", err=True)
        if self.hidden:
            click.echo(f"{self.hidden} events are not shown: they are restricted, or may be", err=True)


def _print(lines: Iterable[Line], show: Callable[[Line], str]) -> int:
    """How many there were."""
    count = 0
    for line in lines:
        click.echo(show(line))
        count += 1
    return count


def _as_json(line: Line) -> str:
    service, event = line
    stamp = event.stamp
    return json.dumps(
        {
            "service": service,
            "seq": event.seq,
            "id": event.id,
            "type": event.type.value,
            "wall_us": stamp.wall_us,
            "mono_us": stamp.mono_us,
            "boot_id": stamp.boot_id,
            "clock_trusted": stamp.clock_trusted,
            "subject": event.subject,
            "data": dict(event.data),
        }
    )


def _cells(line: Line, local: tzinfo) -> tuple[str, str, str, str, str]:
    from controller.commands import when

    service, event = line
    moment = when.shown(event.stamp.wall_us, local) + ("" if event.stamp.clock_trusted else "?")
    details = " ".join(_details(event.data, local))
    return moment, service, event.type.value, event.subject, details


def _details(data: Mapping[str, JsonValue], local: tzinfo) -> Iterator[str]:
    """What says something to people: no ids but those that another command takes; --json has them all."""
    from controller.commands import when

    for name, value in data.items():
        if isinstance(value, str):
            if name in TAKEN_ELSEWHERE or not ID.fullmatch(value):
                yield f"{name}={value}"
        elif name.endswith("_us") and isinstance(value, int) and value > LEAST_WALL_US:
            yield f'{name.removesuffix("_us")}="{when.shown(value, local)}"'
        else:
            yield f"{name}={json.dumps(value, separators=(',', ':'))}"


def _columns(local: tzinfo) -> Callable[[Line], str]:
    def show(line: Line) -> str:
        moment, service, event_type, subject, details = _cells(line, local)
        return f"{moment:<20} {service:<10} {event_type:<23} {subject:<12} {details}".rstrip()

    return show


def _print_table(lines: Iterable[Line], settings: Settings) -> int:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from controller.commands import when
    from controller.core.event import EventType

    colours = {
        EventType.ACCESS_GRANTED: "green",
        EventType.ACCESS_REFUSED: "yellow",
        EventType.DOOR_FORCED: "bold red",
        EventType.FIRE_STARTED: "bold red",
        EventType.EVACUATION_STARTED: "bold red",
        EventType.HELP_REQUESTED: "bold red",
        EventType.TAMPER_STARTED: "bold red",
        EventType.LOCK_FAULT_STARTED: "bold red",
    }
    console = Console()
    wide = console.width >= WIDE
    table = Table(title=settings.branch.name, box=None, pad_edge=False)
    for title in ("Time", "Service", "Event") if wide else ("Time", "Event"):
        table.add_column(title, no_wrap=True)
    for title in ("Subject", "Details"):
        table.add_column(title, overflow="fold")
    for line in lines:
        moment, service, event_type, subject, details = _cells(line, when.zone(settings))
        event = Text(event_type, style=colours.get(line[1].type, ""))
        names = (service, event) if wide else (event,)
        table.add_row(moment, *names, Text(subject), Text(details))
    if table.row_count:
        console.print(table)
    return table.row_count
