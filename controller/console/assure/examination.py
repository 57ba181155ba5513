"""The examination behind the page of promises: ``unlocked assure`` as a process of its own, one at a time.

It reads every journal from its first event, which takes a while and memory that pages should not hold. What
it found is kept in memory until the next, or until the console ends. Never here: what is examined
(``controller.assurance``), or how it looks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

NICE = 10
LIMIT_S = 900
KEPT, NOT_KEPT = 0, 1
"""Exit codes with which it has found something out."""


@dataclass(frozen=True, slots=True)
class Examined:
    """began_us: of the one that goes on, microseconds since 1970 UTC; None: none does. report: of the last.

    fault: why the last one found nothing out; empty if it did.
    """

    began_us: int | None = None
    report: dict[str, Any] | None = None
    fault: str = ""


class Examination:
    """For any number of threads. command: what is started; its JSON is the report."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._now = Examined()
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None

    @property
    def now(self) -> Examined:
        with self._lock:
            return self._now

    def begin(self, now_us: int) -> None:
        """Begin one, unless one goes on."""
        with self._lock:
            if self._now.began_us is not None:
                return
            try:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            except OSError as error:
                self._now = replace(self._now, fault=f"it could not be started: {error.strerror}")
                return
            self._now = replace(self._now, began_us=now_us)
            with suppress(
                ProcessLookupError, PermissionError
            ):  # it has ended already, or may not be made nice
                os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)
            self._thread = threading.Thread(
                target=self._wait, args=(self._process,), name="examination", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """Stop the one that goes on; returns when it has ended."""
        with self._lock:
            process, thread = self._process, self._thread
        if process is not None:
            process.kill()
        if thread is not None:
            thread.join()

    def _wait(self, process: subprocess.Popen[str]) -> None:
        try:
            said, errors = process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            said, errors = process.communicate()
            errors += f"\nit took longer than {LIMIT_S // 60} minutes"
        report, fault = _found(process.returncode, said, errors)
        with self._lock:
            self._now = Examined(None, report or self._now.report, fault)
            self._process = None


def _found(code: int, said: str, errors: str) -> tuple[dict[str, Any] | None, str]:
    if code in (KEPT, NOT_KEPT):
        try:
            report = json.loads(said)
        except ValueError:
            report = None
        if isinstance(report, dict):
            return report, ""
    lines = errors.strip().splitlines()
    return None, lines[-1].removeprefix("Error: ") if lines else f"it ended with exit code {code}"


def command_of(config: Path) -> tuple[str, ...]:
    """The command for the branch of these settings."""
    return (sys.executable, "-m", "controller", "assure", "--json", "--config", str(config))
