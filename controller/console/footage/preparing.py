"""Footage encoded anew so that a browser can play it: one file at a time, in memory, and soon gone again.

What somebody looks at now is done first. Never here: who may look at it, and how it is encoded
(``controller.footage.worker``).
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from controller.footage.worker.client import Work, WorkFailed
from controller.footage.worker.job import FilmJob

KEPT_S = 600.0
"""Seconds that a copy is kept after it was last asked for."""
WANTED_S = 20.0
"""Seconds after which what nobody asks for again is not begun."""
MOST_BYTES = 128 * 1024 * 1024
LOOK_S = 5.0
LONGEST_S = 1800.0
"""Seconds that a copy may take: whoever waited is gone by then, and others wait."""
UNFORESEEN = "something is out of order; the controller's log says more"

log = logging.getLogger(__name__)


class State(Enum):
    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


@dataclass
class _Copy:
    """asked_s: when it was last asked for. said: what went wrong, for people."""

    job: FilmJob
    asked_s: float
    state: State = State.WAITING
    said: str = ""
    size: int = 0
    work: Work | None = field(default=None, repr=False)


class Preparing:
    """For any number of threads. clock: seconds, which only rise."""

    def __init__(
        self, folder: Path, turn: threading.Lock, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """folder: emptied, of what the last run may have left. turn: of whoever makes films."""
        self._folder = folder
        self._turn = turn
        self._clock = clock
        self._copies: dict[str, _Copy] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False
        shutil.rmtree(folder, ignore_errors=True)

    def file(self, key: str) -> Path:
        return self._folder / f"{key}.mp4"

    def ask(self, key: str, job: Callable[[Path], FilmJob]) -> tuple[State, str]:
        """How far it is; it is begun with the first time. key: a name for a file, of what is shown and how.

        With ``READY`` it is in ``file(key)``; the text says what is wrong where it failed.
        """
        with self._changed:
            self._tidy()
            copy = self._copies.get(key)
            if copy is None:
                copy = self._copies[key] = _Copy(job(self.file(key)), self._clock())
            copy.asked_s = self._clock()
            running = self._thread is not None and self._thread.is_alive()
            if copy.state is State.WAITING and not running and not self._stopping:
                self._thread = threading.Thread(target=self._run, name="preparing", daemon=True)
                self._thread.start()
            self._changed.notify_all()
            return copy.state, copy.said

    def close(self) -> None:
        """End what is being done, and remove every copy."""
        with self._changed:
            self._stopping = True
            for copy in self._copies.values():
                if copy.work:
                    copy.work.cancel()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()
        self._copies.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self) -> None:
        """Until nothing is kept any more."""
        while True:
            with self._changed:
                self._tidy()
                if self._stopping or not self._copies:
                    self._thread = None
                    return
                waiting = [
                    (copy.asked_s, key) for key, copy in self._copies.items() if copy.state is State.WAITING
                ]
                if not waiting:
                    self._changed.wait(LOOK_S)
                    continue
                copy = self._copies[max(waiting)[1]]
                copy.state = State.WORKING
            self._make(copy)

    def _make(self, copy: _Copy) -> None:
        state, said = State.FAILED, UNFORESEEN
        try:
            with self._turn:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                work = Work(copy.job)
                with self._changed:
                    copy.work = work
                    if self._stopping:
                        work.cancel()
                work.films(lambda _: None, LONGEST_S)
            copy.size = copy.job.target.stat().st_size
            state, said = State.READY, ""
        except (WorkFailed, OSError) as error:
            said = str(error)
            log.warning("footage was not prepared to be looked at: %s", error)
        finally:
            with self._changed:
                copy.state, copy.said, copy.work = state, said, None
                self._changed.notify_all()

    def _tidy(self) -> None:
        """Remove what was not asked for lately, and the oldest where there is too much."""
        now_s = self._clock()
        for key, copy in list(self._copies.items()):
            if copy.state is State.WORKING:
                continue
            idle_s = now_s - copy.asked_s
            if idle_s > (WANTED_S if copy.state is not State.READY else KEPT_S):
                self._remove(key)
        ready = sorted((one.asked_s, key) for key, one in self._copies.items() if one.state is State.READY)
        total = sum(self._copies[key].size for _, key in ready)
        for _, key in ready[:-2]:  # what is played, and what comes next, stays
            if total <= MOST_BYTES:
                break
            total -= self._copies[key].size
            self._remove(key)

    def _remove(self, key: str) -> None:
        del self._copies[key]
        for file in self._folder.glob(f"{key}*"):
            file.unlink(missing_ok=True)
