"""The pytest fixtures that a simulated branch gives to its own tests and to other people's.

Found by pytest through its entry point wherever this package is installed. Never here: assertions.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from simulator.branch import Branch, Plan


@pytest.fixture
def make_branch() -> Iterator[Callable[[Plan], Branch]]:
    """Call it with a ``simulator.branch.Plan`` for a simulated branch, built but not started."""
    # Imported here: whoever has the package installed pays for it only in tests that use it.
    from simulator.branch import Branch

    with ExitStack() as stack:

        def make(plan: Plan) -> Branch:
            folder = Path(tempfile.mkdtemp(prefix="unlocked-test-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            return stack.enter_context(Branch(folder, plan))

        yield make


@pytest.fixture
def branch(make_branch: Callable[[Plan], Branch]) -> Branch:
    """A simulated branch that runs: reader, pins and broker, no camera. On free ports, without root."""
    from simulator.branch import Plan

    branch = make_branch(Plan())
    branch.start()
    return branch
