"""What a branch does not ask, it does not load."""

from __future__ import annotations

import subprocess
import sys


def test_only_koha_needs_a_library_for_http() -> None:
    script = "import sys, controller.membership.main; print([m for m in sys.modules if m.startswith('http')])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "httpx" not in told.stdout
    assert "httpcore" not in told.stdout
