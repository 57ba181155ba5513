"""An MQTT broker of one's own: Mosquitto where it is installed, else amqtt, each in its own process.

Here: starting it on a free port of this machine, ending it politely or not, and starting it again on
the same port. Mosquitto speaks MQTT 5 and keeps its sessions on disk; amqtt speaks 3.1.1 alone and
forgets everything when it ends. Never here: what is sent.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal, Self

from simulator.processes import BOUND

HOST = "127.0.0.1"
START_LIMIT_S = 20.0
STOP_LIMIT_S = 10.0

Kind = Literal["mosquitto", "amqtt"]


def mosquitto() -> str | None:
    """Path of Mosquitto's program. Debian puts it where only root's PATH looks."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """A TCP port of this machine that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Broker:
    """A broker that runs from ``start`` until ``stop``, ``kill`` or the end of a ``with`` block.

    folder: for its settings, its log and, with Mosquitto, its store. kind: which broker; by default
    Mosquitto if it is installed. autosave: Mosquitto writes its store every second, so that a SIGKILL
    loses at most the last one; otherwise only when it ends politely. extra: further lines for
    mosquitto.conf (TLS, passwords, ACL).
    """

    def __init__(
        self, folder: Path, kind: Kind | None = None, *, autosave: bool = True, extra: str = ""
    ) -> None:
        self.kind: Kind = kind or ("mosquitto" if mosquitto() else "amqtt")
        self.host = HOST
        self.port = free_port()
        self.protocol: Literal["5", "3.1.1"] = "5" if self.kind == "mosquitto" else "3.1.1"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "broker.log"
        if self.kind == "mosquitto":
            (folder / "mosquitto.conf").write_text(self._configuration(autosave) + extra, encoding="utf-8")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id. Raises RuntimeError when it does not run."""
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError("the broker is not running")
        return self._process.pid

    def start(self) -> None:
        """Start, and return when it takes connections. Raises RuntimeError with its own words if not."""
        if self.running:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                (*BOUND, *self._command()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C is for whoever started us, who then ends us in order
            )
        limit = time.monotonic() + START_LIMIT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > limit:
                self.kill()
                said = self._log.read_text(encoding="utf-8", errors="replace")[-1000:]
                raise RuntimeError(f"{self.kind} did not start on port {self.port}: {said}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it politely (SIGTERM): it writes what it holds."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once (SIGKILL): what it has not written is lost."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=1):
                return True
        except OSError:
            return False

    def _command(self) -> list[str]:
        if self.kind == "amqtt":
            return [sys.executable, "-m", "simulator.amqtt_process", self.host, str(self.port)]
        program = mosquitto()
        if program is None:
            raise RuntimeError("Mosquitto is not installed")
        return [program, "-c", str(self._folder / "mosquitto.conf")]

    def _configuration(self, autosave: bool) -> str:
        lines = [
            f"listener {self.port} {self.host}",
            "allow_anonymous true",
            "persistence true",
            f"persistence_location {self._folder}/",
            # 0 is no limit: a receiver that is away for 5,000 events shall find them all.
            "max_queued_messages 0",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
        ]
        if autosave:
            # One change is enough, and one second is the shortest interval there is.
            lines += ["autosave_on_changes true", "autosave_interval 1"]
        if os.geteuid() == 0:
            # As root it would change to a user who may not write into our folder.
            lines.append("user root")
        return "\n".join(lines) + "\n"
