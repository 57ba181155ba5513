"""A service as systemd would start it: told when it is ready, asked what it has cost so far."""

from __future__ import annotations

import compileall
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("controller", "drivers")
READY_S = 120.0
STOP_S = 20.0
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Service:
    pid: int
    cpu_to_ready_s: float

    def cpu_s(self) -> float:
        return cpu_s(self.pid)

    def comes_first(self) -> None:
        """As the door's unit asks for (``CPUSchedulingPolicy=fifo``). Raises PermissionError."""
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            os.sched_setscheduler(int(thread.name), os.SCHED_FIFO, os.sched_param(10))

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    def open_files(self) -> int:
        """Sockets among them."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def rss_mb(self) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1000
        raise LookupError("no VmRSS")

    def pss_mb(self) -> float:
        return pss_mb(self.pid)


def cpu_s(pid: int) -> float:
    """User and system time of all threads of a process, to 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


def pss_mb(pid: int) -> float:
    """Memory of a process, what it shares with others counted to each in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    raise LookupError("no Pss")


@contextmanager
def service(
    arguments: Sequence[str], *, secrets: Path, log: Path, environment: Mapping[str, str]
) -> Iterator[Service]:
    """``python ARGUMENTS``, once it has said READY=1; stopped at the end. Its output goes to ``log``."""
    for package in PACKAGES:
        # As pip installs it. To compile all of it again would be a seventh of what a start costs.
        compileall.compile_dir(REPOSITORY / package, quiet=1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, log.open("ab") as output:
        notify.bind("")
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                **environment,
                "CREDENTIALS_DIRECTORY": str(secrets),
                "NOTIFY_SOCKET": "@" + notify.getsockname()[1:].decode("ascii"),
            },
        )
        try:
            while "READY=1" not in _message(notify, process, log):
                pass
            yield Service(process.pid, cpu_s(process.pid))
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _message(notify: socket.socket, process: subprocess.Popen[bytes], log: Path) -> list[str]:
    limit_s = time.monotonic() + READY_S
    while not select.select([notify], [], [], 0.1)[0]:
        if process.poll() is not None or time.monotonic() > limit_s:
            raise RuntimeError(f"{process.args!r} did not get ready:\n{log.read_text()[-2000:]}")
    return notify.recv(4096).decode().split("\n")
