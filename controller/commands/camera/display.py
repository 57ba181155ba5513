"""How ``unlocked camera watch`` shows what it sees: bars at a terminal, elsewhere a line a second or JSON."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import tzinfo
from typing import TYPE_CHECKING, Protocol

import click

from controller.commands.camera import meter as camera_meter

if TYPE_CHECKING:
    from rich.live import Live

    from controller.core.camera_health import Figures
    from controller.recorder.watching.motion import Seen

LINE_US = 1_000_000
MOST_OF = 300
"""Of so many pictures the largest share is shown: at five a second, of the last minute."""


class Display(Protocol):
    def show(self, seen: Seen, health: Figures, wall_us: int) -> None:
        """A picture that was looked at just now."""
        ...


@contextmanager
def display(title: str, local: tzinfo, *, as_json: bool) -> Iterator[Display]:
    if as_json:
        yield _Json()
    elif not sys.stdout.isatty():
        click.echo(title)
        yield _Lines(local)
    else:
        from rich.console import Console
        from rich.live import Live

        console = Console(highlight=False)
        console.print(title, markup=False)
        console.print("Ctrl-C ends.\n")
        plain = not (console.encoding or "").lower().startswith("utf")
        with Live(console=console, auto_refresh=False) as live:
            yield _Bars(live, plain)


class _Json:
    def show(self, seen: Seen, health: Figures, wall_us: int) -> None:
        click.echo(camera_meter.as_json(seen, health, wall_us))


class _Lines:
    """Of all pictures of a second together, so that none that moved is left out."""

    def __init__(self, local: tzinfo) -> None:
        self._local = local
        self._pictures: list[Seen] = []
        self._next_us = 0

    def show(self, seen: Seen, health: Figures, wall_us: int) -> None:
        from controller.commands import when

        self._pictures.append(seen)
        if wall_us >= self._next_us:
            self._next_us = wall_us + LINE_US
            click.echo(f"{when.shown(wall_us, self._local)}  {camera_meter.line(self._pictures, health)}")
            self._pictures.clear()


class _Bars:
    def __init__(self, live: Live, plain: bool) -> None:
        self._live = live
        self._plain = plain
        self._pictures: deque[Seen] = deque(maxlen=MOST_OF)

    def show(self, seen: Seen, health: Figures, wall_us: int) -> None:  # noqa: ARG002 -- what is shown is now
        from rich.text import Text

        self._pictures.append(seen)
        text = Text(no_wrap=True)
        bars = camera_meter.bars(seen, camera_meter.most_of(self._pictures), plain=self._plain)
        for zone, bar in zip(seen.zones, bars, strict=True):
            text.append(f"{bar}\n", style="bold green" if seen.moving and zone.moving else "")
        text.append(f"\n  {camera_meter.state(seen)}", style="bold green" if seen.moving else "dim")
        text.append("".join(f"\n{line}" for line in camera_meter.health(health)), style="dim")
        self._live.update(text, refresh=True)
