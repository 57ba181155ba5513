"""A display for customers at the far end of a serial line: what it is sent, shown as it would show it.

Understands what most such displays do: printable characters at the cursor, which wraps at the end of a
line; CR, LF, form feed (clear) and ESC @ (initialise). One that scrolls shows the lines that were ended last.
Never here: what a text means.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Event, Thread

from simulator.closing import Closing
from simulator.plug import Plug

LOOK_S = 0.05
ESC = 0x1B


class TextDisplay(Closing):
    """Plugged in at ``path`` from construction until ``unplug`` or ``close``.

    listener: called with each screen that stood, from a thread of the display.
    """

    def __init__(
        self,
        path: Path,
        columns: int = 20,
        rows: int = 2,
        *,
        scrolls: bool = False,
        listener: Callable[[tuple[str, ...]], None] | None = None,
    ) -> None:
        self.path = path
        self._scrolls = scrolls
        self._listener = listener
        self.seen: list[tuple[str, ...]] = []
        """Every screen that stood until the next was begun or the line was silent, the last last."""
        self._columns, self._rows = columns, rows
        self._plug = Plug(path)
        self._changed = Condition()
        self._row = self._column = 0
        self._screen: list[list[str]] = []
        self._coming = b""
        self._clear()
        self._escaped = False
        self._closing = Event()
        self._thread = Thread(target=self._read, name="text-display", daemon=True)
        self._thread.start()

    @property
    def text(self) -> tuple[str, ...]:
        """The lines, without the blanks at their ends."""
        with self._changed:
            return self._text()

    def wait_for(self, *lines: str, limit_s: float = 30) -> None:
        """Wait until these lines have been shown since the last ``forget``. Raises TimeoutError."""
        wanted = (*lines, *[""] * (self._rows - len(lines)))
        with self._changed:
            if not self._changed.wait_for(lambda: wanted in self.seen, limit_s):
                raise TimeoutError(f"the display does not show {wanted}, but {self.seen}")

    def forget(self) -> None:
        """Only what is shown from now on is of interest."""
        with self._changed:
            self.seen.clear()

    def unplug(self) -> None:
        with self._changed:
            self._plug.pull()
            self._clear()

    def plug(self) -> None:
        with self._changed:
            self._plug.put_in()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(timeout=5)
        self._plug.pull()

    # --- the line -------------------------------------------------------------------------------

    def _read(self) -> None:
        while not self._closing.wait(0 if self._look() else LOOK_S):
            pass

    def _look(self) -> bool:
        """Take what has come; whether anything had."""
        with self._changed:
            far_end = self._plug.far_end
            if far_end is None or not select.select([far_end], [], [], 0)[0]:
                self._stood()
                return False
            try:
                data = os.read(far_end, 1024)
            except OSError:  # nobody has the line open
                self._stood()
                return False
            for byte in data:
                self._take(byte)
            return True

    def _take(self, byte: int) -> None:
        if self._scrolls:
            self._scroll(byte)
        elif self._escaped:
            self._escaped = False
            if byte == ord("@"):
                self._clear()
        elif byte == ESC:
            self._escaped = True
        elif byte == 0x0C:
            self._stood()
            self._clear()
        elif byte == 0x0D:
            self._column = 0
        elif byte == 0x0A:
            self._next_line()
        else:
            self._screen[self._row][self._column] = chr(byte)
            self._column += 1
            if self._column == self._columns:
                self._column = 0
                self._next_line()

    def _scroll(self, byte: int) -> None:
        if byte == 0x0A:
            line = self._coming.decode("ascii").removesuffix("\r").ljust(self._columns)
            self._screen = [*self._screen[1:], list(line)]
            self._coming = b""
        else:
            self._coming += bytes([byte])

    def _next_line(self) -> None:
        self._row = (self._row + 1) % self._rows

    def _clear(self) -> None:
        self._screen = [[" "] * self._columns for _ in range(self._rows)]
        self._row = self._column = 0

    def _text(self) -> tuple[str, ...]:
        return tuple("".join(line).rstrip() for line in self._screen)

    def _stood(self) -> None:
        if any(text := self._text()) and text not in self.seen[-1:]:
            self.seen.append(text)
            self._changed.notify_all()
            if self._listener is not None:
                self._listener(text)
