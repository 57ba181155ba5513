"""Keeps the page of today up to date for all who have it open: one thread looks and lays each change out.

Here: threads, and what is sent to an open page (server-sent events, HTML standard, section 9.2). Never here:
what is looked at (``knowing``), or templates, which come in as ``lay_out``.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping

from controller.console.today.board import board_of, to_say
from controller.console.today.knowing import Knowing
from controller.console.today.shown import Board

LOOK_S = 0.2
IDLE_S = 2.0
"""How often is looked while nobody has the page open."""
STREAMS = 10
"""Pages that are kept up to date at once: each has a thread of the web server to itself."""
HEARTBEAT_S = 10.0
"""After so long without news something is sent all the same, lest a proxy takes the connection for dead."""
GONE_S = 1.0
"""How often is looked whether the page is still open."""
LIFE_S = 300.0
"""A page connects anew after so long: whoever was logged out meanwhile is sent away."""
SAID_KEPT = 20

log = logging.getLogger(__name__)

LayOut = Callable[[Board], Mapping[str, str]]
"""The regions of the page by name, as HTML that is the same for everybody."""


class Live:
    """For any number of threads."""

    def __init__(self, knowing: Knowing, lay_out: LayOut) -> None:
        self._knowing = knowing
        self._lay_out = lay_out
        self._looking = threading.Lock()
        self._changed = threading.Condition()
        self._board: Board | None = None
        self._laid_out: tuple[Board, Mapping[str, str]] | None = None
        self._version = 0
        self._versions: dict[str, int] = {}
        self._said: deque[tuple[int, str]] = deque(maxlen=SAID_KEPT)
        self._streams = 0
        self._thread: threading.Thread | None = None
        self._stopping = False

    def board(self) -> Board:
        """How things are now."""
        with self._looking:
            return self._look()

    def start(self) -> None:
        """Look by itself from now on. May be called again."""
        with self._changed:
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(target=self._run, name="today", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End every stream, and look no more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        with self._looking:
            self._knowing.close()

    def open_stream(self, gone: Callable[[], bool] = lambda: False) -> Stream | None:
        """None if there are as many as there may be. gone: whether nobody listens any more."""
        self.start()
        with self._changed:
            if self._streams >= STREAMS or self._stopping:
                return None
            self._streams += 1
            self._changed.notify_all()
        return Stream(self, gone)

    # --- looking --------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping:
                self.board()
                self._wait(self._streams)
        except Exception:
            # Streams end, and pages ask for themselves.
            log.exception("the page of today is no longer kept up to date")
            self._stopping = True
            with self._changed:
                self._changed.notify_all()

    def _wait(self, streams: int) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopping or self._streams > streams, LOOK_S if streams else IDLE_S
            )

    def _look(self) -> Board:
        board, before = board_of(self._knowing.look()), self._board
        self._board = board
        if board != before:
            with self._changed:
                self._version += 1
                if before is not None:
                    self._said.extend((self._version, sentence) for sentence in to_say(before, board))
        if self._streams and (self._laid_out is None or self._laid_out[0] != board):
            regions = self._lay_out(board)
            with self._changed:
                old = self._laid_out[1] if self._laid_out else {}
                self._laid_out = board, regions
                self._versions |= {name: self._version for name in regions if regions[name] != old.get(name)}
                self._changed.notify_all()
        return board

    # --- for streams ----------------------------------------------------------------------------

    def news(self, seen: int, wait_s: float) -> tuple[int, dict[str, str], list[str]] | None:
        """What is new since this version: its number, regions, what to say. No regions: nothing came.

        None: there will be no more.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._is_news(seen), wait_s)
            if self._stopping:
                return None
            if not self._is_news(seen) or self._laid_out is None:
                return seen, {}, []
            regions = {name: self._laid_out[1][name] for name, at in self._versions.items() if at > seen}
            said = [sentence for at, sentence in self._said if seen and at > seen]
            return max(self._versions.values()), regions, said

    def _is_news(self, seen: int) -> bool:
        return any(at > seen for at in self._versions.values())

    def stream_closed(self) -> None:
        with self._changed:
            self._streams -= 1


class Stream:
    """What one open page is sent, for as long as it is open. ``close`` it, begun or not.

    Not a generator: one that was never begun would not see its end.
    """

    def __init__(self, live: Live, gone: Callable[[], bool], life_s: float = LIFE_S) -> None:
        self._live = live
        self._gone = gone
        self._seen = 0
        self._until_s = time.monotonic() + life_s
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        beat_s = time.monotonic() + HEARTBEAT_S
        while not (self._closed or self._gone() or time.monotonic() > self._until_s):
            news = self._live.news(self._seen, GONE_S)
            if news is None:
                break
            self._seen, regions, said = news
            if regions:
                data = json.dumps({"regions": regions, "say": said}, separators=(",", ":"))
                return f"retry: 2000\ndata: {data}\n\n".encode()
            if time.monotonic() > beat_s:
                return b": still here\n\n"
        raise StopIteration

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._live.stream_closed()
