"""Starting a process that cannot outlive whoever started it. Never here: what it is."""

from __future__ import annotations

BOUND = ("setpriv", "--pdeathsig", "TERM", "--")
"""Put before a command: the kernel sends it SIGTERM when we die, however we die. From util-linux."""
