"""The benchmarks run, and have a figure in every row. What the figures are is nobody's business here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SHORT = (
    *("--members", "1000", "--swipes", "20", "--seconds", "2", "--cameras", "1", "--reconnects", "2"),
    *("--segments", "1600", "--events", "2000"),
)
ROWS = {
    "swipe": [
        "floor in C, SQLite",
        "swipe, idle, journalled",
        "four cameras",
        "CPU to ready",
        "memory after",
    ],
    "decision": ["decision, every rule on"],
    "lookup": ["look-up among 1,000", "p50 against the few"],
    "members": [
        "import of 1,000 members, CSV",
        "JSON Lines",
        "changes",
        "memory at its height",
        "look-up during it",
    ],
    "keeping": [
        "footage.db with 1,600 rows",
        "around 21:14",
        "unlinking 1,600 files",
        "sweep of a day: 1,38",
    ],
    "journal": [
        "plain SQLite",
        "chain, indexes",
        "sealed card number",
        "against plain SQLite",
        "in a transaction",
        "signing a head",
        "journal of 2,000 events",
        "verifying it",
    ],
    "reconnects": ["each", "memory", "grown by", "threads", "open files"],
    "wear": ["an hour of a camera", "without a swipe: door", "a swipe, six events", "a day of 300 swipes"],
    "recorder": ["ffmpeg -c copy", "SHA-256", "health", "keyframes", "smaller stream", "against ffmpeg"],
}


TAKE_LONG = ("swipe", "members", "recorder", "wear")
"""Played with UNLOCKED_SOAK=1 only."""
PLAYED = [name for name in ROWS if os.environ.get("UNLOCKED_SOAK") == "1" or name not in TAKE_LONG]


@pytest.mark.system
@pytest.mark.parametrize("name", PLAYED)
def test_a_benchmark_runs_and_prints_its_rows(tmp_path: Path, name: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", name, *SHORT, "--dir", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert ended.returncode == 0, ended.stderr
    for row in ROWS[name]:
        assert re.search(rf"^.*{re.escape(row)}.*\d.*$", ended.stdout, re.MULTILINE), ended.stdout
    assert list(tmp_path.iterdir()) == []  # it leaves nothing behind
