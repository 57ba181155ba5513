"""Somebody at a terminal: what a command says is waited for, and what they type goes to it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

LIMIT_S = 60.0
AGAIN_S = 5.0


class Terminal:
    """Runs ``unlocked`` with these arguments until ``close``."""

    def __init__(self, *arguments: object, environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "controller", *map(str, arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "dumb", **environment},
            start_new_session=True,
            cwd=Path(__file__).parents[1],
        )
        os.close(theirs)
        self.said = ""
        self._read_to = 0

    def until(self, pattern: str) -> str:
        """What is said from where it was last read to, up to ``pattern``. Raises AssertionError."""
        end_s = time.monotonic() + LIMIT_S
        while (found := re.search(pattern, self.said[self._read_to :])) is None:
            if not self._read(end_s - time.monotonic()):
                raise AssertionError(f"no {pattern!r} in:\n{self.said}")
        begin, self._read_to = self._read_to, self._read_to + found.end()
        return self.said[begin : self._read_to]

    def answer(self, question: str, typed: str = "") -> None:
        """Type a line once this was asked; nothing takes the default."""
        self.until(question)
        os.write(self._ours, f"{typed}\n".encode())

    def interrupt(self) -> int:
        """Ctrl-C, and again if nothing comes of it: one in the moment before a line is waited for is lost."""
        end_s = time.monotonic() + LIMIT_S
        while self.process.poll() is None and time.monotonic() < end_s:
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(AGAIN_S)
        return self.ended()

    def ended(self) -> int:
        while self._read(LIMIT_S):
            pass
        return self.process.wait(LIMIT_S)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _read(self, limit_s: float) -> bool:
        """Whether it said more in time."""
        if not select.select([self._ours], [], [], max(0.0, limit_s))[0]:
            return False
        try:
            data = os.read(self._ours, 65_536)
        except OSError:  # it has ended
            return False
        self.said += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)
