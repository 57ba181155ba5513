"""The socket at which a supervisor hears how its services are."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from controller.supervisor import Service, Supervisor

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

NOISY = """
import os, socket, sys
wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
wire.connect("\\0" + os.environ["NOTIFY_SOCKET"][1:])
stranger = os.fork()
if stranger == 0:
    wire.send(b"READY=1")
    os._exit(0)
os.waitpid(stranger, 0)
data = open(sys.argv[1], "rb").read()
lengths = [int(length) for length in open(sys.argv[2]).read().split()]
at = 0
for length in lengths:
    wire.send(data[at : at + length])
    at += length
open(sys.argv[3], "w").close()
wire.send(b"READY=1\\nWATCHDOG=1")
"""


def test_a_supervisor_outlives_whatever_a_service_says(tmp_path: Path, hostile: Hostile) -> None:
    """And believes nobody but the service's own process."""
    said: list[str] = []
    seeds = [b"READY=0", b"WATCHDOG=1", b"STATUS=a line", b"STOPPING=1\nSTATUS=x", b"MAINPID=1", b"FDSTORE=1"]
    documents = [
        document
        for document in hostile.documents(seeds, [b"\n", b"=", b"\0", b"\xff"])
        if b"READY=1" not in document.split(b"\n") and document
    ]
    (tmp_path / "data").write_bytes(b"".join(documents))
    (tmp_path / "lengths").write_text(" ".join(str(len(document)) for document in documents))
    (tmp_path / "noisy.py").write_text(NOISY)
    files = ("noisy.py", "data", "lengths", "all-is-said")
    command = (sys.executable, "-S", *(str(tmp_path / name) for name in files))

    def ready() -> None:
        said.append("ready at last" if (tmp_path / "all-is-said").exists() else "ready too soon")
        os.kill(os.getpid(), signal.SIGTERM)

    supervisor = Supervisor(
        [Service("noisy", command)],
        folder=tmp_path / "run",
        log=lambda _, line: said.append(line),
        all_ready=ready,
    )
    assert supervisor.run()
    assert "ready at last" in said
