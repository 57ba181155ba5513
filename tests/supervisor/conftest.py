"""A supervisor in a process of its own, over services that do as they are told."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"
LIMIT_S = 20.0


@dataclass
class Supervised:
    """The running supervisor, and what it and its services noted: (time, service, what)."""

    folder: Path
    services: list[dict[str, object]] = field(default_factory=list)
    after_death_fails: int = 0
    process: subprocess.Popen[bytes] | None = None

    def service(
        self,
        name: str,
        *behaviour: str,
        command: list[str] | None = None,
        secrets: dict[str, str] | None = None,
        after_death: bool = False,
        **limits: float,
    ) -> None:
        fake = [sys.executable, "-S", str(PROGRAMS / "fake_service.py"), name, str(self.folder / "notes")]
        self.services.append(
            {
                "name": name,
                "command": command or [*fake, *behaviour],
                "secrets": secrets or {},
                "after_death": after_death,
                "limits": limits,
            }
        )

    def start(self) -> None:
        plan = {
            "notes": str(self.folder / "notes"),
            "folder": str(self.folder / "run"),
            "services": self.services,
            "after_death_fails": self.after_death_fails,
        }
        (self.folder / "plan.json").write_text(json.dumps(plan))
        with (self.folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(PROGRAMS / "supervise.py"), str(self.folder / "plan.json")],
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def notes(self, service: str | None = None) -> list[tuple[float, str, str]]:
        file = self.folder / "notes"
        found = []
        for line in file.read_text().splitlines() if file.exists() else []:
            moment, name, what = line.split(" ", 2)
            found.append((float(moment), name, what))
        return [note for note in found if service in (None, note[1])]

    def happened(self, service: str | None = None) -> list[tuple[str, str]]:
        """The notes without their times and process numbers."""
        return [(name, re.sub(r" as \d+", "", what)) for _, name, what in self.notes(service)]

    def pids(self, service: str) -> list[int]:
        return [int(what.split()[-1]) for _, _, what in self.notes(service) if what.startswith("runs as")]

    def output(self) -> str:
        return (self.folder / "output").read_text()

    def wait(self, condition: Callable[[], object]) -> None:
        limit = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < limit, f"not in time:\n{self.output()}\n{self.notes()}"
            time.sleep(0.01)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def ended(self) -> int:
        assert self.process is not None
        return self.process.wait(LIMIT_S)


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    rig = Supervised(tmp_path)
    yield rig
    if rig.process is not None and rig.process.poll() is None:
        rig.process.send_signal(signal.SIGTERM)
        rig.process.send_signal(signal.SIGTERM)
        rig.process.wait(LIMIT_S)
    for service in rig.services:
        for pid in rig.pids(str(service["name"])):
            with contextlib.suppress(ProcessLookupError):
                assert f"{tmp_path}/notes" not in _command_line(pid), f"process {pid} was left behind"


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Whether a process is no more; a zombie is no more."""

    def is_gone(pid: int) -> bool:
        try:
            os.kill(pid, 0)
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except (ProcessLookupError, FileNotFoundError):
            return True

    return is_gone
