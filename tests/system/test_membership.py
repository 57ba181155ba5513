from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from controller.core.event import EventType
from controller.store.journal_reader import JournalReader

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"


@pytest.mark.system
def test_the_service_says_that_it_is_ready_and_stops_when_told(tmp_path: Path) -> None:
    config = tmp_path / "branch.toml"
    text = EXAMPLE.read_text().replace("#assume_trusted = false", "assume_trusted = true")
    config.write_text(text.replace('#state_dir = "/var/lib/unlocked"', f'state_dir = "{tmp_path}/state"'))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(30)
        command = [sys.executable, "-m", "controller", "membership", "--config", str(config)]
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as service:
            assert told.recv(100) == b"READY=1"
            assert told.recv(100) == b"WATCHDOG=1"
            service.send_signal(signal.SIGTERM)
            _, errors = service.communicate(timeout=30)
    assert service.returncode == 0, errors
    reader = JournalReader(tmp_path / "state" / "membership" / "journal.db")
    types = [event.type for event in reader.read(0)]
    reader.close()
    assert types[0] is EventType.SERVICE_STARTED
    assert types[-1] is EventType.SERVICE_STOPPED
