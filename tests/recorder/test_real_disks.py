"""Bad days of a real file system: one that fills, and one that becomes read-only.

The tests are in ``mounted/bad_disks.py`` and run in a process that may mount file systems of its own.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "mounted" / "bad_disks.py"
NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


def may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True)
    return tried.returncode == 0


@pytest.mark.system
@pytest.mark.timeout(300)  # seconds of work, which a machine that is busy stretches
def test_bad_days_of_a_real_disk(tmp_path: Path) -> None:
    if not may_mount():
        pytest.skip("this system lets nobody mount file systems of his own")
    ended = subprocess.run(
        [
            *NAMESPACE,
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:xdist",
            "--basetemp",
            str(tmp_path / "inside"),
            str(TESTS),
        ],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
