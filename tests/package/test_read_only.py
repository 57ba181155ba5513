"""A root that cannot be written to: what a branch keeps, and the log, lie elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.package.branch import Branch
from tests.package.container import Container
from tests.package.image import Image, Root
from tests.package.machine import Failed
from tests.package.test_upgrade import granted, holds


def test_a_branch_runs_on_a_root_that_is_read_only(set_up: tuple[Image, str], tmp_path: Path) -> None:
    if not isinstance(set_up[0], Root):
        pytest.skip("tried in a container")
    with Container(set_up[0], tmp_path, read_only=True) as machine:
        branch = Branch(machine)
        branch.wait_until_running()
        with pytest.raises(Failed):
            machine.run("touch /etc/unlocked/x")
        before = granted(branch)
        assert [swipe for swipe in branch.swipes(5) if swipe.after_ms is None] == []
        machine.run("systemctl restart unlocked.target")
        branch.wait_until_running()
        assert [swipe for swipe in branch.swipes(5) if swipe.after_ms is None] == []
        assert granted(branch) == before + 10
        holds(branch)
