"""The matrix of faults, row by row at one branch: what it says of each is so, and the page tells the same."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from simulator.branch import Branch, Plan
from simulator.fault_page import page
from simulator.faults.row import Row, chapters
from simulator.faults.trial import Trial, examined
from simulator.lms.system import Lms

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

SOAK = os.environ.get("UNLOCKED_SOAK") == "1"
PLAN = Plan(camera=True, lms=Lms(), lock_sensor=True, machine=True, read_only_root=True, pulse_s=1.0)
ROWS = [row for chapter in chapters() for row in chapter.rows]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    with Branch(tmp_path_factory.mktemp("faults"), PLAN) as branch:
        branch.start()
        branch.hold(time.time_ns() // 1000)  # so that there are registers
        yield Trial(branch, partial(examined, branch.layout.config))


@pytest.mark.parametrize(
    "row", [row for row in ROWS if SOAK or not row.soak], ids=lambda row: row.fault.replace(" ", "-")
)
def test_what_comes_of_a_fault(trial: Trial, row: Row) -> None:
    assert trial.play(row) == []


def test_nothing_was_written_but_in_the_folders_for_it(trial: Trial) -> None:
    """All of that on a root that is read-only: the services write what is theirs, and try nothing else."""
    assert trial.branch.machine.refused() == []


def test_the_page_has_the_rows_as_they_are() -> None:
    written = Path(__file__).parents[2] / "docs" / "faults.md"
    assert page(chapters()) == written.read_text(encoding="utf-8")
