"""The real services of a simulated branch under ``unlocked run``: its process, and what it says.

Here: starting, stopping and killing them. Never here: devices, or what the services do.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread

from simulator.processes import BOUND

READY_LIMIT_S = 180.0
STOP_LIMIT_S = 60.0
LOOK_S = 0.05
STARTED = re.compile(r"supervisor +\| (\w+) started, process (\d+)")
PAGES = re.compile(r"console +\| .*the staff pages are at (http://\S+)")
READY = re.compile(r"supervisor +\| (\w+) is ready")
LAST_WORDS = 15
"""Lines of the log that a BranchError repeats."""


class BranchError(Exception):
    """The branch did not do what a test or scenario needs of it. The message has the log's last lines."""


class Services:
    """Run from ``start`` until ``stop``; more than once, if wanted.

    environment: of the pins. kept: the file that the log is kept in. listener: called with each line of it,
    from a thread.
    """

    def __init__(
        self, config: Path, environment: Mapping[str, str], kept: Path, listener: Callable[[str], None] | None
    ) -> None:
        self._config = config
        self._environment = environment
        self._kept = kept
        self._listener = listener
        self._log: list[str] = []
        self._pids: dict[str, int] = {}
        self._ready: set[str] = set()
        self._pages = ""
        self._log_changed = Condition()
        self._supervisor: subprocess.Popen[str] | None = None
        self._reading: Thread | None = None

    def start(self) -> None:
        """Run the services; returns when all are ready. Raises BranchError."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind("")  # an abstract name that the kernel picks
            notify.settimeout(LOOK_S)
            supervisor = self._launch("@" + notify.getsockname()[1:].decode("ascii"))
            limit = time.monotonic() + READY_LIMIT_S
            while not _said_ready(notify):
                if supervisor.poll() is not None or time.monotonic() > limit:
                    code = self.stop()
                    raise self.failed(f"it did not get ready within {READY_LIMIT_S:g} s (exit {code})")

    def begin(self, service: str) -> None:
        """Run the services; returns as soon as this one has been started. Raises BranchError."""
        with self._log_changed:
            self._pids.clear()
        self._launch("")
        self.pid(service)

    def _launch(self, notify: str) -> subprocess.Popen[str]:
        self._supervisor = subprocess.Popen(
            [*BOUND, sys.executable, "-m", "controller", "run", str(self._config)],
            env={**os.environ, **self._environment, "NOTIFY_SOCKET": notify},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        self._reading = Thread(target=self._read_log, name="branch-log", daemon=True)
        self._reading.start()
        return self._supervisor

    def stop(self) -> int:
        """Stop the services as Ctrl-C would; returns the supervisor's exit code. Safe to call twice."""
        if self._supervisor is None:
            return 0
        self._supervisor.terminate()
        try:
            code = self._supervisor.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            # A second request ends it and all it started at once.
            self._supervisor.terminate()
            try:
                code = self._supervisor.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._supervisor.kill()
                code = self._supervisor.wait()
        if self._reading is not None:
            self._reading.join(timeout=STOP_LIMIT_S)
        if self._supervisor.stdout is not None:
            self._supervisor.stdout.close()
        self._supervisor = None
        return code

    def cut(self) -> None:
        """End everything at once (SIGKILL), as a power cut does."""
        if self._supervisor is None:
            return
        supervisor = self._supervisor.pid
        # It starts nobody else while it is looked who is there.
        os.kill(supervisor, signal.SIGSTOP)
        children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="ascii")
        for child in map(int, children.split()):
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        os.kill(supervisor, signal.SIGKILL)
        self.stop()

    def pid(self, service: str) -> int:
        """Process id of a service, as last started. Raises BranchError."""
        with self._log_changed:
            if not self._log_changed.wait_for(lambda: service in self._pids, READY_LIMIT_S):
                raise self.failed(f"{service} has not been started")
            return self._pids[service]

    def kill(self, service: str) -> None:
        """Kill a service's process (SIGKILL) and wait until its successor is ready. Raises BranchError."""
        killed = self.pid(service)
        os.kill(killed, signal.SIGKILL)

        def back() -> bool:
            return self._pids[service] != killed and service in self._ready

        with self._log_changed:
            if not self._log_changed.wait_for(back, READY_LIMIT_S):
                raise self.failed(f"{service} did not come back within {READY_LIMIT_S:g} s")

    def until_ready(self) -> None:
        """Wait until every service that was started is ready. Raises BranchError."""
        with self._log_changed:
            if not self._log_changed.wait_for(lambda: self._ready >= self._pids.keys(), READY_LIMIT_S):
                raise self.failed(f"not all were ready within {READY_LIMIT_S:g} s")

    @property
    def pages(self) -> str:
        """The address of the staff pages, without a slash at its end."""
        with self._log_changed:
            return self._pages

    @property
    def log(self) -> list[str]:
        """What the services have said, line by line."""
        with self._log_changed:
            return list(self._log)

    def failed(self, why: str) -> BranchError:
        return BranchError("\n    ".join([f"{why}; the services' last words:", *self.log[-LAST_WORDS:]]))

    def _read_log(self) -> None:
        assert self._supervisor is not None
        assert self._supervisor.stdout is not None
        with self._kept.open("a", encoding="utf-8") as kept:
            for line in self._supervisor.stdout:
                kept.write(line)
                kept.flush()
                self._heard(line)

    def _heard(self, line: str) -> None:
        with self._log_changed:
            self._log.append(line.rstrip())
            if started := STARTED.match(line):
                self._pids[started[1]] = int(started[2])
                self._ready.discard(started[1])
            if pages := PAGES.match(line):
                self._pages = pages[1]
            if ready := READY.match(line):
                self._ready.add(ready[1])
            self._log_changed.notify_all()
        if self._listener is not None:
            self._listener(line.rstrip())


def _said_ready(notify: socket.socket) -> bool:
    try:
        return b"READY=1" in notify.recv(4096)
    except TimeoutError:
        return False
