from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from controller.core.event import EventType
from controller.store.journal_reader import JournalReader

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"


IN_NO_TIME = """
from controller.commands.main import main
from controller.membership.feed import folder_place

folder_place.SETTLED_US = -1_000_000_000  # a file counts as complete at once
main()
"""
FULL = (
    "card_number,status,induction,granted_from,expires,surname\n"
    "00000000000001,active,2025-01-12,2025-01-12,2099-12-31,Nobody\n"
)


@pytest.mark.system
def test_what_appears_in_the_feed_is_imported(tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    feed.mkdir()
    file = feed / "members-full-20251122T060000Z.csv"
    file.write_text(FULL)
    config = tmp_path / "branch.toml"
    text = EXAMPLE.read_text().replace("#assume_trusted = false", "assume_trusted = true")
    for key in ("state_dir", "run_dir", "secrets_dir"):
        (line,) = (line for line in text.splitlines() if line.startswith(f"#{key} = "))
        text = text.replace(line, f'{key} = "{tmp_path / key}"')
    config.write_text(f'{text}\n[feed]\nfolder = "{feed}"\n')
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "site-key").write_text("0" * 64)
    command = [sys.executable, "-c", IN_NO_TIME, "membership", "--config", str(config)]
    environment = {**os.environ, "CREDENTIALS_DIRECTORY": str(tmp_path / "secrets")}
    (tmp_path / "run_dir").mkdir()
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as service:
        try:
            deadline_s = time.monotonic() + 100
            while file.exists() and service.poll() is None and time.monotonic() < deadline_s:
                time.sleep(0.2)
        finally:
            service.send_signal(signal.SIGTERM)
            _, errors = service.communicate(timeout=30)
    assert service.returncode == 0, errors
    assert not file.exists(), errors
    assert b"Nobody" not in errors
    reader = JournalReader(tmp_path / "state_dir" / "membership" / "journal.db")
    last = reader.last(EventType.MEMBERSHIP_IMPORTED)
    reader.close()
    assert last is not None
    assert {name: last.data[name] for name in ("members", "kind", "dropped_columns", "dropped_values")} == {
        "members": 1,
        "kind": "full",
        "dropped_columns": 1,
        "dropped_values": 1,
    }


@pytest.mark.system
def test_the_service_says_that_it_is_ready_and_stops_when_told(tmp_path: Path) -> None:
    config = tmp_path / "branch.toml"
    text = EXAMPLE.read_text().replace("#assume_trusted = false", "assume_trusted = true")
    text = text.replace('#state_dir = "/var/lib/unlocked"', f'state_dir = "{tmp_path}/state"')
    config.write_text(text.replace('#run_dir = "/run/unlocked"', f'run_dir = "{tmp_path}/run"'))
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
