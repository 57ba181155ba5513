"""The power is cut while the door starts, after one sync after the other: the next start comes up, nothing
that was journalled before is lost, and the lock is never released."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from controller.store.journal_reader import JournalReader
from controller.store.verify import verify
from simulator.branch import Branch, Plan

pytestmark = [pytest.mark.crash, pytest.mark.system, pytest.mark.timeout(600)]

SOAK = os.environ.get("UNLOCKED_SOAK") == "1"
STEP = 1 if SOAK else 3
"""After how many syncs more the next cut is."""
LIMIT_S = 60.0
PowerCut = Any  # the fixture's class lives in conftest.py, which tests cannot import
MakeBranch = Callable[[Plan], Branch]


@contextlib.contextmanager
def door(branch: Branch, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], bool]]:
    """The door's process, once it is ready or has died: whether it is ready."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind("")
        notified.settimeout(0.05)
        process = subprocess.Popen(
            [sys.executable, "-m", "controller", "door", "--config", str(branch.layout.config)],
            env={
                **environment,
                **branch.environment,
                "CREDENTIALS_DIRECTORY": str(branch.layout.secrets),
                "NOTIFY_SOCKET": "@" + notified.getsockname()[1:].decode("ascii"),
            },
        )
        try:
            yield process, until_ready(process, notified)
        finally:
            process.kill()
            process.wait()


def until_ready(process: subprocess.Popen[bytes], notified: socket.socket) -> bool:
    while True:
        try:
            if b"READY=1" in notified.recv(256):
                return True
        except TimeoutError:
            if process.poll() is not None:
                return False


def ids(journal: Path) -> dict[int, str]:
    reader = JournalReader(journal)
    try:
        return {event.seq: event.id for event in reader.read(0, limit=10_000)}
    finally:
        reader.close()


def test_a_start_that_is_cut_off_is_made_good_by_the_next(
    power_cut: PowerCut, make_branch: MakeBranch
) -> None:
    branch = make_branch(Plan(broker=None))
    # The memberships are made anew elsewhere: what is on the disk here is the door's.
    state = branch.layout.state
    (state / "membership" / "members.db").unlink()
    for file in sorted(state.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    state.rmdir()
    state.symlink_to(power_cut.root)
    journal = power_cut.root / "door" / "journal.db"
    known: dict[int, str] = {}
    cuts = 0
    for at in count(1, STEP):
        with door(branch, {**power_cut.environment, power_cut.at: str(at)}) as (process, is_ready):
            if is_ready:
                process.send_signal(signal.SIGTERM)
                assert process.wait(LIMIT_S) in (0, -signal.SIGKILL)
        cuts += process.returncode == -signal.SIGKILL
        power_cut.left()
        branch.panel.cut_power()
        with door(branch, dict(power_cut.environment)) as (again, is_ready):
            assert is_ready, f"the door does not start after a cut at sync {at}"
            again.send_signal(signal.SIGTERM)
            assert again.wait(LIMIT_S) == 0
        power_cut.left()
        assert verify(journal).ok
        assert known.items() <= (known := ids(journal)).items()
        if process.returncode == 0:
            break  # it outlived all of its syncs
    assert cuts, "the first sync at least is one of a start"
    assert branch.panel.pulses(branch.front.lock) == []
