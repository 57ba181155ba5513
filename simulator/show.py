"""Live lines of what happens at a simulated branch, from whichever thread sees it.

With a terminal in colour, without one as plain lines. Never here: whole card numbers.
"""

from __future__ import annotations

import sys
import time
from queue import SimpleQueue
from threading import Thread
from typing import Self

from rich.console import Console
from rich.text import Text

from controller.core.outcome import IDLE, TEXTS
from simulator.door_settings import LOCK
from simulator.pins.panel import Edge
from simulator.receiver import Delivered

STYLES = {
    "card": "cyan",
    "door": "cyan",
    "plug": "cyan",
    "staff": "cyan",
    "lock": "bold green",
    "reads": "yellow",
    "event": "dim",
    "fault": "bold red",
}
"""Kind of a line to its colour; a kind that is not listed has none."""
LOUD = {
    "access.granted": "green",
    "access.refused": "red",
    "clip.recorded": "magenta",
    "door.forced": "bold red",
}


class Show:
    """Prints from construction until the end of the ``with`` block, in the order of happening."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True, file=sys.stdout)
        self._start_s = time.monotonic()
        self._lines: SimpleQueue[Text | None] = SimpleQueue()
        self._thread = Thread(target=self._print, name="show", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.put(None)
        self._thread.join()

    def line(self, kind: str, text: str, style: str | None = None) -> None:
        """Something happened now."""
        head = f"{time.monotonic() - self._start_s:6.1f} s  {kind:<6}"
        self._lines.put(Text.assemble((head, "dim"), (text, style or STYLES.get(kind, ""))))

    def plain(self, text: str = "", style: str = "") -> None:
        """A line without a time."""
        self._lines.put(Text(text, style))

    def edge(self, edge: Edge) -> None:
        """A pin changed; only the lock's is told."""
        if edge.pin == LOCK:
            self.line("lock", "released" if edge.level else "secured")

    def display(self, lines: tuple[str, ...]) -> None:
        """The display at the front door shows another text; the idle one says nothing."""
        if lines != TEXTS[IDLE]:
            self.line("reads", " / ".join(filter(None, lines)))

    def delivered(self, event: Delivered) -> None:
        """An event has left the branch and arrived."""
        data = " ".join(f"{name}={value}" for name, value in event.data.items() if _telling(name, value))
        text = f"{event.service} {event.seq}: {event.type}{'  ' + data if data else ''}"
        self.line("event", text, LOUD.get(event.type))

    def _print(self) -> None:
        while (line := self._lines.get()) is not None:
            self._console.print(line)


def _telling(name: str, value: object) -> bool:
    """Ids, digests and microseconds say nothing to somebody who watches."""
    if name.endswith("_us"):
        return False
    return isinstance(value, int | bool) or (isinstance(value, str) and len(value) < 24)
