"""A second factor, and the authority's own accounts: in a process of their own, for Django is set up once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SETTINGS = """
[console.sso]
second_factor = true

[console.sso.openid]
issuer = "https://login.example.org/staff"
client_id = "unlocked"
"""


def test_the_pages_of_sso(tmp_path: Path) -> None:
    """Those of ``sso_pages`` beside this, each of which shows by itself."""
    pages = Path(__file__).with_name("sso_pages.py")
    quick = ["-p", "no:xdist", "--assert=plain", f"--confcutdir={pages.parent}"]
    command = [sys.executable, "-m", "pytest", "-q", *quick, str(pages)]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "UNLOCKED_TEST_SETTINGS": SETTINGS, "PYTHONPATH": str(root)}
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
