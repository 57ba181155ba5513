"""A display for customers on a serial line, RS-232 or USB: two or four lines of text.

What is sent is what nearly all of them understand. ``esc-pos``: form feed clears, and every line is sent
in its whole width, so that it depends on no display's idea of a line's end. ``lines``: plain text, each
line with CR and LF, for signs and terminals that show what came last. Printable ASCII only: of an accented
letter the letter is kept, since displays disagree about everything above 7E.

Never here: what is told, and when.
"""

from __future__ import annotations

import logging
import termios
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import serial

log = logging.getLogger(__name__)

WRITE_S = 1.0
"""A display that takes no text for so long is lost: a screenful takes 0.1 s at 9600 bits a second."""
REFRESH_S = 60.0
"""A display that lost its power has its text again after this time."""
PAGE_S = 4.0
"""For each page of a text that stays; and as often a display that was lost is tried again."""

LOST = (serial.SerialException, OSError, termios.error)
INITIALISE, CLEAR = b"\x1b@", b"\x0c"

Protocol = Literal["esc-pos", "lines"]


@dataclass(frozen=True, slots=True)
class _Text:
    """pages: as they are sent. page_s: how long each. stays: until another text is to be shown."""

    pages: tuple[bytes, ...]
    page_s: float
    stays: bool


class SerialDisplay:
    """A ``controller.devices.Display``. Opened by its thread, which tries again for as long as it takes.

    idle: shown while there is nothing to tell. left: left behind by ``close``.
    """

    def __init__(
        self,
        port: str,
        baud: int = 9600,
        *,
        columns: int = 20,
        rows: int = 2,
        protocol: Protocol = "esc-pos",
        idle: tuple[str, ...] = (),
        left: tuple[str, ...] = (),
    ) -> None:
        self._port, self._baud = port, baud
        self._columns, self._rows, self._protocol = columns, rows, protocol
        self._idle = self._text(idle, 0, stays=True)
        self._left = self._text(left, 0, stays=True)
        self._serial: serial.Serial | None = None
        self._shown = b""
        self._shown_s = 0.0
        self._next: _Text | None = None
        self._closed = False
        self._changed = threading.Condition()
        self.lost = False
        self._thread = threading.Thread(target=self._run, name="display", daemon=True)
        self._thread.start()

    def show(self, lines: tuple[str, ...], duration_s: float) -> None:
        text = self._text(lines, duration_s, stays=False)
        with self._changed:
            self._next = text
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout=2 * WRITE_S)

    def _text(self, lines: tuple[str, ...], duration_s: float, *, stays: bool) -> _Text:
        pages = tuple(self._pages(lines)) or (self._page(()),)
        return _Text(pages, PAGE_S if stays else duration_s / len(pages), stays)

    def _pages(self, lines: tuple[str, ...]) -> Iterator[bytes]:
        for start in range(0, len(lines), self._rows):
            yield self._page(lines[start : start + self._rows])

    def _page(self, lines: tuple[str, ...]) -> bytes:
        cut = [plain(line)[: self._columns] for line in lines] + [""] * (self._rows - len(lines))
        if self._protocol == "lines":
            return "".join(line + "\r\n" for line in cut).encode("ascii")
        return CLEAR + "".join(line.ljust(self._columns) for line in cut).encode("ascii")

    # --- the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        text = self._idle
        while not self._closed:
            text = self._show(text)
        self._put(self._left.pages[0])
        self._lose()

    def _show(self, text: _Text) -> _Text:
        """Show all of it; returns what comes next. What is told again while it is shown goes on."""
        again = True
        while again:
            again = False
            for page in text.pages:
                self._put(page)
                newer = self._wait(text.page_s)
                if self._closed or (newer is not None and newer.pages != text.pages):
                    return newer or self._idle
                again = again or newer is not None or text.stays
        return self._idle

    def _wait(self, duration_s: float) -> _Text | None:
        """What is to be shown instead, if anything is within this time."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next is not None, duration_s)
            newer, self._next = self._next, None
            return newer

    def _put(self, page: bytes) -> None:
        if page == self._shown and time.monotonic() - self._shown_s < REFRESH_S:
            return
        try:
            if self._serial is None:
                self._open()
            assert self._serial is not None
            self._serial.write(page)
        except LOST as error:
            if not self.lost:
                log.warning("display: %s", error)
            self.lost = True
            self._lose()
        else:
            if self.lost:
                log.info("the display is back")
            self.lost = False
            self._shown, self._shown_s = page, time.monotonic()

    def _open(self) -> None:
        self._serial = serial.Serial(self._port, self._baud, write_timeout=WRITE_S, exclusive=True)
        if self._protocol == "esc-pos":
            self._serial.write(INITIALISE)

    def _lose(self) -> None:
        self._shown = b""
        if self._serial is not None:
            with suppress(*LOST):
                self._serial.close()
            self._serial = None


def plain(line: str) -> str:
    """The line in printable ASCII."""
    letters = (c for c in unicodedata.normalize("NFKD", line) if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else "?" for c in letters)
