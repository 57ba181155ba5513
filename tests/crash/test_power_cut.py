"""Nothing acknowledged is lost to a power cut; and a check that the cuts would show it if it were."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import Stamp
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.verify import verify

pytestmark = pytest.mark.crash
PROGRAM = Path(__file__).parent / "programs" / "append.py"
SOAK = os.environ.get("UNLOCKED_SOAK") == "1"
POINTS = 40 if SOAK else 8
MOST_APPENDS = 250
PowerCut = Any  # the fixture's class lives in conftest.py, which tests cannot import


@contextlib.contextmanager
def running(power_cut: PowerCut, *command: str | Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *map(str, command)], stdout=subprocess.PIPE, text=True, env=power_cut.environment
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def acknowledged_until_cut(
    power_cut: PowerCut, journal: Path, synchronous: str, point: int
) -> dict[int, str]:
    """Append until a moment drawn by ``point``, then cut. Returns seq to id of what was acknowledged."""
    draw = random.Random(point)
    lines = draw.randrange(1, MOST_APPENDS)
    delay_s = draw.uniform(0, 0.003)
    with running(power_cut, PROGRAM, journal, synchronous) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        time.sleep(delay_s)  # somewhere between an acknowledgement and the next: the draw, not luck
        process.kill()
        told += process.stdout.readlines()
    pairs = [line.split() for line in told if line.endswith("\n")]
    assert len(pairs) >= lines
    return {int(seq): event_id for seq, event_id in pairs}


def kept(journal: Path) -> dict[int, str]:
    """What stands in the journal once its owner has opened it again; it must verify."""
    if not journal.exists():
        return {}
    now = Stamp(time.time_ns() // 1000, time.monotonic_ns() // 1000, "next-boot", clock_trusted=False)
    Journal.open(journal, service="door", stamp=now).close()
    checked = verify(journal)
    assert checked.ok, checked.fault
    reader = JournalReader(journal)
    found: dict[int, str] = {}
    while events := reader.read(max(found, default=0)):
        found |= {event.seq: event.id for event in events}
    reader.close()
    return found


@pytest.mark.parametrize("point", range(POINTS))
def test_a_power_cut_loses_nothing_that_was_acknowledged(power_cut: PowerCut, point: int) -> None:
    journal = power_cut.root / "door" / "journal.db"
    acknowledged = acknowledged_until_cut(power_cut, journal, "FULL", point)
    power_cut.left()
    assert acknowledged.items() <= kept(journal).items()


def test_a_journal_goes_on_after_one_power_cut_and_the_next(power_cut: PowerCut) -> None:
    journal = power_cut.root / "door" / "journal.db"
    acknowledged: dict[int, str] = {}
    for point in range(1000, 1003):
        acknowledged |= acknowledged_until_cut(power_cut, journal, "FULL", point)
        power_cut.left()
        assert acknowledged.items() <= kept(journal).items()


@pytest.mark.timeout(600 if SOAK else 120)
def test_the_same_with_less_syncing_does_lose_events(power_cut: PowerCut) -> None:
    """Without this the test above might pass because the cuts cut nothing."""
    lost = 0
    for point in range(POINTS):
        journal = power_cut.root / str(point) / "journal.db"
        acknowledged = acknowledged_until_cut(power_cut, journal, "NORMAL", point)
        power_cut.left()
        lost += not acknowledged.items() <= kept(journal).items()
    assert lost > 0


SHOWN_TO_CUT: dict[str, tuple[str, dict[str, str]]] = {
    "what is not synced is gone": ("write('a', 'x')", {}),
    "what is synced stays": ("sync(write('a', 'x'))", {"a": "x"}),
    "content is as it was synced last": ("sync(write('a', 'x')); write('a', 'y')", {"a": "x"}),
    "a rename waits for its folder": (
        "sync(write('a', 'x')); (root / 'a').rename(root / 'b')",
        {"a": "x"},
    ),
    "a rename whose folder was synced stays": (
        "sync(write('a', 'x')); (root / 'a').rename(root / 'b'); sync(root)",
        {"b": "x"},
    ),
    "a removal waits for its folder": ("sync(write('a', 'x')); (root / 'a').unlink()", {"a": "x"}),
    "a removal whose folder was synced stays": (
        "sync(write('a', 'x')); (root / 'a').unlink(); sync(root)",
        {},
    ),
    "a name without content is an empty file": ("write('a', 'x'); sync(root)", {"a": ""}),
    "a replacement waits for its folder": (
        "sync(write('a', 'x')); sync(write('b', 'y')); (root / 'b').rename(root / 'a')",
        {"a": "x", "b": "y"},
    ),
    "a folder comes with the file in it": ("(root / 'f').mkdir(); sync(write('f/a', 'x'))", {"f/a": "x"}),
}


@pytest.mark.parametrize("case", SHOWN_TO_CUT)
def test_what_a_power_cut_leaves(power_cut: PowerCut, case: str) -> None:
    program, left = SHOWN_TO_CUT[case]
    source = f"""
import os, pathlib
root = pathlib.Path({str(power_cut.root)!r})
def write(name, text):
    (root / name).write_text(text)
    return root / name
def sync(path):
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
{program}
"""
    subprocess.run([sys.executable, "-S", "-c", source], check=True, env=power_cut.environment)
    disk = power_cut.left()
    assert {
        str(file.relative_to(disk)): file.read_text() for file in disk.rglob("*") if file.is_file()
    } == left
