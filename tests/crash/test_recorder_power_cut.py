"""A recorder whose power is cut, while it destroys or while it records: what is left agrees, and plays."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import av
import pytest

from controller.core.event import EventType
from controller.store.footage import Footage
from controller.store.journal_reader import JournalReader
from controller.store.verify import verify

pytestmark = pytest.mark.crash
PROGRAM = Path(__file__).parent / "programs" / "record.py"
SOAK = os.environ.get("UNLOCKED_SOAK") == "1"
MAY_BE_LOST_US = 3_500_000
"""Synced every two seconds up to the last whole group of pictures, here of one second; and some slack."""


def record_until_cut(power_cut: Any, first_line: str, delay_s: float) -> int:
    """Cut the power this long after a line that begins so; the time of the last picture, or 0."""
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), "record", str(power_cut.root)],
        stdout=subprocess.PIPE, text=True, env=power_cut.environment,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None
            told = []
            while not told or not told[-1].startswith(first_line):
                told.append(process.stdout.readline())
                assert told[-1], "it ended by itself"
            time.sleep(delay_s)  # the moment of the cut, drawn
        finally:
            process.kill()
        told += process.stdout.readlines()
    pictures = [line.split() for line in told if line.startswith("packet ") and line.endswith("\n")]
    return int(pictures[-1][1]) if pictures else 0


def start_again(root: Path) -> None:
    subprocess.run([sys.executable, str(PROGRAM), "repair", str(root)], check=True, timeout=60)


def check(root: Path, last_us: int) -> None:
    footage = Footage.open(root / "footage.db")
    rows = footage.segments("entrance", 0, 2**60)
    footage.close()
    files = {path.relative_to(root / "footage").as_posix() for path in (root / "footage").rglob("*.*")}
    assert files == {row.name for row in rows}
    for row in rows:
        path = root / "footage" / row.name
        assert hashlib.sha256(path.read_bytes()).digest() == row.sha256
        with av.open(str(path)) as film:
            assert sum(1 for _ in film.decode(video=0)) > 0
    if last_us:
        recorded_to_us = max((row.end_us for row in rows), default=0)
        assert last_us - recorded_to_us < MAY_BE_LOST_US
    assert verify(root / "journal.db").ok
    reader = JournalReader(root / "journal.db")
    certificates = [event for event in reader.since(0) if event.type is EventType.DISPOSAL_CERTIFICATE]
    reader.close()
    named = Counter(one for event in certificates for one in event.data["media"])  # type: ignore[union-attr]
    assert len(named) == 30
    assert set(named.values()) == {1}


@pytest.mark.parametrize("point", range(20 if SOAK else 4))
def test_power_cut_while_footage_is_destroyed(power_cut: Any, point: int) -> None:
    record_until_cut(power_cut, "planted", random.Random(point).uniform(0, 0.12))
    power_cut.left()
    start_again(power_cut.root)
    check(power_cut.root, 0)


@pytest.mark.parametrize("point", range(20 if SOAK else 2))
def test_power_cut_while_it_records(power_cut: Any, point: int) -> None:
    last_us = record_until_cut(power_cut, "packet", random.Random(point).uniform(3.5, 7))
    power_cut.left()
    start_again(power_cut.root)
    check(power_cut.root, last_us)
