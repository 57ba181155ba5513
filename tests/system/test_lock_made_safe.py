"""``unlocked run`` and a door that dies while it holds the lock released: who secures it, and how soon."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from controller.commands.main import main as unlocked
from controller.commands.run import DOOR_WATCHDOG_S
from simulator.pins.panel import Panel, boottime_us

pytestmark = pytest.mark.system
LOCK_PIN = 17
SAFE_S = 1.0
LIMIT_S = 30.0

SETTINGS = """
[branch]
authority = "test"
branch = "test"
name = "Test"
state_dir = "{0}/state"
run_dir = "{0}/run"
secrets_dir = "{0}/secrets"
[clock]
assume_trusted = true
[[doors]]
[[doors.readers]]
port = "{0}/no-reader"
[doors.lock]
pin = 17
[mqtt]
enabled = false
"""


class Run:
    """``unlocked run`` with simulated pins and nothing else fitted."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "branch.toml"
        self.file.write_text(SETTINGS.format(folder))
        made = CliRunner().invoke(unlocked, ["init", "--throw-away", "--config", str(self.file)])
        assert made.exit_code == 0, made.output
        self.panel = Panel(folder / "pins")
        self._output = folder / "output"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "controller", "run", str(self.file)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.panel.environment},
            )

    @staticmethod
    def _unlocked(*arguments: str) -> None:
        command = [sys.executable, "-m", "controller", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
        assert done.returncode == 0, done.stderr

    def door_pids(self) -> list[int]:
        found = re.findall(r"door started, process (\d+)", self._output.read_text())
        return [int(pid) for pid in found]

    def wait(self, condition: Callable[[], object]) -> None:
        limit = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < limit, self._output.read_text()
            time.sleep(0.01)

    def wait_until_ready(self, times: int) -> None:
        self.wait(lambda: self._output.read_text().count("door is ready") >= times)

    def release(self) -> None:
        """Hold the door open: nothing but its death can secure it now for as long as a test lasts."""
        self._unlocked("door", "--config", str(self.file), "hold-open", "--minutes", "5")
        assert self.panel.level(LOCK_PIN)

    def secured_after_s(self, since_us: int) -> float:
        self.panel.wait(LOCK_PIN, level=False, limit_s=LIMIT_S)
        edges = [e.mono_us for e in self.panel.history(LOCK_PIN) if not e.level and e.mono_us > since_us]
        return (edges[0] - since_us) / 1e6

    def close(self) -> None:
        for _ in range(2):
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
        self.process.wait(LIMIT_S)
        self.panel.close()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    running = Run(tmp_path)
    try:
        running.wait_until_ready(1)
        running.release()
        yield running
    finally:
        running.close()


def test_a_killed_door_leaves_the_lock_secured_and_comes_back(run: Run) -> None:
    killed_us = boottime_us()
    os.kill(run.door_pids()[0], signal.SIGKILL)
    assert run.secured_after_s(killed_us) < SAFE_S
    run.wait_until_ready(2)
    assert not run.panel.level(LOCK_PIN)  # no restart revives a hold-open


def test_a_frozen_door_is_killed_and_leaves_the_lock_secured(run: Run) -> None:
    frozen_us = boottime_us()
    os.kill(run.door_pids()[0], signal.SIGSTOP)
    assert run.secured_after_s(frozen_us) < DOOR_WATCHDOG_S + SAFE_S
    run.wait_until_ready(2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end_of_it_all_leaves_the_lock_secured(run: Run, number: signal.Signals) -> None:
    run.process.send_signal(number)
    assert run.process.wait(LIMIT_S) == 0
    assert not run.panel.level(LOCK_PIN)


def test_a_killed_supervisor_leaves_a_door_that_secures_its_own_lock(run: Run) -> None:
    killed_us = boottime_us()
    run.process.kill()
    run.process.wait(LIMIT_S)
    assert run.secured_after_s(killed_us) < SAFE_S


def test_a_frozen_door_under_a_supervisor_that_is_told_to_stop(run: Run) -> None:
    os.kill(run.door_pids()[0], signal.SIGSTOP)
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(LIMIT_S) == 0
    assert not run.panel.level(LOCK_PIN)
