"""Rows of the matrix of faults are read, and every mistake is named; a machine fails as it is told to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from controller.core.outcome import Outcome
from simulator.faults.machine import ClockIs, Disk, Machine
from simulator.faults.row import REFUSES, chapters, parse
from simulator.scenario import ScenarioError

GOOD = """
title: Reader
rows:
  - fault: Its plug is pulled
    do: [{unplug: reader, expect: {reader.lost: {}}}]
    door: refuses closed_hours
    footage: goes on
    shows: no_reader
    doctor: {part: reader, says: away}
"""


def test_a_row_is_read() -> None:
    (row,) = parse(GOOD, "reader").rows
    assert (row.door, row.reason, row.shows) == (REFUSES, "closed_hours", Outcome.NO_READER)
    assert row.do[0].what == "reader"


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        ("closed_hours", "tired", "tired"),
        ("goes on", "rests", "footage: rests"),
        ("door: refuses closed_hours", "door: sulks", "door: sulks"),
        ("no_reader", "nothing", "nothing"),
        ("fault:", "flaw:", "no such key: flaw"),
        ("unplug: reader", "unplug: kettle", "kettle"),
    ],
)
def test_a_mistake_is_named(was: str, is_now: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        parse(GOOD.replace(was, is_now), "reader")


def test_no_fault_is_there_twice() -> None:
    faults = [row.fault for chapter in chapters() for row in chapter.rows]
    assert len(set(faults)) == len(faults)


PROGRAM = """
import ctypes, errno, os, shutil, time
from pathlib import Path
def tried(work):
    try:
        work()
        return "done"
    except OSError as error:
        return errno.errorcode[error.errno]
from drivers.system_clock import SystemClock
here = Path.cwd()
file = open(here / "there", "r+b", buffering=0)
print("open", flush=True)
input()
print(tried(lambda: (here / "new").write_bytes(b"x" * 9)), tried(lambda: file.write(b"again")),
      tried(lambda: os.fsync(file)), tried(lambda: (here / "away").mkdir()), shutil.disk_usage(here).free > 0,
      SystemClock().read().synchronised, round((time.time() - float(os.environ["NOW"])) / 3600))
os.chdir("/")
"""


@pytest.mark.parametrize(
    ("disk", "clock", "said"),
    [
        (Disk.FINE, ClockIs.RIGHT, "done done done done True True 0"),
        (Disk.FULL, ClockIs.RIGHT, "ENOSPC done done done False True 0"),
        (Disk.READ_ONLY, ClockIs.UNSET, "EROFS EROFS EROFS EROFS True False -24"),
    ],
)
def test_a_machine_fails_as_it_is_told_to(tmp_path: Path, disk: Disk, clock: ClockIs, said: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "there").write_bytes(b"something")
    with (
        Machine(tmp_path, root) as machine,
        subprocess.Popen(
            [sys.executable, "-B", "-c", PROGRAM],
            env={**os.environ, **machine.environment, "NOW": str(time.time())},
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as program,
    ):
        assert program.stdout is not None
        assert program.stdout.readline() == "open\n"
        machine.disk(disk)
        machine.clock(clock)
        done, _ = program.communicate("\n")
    assert done.strip() == said


def test_a_root_that_is_read_only_tells_what_was_tried(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "there").write_bytes(b"something")
    (tmp_path / "state").mkdir()
    (tmp_path / "machine-files").mkdir()
    with Machine(tmp_path / "machine-files", root, [tmp_path / "state"]) as machine:
        script = f"""
from pathlib import Path
Path({str(tmp_path / "state" / "mine")!r}).write_text("x")
try:
    Path({str(root / "new")!r}).write_text("x")
except OSError as error:
    print(error.strerror)
"""
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, **machine.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == "Read-only file system"
        assert machine.refused() == [str(root / "new")]
