"""The door as a process of its own: real drivers, journal and memberships; simulated wires."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from controller.core.card import CardNumber
from controller.core.event import Event
from controller.secrets import site_key
from controller.secrets.identity import open_box, public_key_text
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader
from controller.store.members_owner import MembersOwner
from controller.store.verify import verify
from simulator.members import valid_membership
from simulator.pins.panel import Panel
from simulator.serial_wire import SerialWire
from simulator.waiting import wait_until

pytestmark = pytest.mark.system

LIMIT_S = 15
LOCK, CONTACT, EXIT_BUTTON, FIRE = 17, 27, 22, 23
MEMBER, EXPIRED, STRANGER = "25891000331441", "25891000331458", "25891000339999"
SETTINGS = """
[branch]
authority = "test"
branch = "door"
name = "Test Library"
state_dir = "{folder}/state"
run_dir = "{folder}/run"
secrets_dir = "{folder}/secrets"
[clock]
assume_trusted = true
[hours.unstaffed]
{hours}
[[doors]]
held_open_s = 5
[[doors.readers]]
port = "{folder}/reader"
baud = 115200
repeat_s = 0.2
[doors.lock]
pin = 17
pulse_s = {pulse_s}
[doors.contact]
pin = 27
[doors.exit_button]
pin = 22
[inputs.fire]
pin = 23
"""


class DoorProcess:
    """``unlocked door`` in a folder of its own, with its reader's line."""

    def __init__(self, folder: Path, environment: dict[str, str], pulse_s: float = 1.0) -> None:
        self.folder = folder
        self.environment = environment
        self.config = folder / "branch.toml"
        days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        hours = "\n".join(f'{day} = ["00:00-24:00"]' for day in days)
        self.config.write_text(SETTINGS.format(folder=folder, hours=hours, pulse_s=pulse_s))
        self.private_key = X25519PrivateKey.generate()
        self._make_secrets_and_members()
        self.wire = SerialWire(folder / "reader", baud=115_200)
        self.process: subprocess.Popen[bytes] | None = None

    def _make_secrets_and_members(self) -> None:
        secrets = self.folder / "secrets"
        secrets.mkdir()
        key = site_key.generate()
        (secrets / "site-key").write_text(key.reveal())
        (secrets / "authority-public-key").write_text(public_key_text(self.private_key.public_key()))
        now_us = time.time_ns() // 1000
        rows = [
            (
                line,
                site_key.member_ref(key, CardNumber(number)),
                replace(valid_membership(datetime.now(UTC).date(), now_us), expires=until),
            )
            for line, (number, until) in enumerate(
                [(MEMBER, date(2099, 1, 1)), (EXPIRED, date(2001, 1, 1))], start=1
            )
        ]
        members = MembersOwner.open(Paths.of(load(self.config)).members)
        members.import_set(rows, as_of_us=now_us, key_id=site_key.key_id(key))
        members.close()

    def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(str(self.folder / f"notify-{time.monotonic_ns()}"))
            notified.settimeout(LIMIT_S)
            self.process = subprocess.Popen(
                [sys.executable, "-m", "controller", "door", "--config", str(self.config)],
                env={
                    **os.environ,
                    **self.environment,
                    "NOTIFY_SOCKET": notified.getsockname(),
                    "CREDENTIALS_DIRECTORY": str(self.folder / "secrets"),
                },
            )
            while b"READY=1" not in notified.recv(256):
                continue

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(LIMIT_S)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)
        self.wire.close()

    @property
    def journal(self) -> Path:
        return Paths.of(load(self.config)).journal("door")

    def events(self) -> list[Event]:
        reader = JournalReader(self.journal)
        try:
            return reader.read(0, limit=100_000)
        finally:
            reader.close()

    def types(self) -> list[str]:
        return [event.type.value for event in self.events()]

    def tell(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "controller", "door", "--config", str(self.config), *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[Panel]:
    with Panel(tmp_path / "pins.sock") as panel:
        panel.set(CONTACT, True)  # not made: the door is shut, with active_low the contact's default
        yield panel


@pytest.fixture
def door(tmp_path: Path, panel: Panel) -> Iterator[DoorProcess]:
    door = DoorProcess(tmp_path, panel.environment)
    door.start()
    yield door
    door.close()


def test_a_swipe_releases_the_lock_for_its_pulse_and_is_written(door: DoorProcess, panel: Panel) -> None:
    door.wire.swipe(MEMBER)
    panel.wait(LOCK, True, LIMIT_S)
    panel.wait(LOCK, False, LIMIT_S)
    (pulse,) = panel.pulses(LOCK)
    assert 0.9 < pulse.duration_s < 3  # of 1 s: a busy machine may be late to look
    wait_until(lambda: "door.unused" in door.types(), LIMIT_S)
    assert door.types() == [
        "service.started",
        "access.granted",
        "door.unlocked",
        "door.locked",
        "door.unused",
    ]
    assert door.end() == 0
    assert verify(door.journal).ok


def test_the_member_s_card_is_in_the_sealed_box_and_nowhere_else(door: DoorProcess, panel: Panel) -> None:
    door.wire.swipe(STRANGER)
    door.wire.swipe(EXPIRED)
    door.wire.swipe(MEMBER)
    panel.wait(LOCK, True, LIMIT_S)
    assert door.end() == 0
    with sqlite3.connect(door.journal) as journal:
        (journal_id,) = journal.execute("SELECT id FROM journal").fetchone()
        boxes = journal.execute("SELECT seq, field, box FROM sealed ORDER BY seq").fetchall()
        dump = "\n".join(journal.iterdump())
    journal.close()
    opened = [
        open_box(door.private_key, box, f"{journal_id}|{seq}|{field}".encode()) for seq, field, box in boxes
    ]
    assert opened == [EXPIRED.encode(), MEMBER.encode()]
    for number in (MEMBER, EXPIRED, STRANGER):
        assert number not in dump
        assert number.encode().hex() not in dump.lower()


def test_a_reader_that_is_unplugged_works_again_soon_after(door: DoorProcess, panel: Panel) -> None:
    door.wire.unplug()
    wait_until(lambda: "reader.lost" in door.types(), LIMIT_S)
    door.wire.plug()
    back = time.monotonic()
    wait_until(lambda: "reader.found" in door.types(), LIMIT_S)
    assert time.monotonic() - back < 10
    door.wire.swipe(MEMBER)
    panel.wait(LOCK, True, LIMIT_S)


def test_a_card_swiped_before_the_door_was_ready_opens_nothing(tmp_path: Path, panel: Panel) -> None:
    door = DoorProcess(tmp_path, panel.environment)
    door.wire.swipe(MEMBER)
    door.start()
    door.wire.swipe(STRANGER)
    wait_until(lambda: "access.refused" in door.types(), LIMIT_S)
    assert door.types() == ["service.started", "access.refused"]
    assert panel.pulses(LOCK) == []
    door.close()


def test_a_killed_door_is_made_safe_by_make_safe(door: DoorProcess, panel: Panel) -> None:
    door.wire.swipe(MEMBER)
    panel.wait(LOCK, True, LIMIT_S)
    door.end(signal.SIGKILL)
    assert panel.level(LOCK), "a pin stays as its dead owner left it"
    made_safe = door.tell("make-safe")
    assert made_safe.returncode == 0, made_safe.stderr
    assert not panel.level(LOCK)


def test_a_restarted_door_secures_the_lock_and_takes_up_a_lockdown_but_no_hold_open(
    door: DoorProcess, panel: Panel
) -> None:
    assert door.tell("hold-open", "--minutes", "5").returncode == 0
    panel.wait(LOCK, True, LIMIT_S)
    door.end(signal.SIGKILL)
    door.start()
    assert not panel.level(LOCK)
    assert '"mode": "locked"' in door.tell("status", "--json").stdout
    assert door.tell("lockdown").returncode == 0
    door.end(signal.SIGKILL)
    door.start()
    assert '"mode": "lockdown"' in door.tell("status", "--json").stdout
    door.wire.swipe(MEMBER)
    wait_until(lambda: "access.refused" in door.types(), LIMIT_S)
    refused = next(event for event in door.events() if event.type == "access.refused")
    assert (refused.data["reason"], refused.data["reader"]) == ("lockdown", "in")
    assert len(panel.pulses(LOCK)) == 1


def test_staff_can_release_the_lock_for_one_pulse(door: DoorProcess, panel: Panel) -> None:
    assert door.tell("unlock", "--why", "test").returncode == 0
    panel.wait(LOCK, True, LIMIT_S)
    panel.wait(LOCK, False, LIMIT_S)


def test_the_contacts_are_seen(door: DoorProcess, panel: Panel) -> None:
    panel.set(EXIT_BUTTON, False)
    wait_until(lambda: "exit.requested" in door.types(), LIMIT_S)
    panel.set(CONTACT, False)
    wait_until(lambda: "door.opened" in door.types(), LIMIT_S)
    wait_until(lambda: "door.held" in door.types(), LIMIT_S)
    panel.set(FIRE, False)
    wait_until(lambda: "fire.started" in door.types(), LIMIT_S)


def test_commands_say_what_came_of_them(door: DoorProcess) -> None:
    assert "mode:" in door.tell("status").stdout
    too_long = door.tell("hold-open", "--minutes", "61")
    assert too_long.returncode == 1
    assert "minutes must be 1 to 60" in too_long.stderr
    door.end()
    gone = door.tell("status")
    assert gone.returncode == 1
    assert "is it running" in gone.stderr


def calm(types: list[str]) -> bool:
    """Whether the reader has babbled and is listened to again."""
    return [type for type in types if type in ("reader.babbling", "reader.calm")][-1:] == ["reader.calm"]


@pytest.mark.fuzz
def test_noise_on_the_wire_admits_nobody(door: DoorProcess, panel: Panel) -> None:
    noise = Random(20261122)
    for _ in range(25 if os.environ.get("UNLOCKED_SOAK") == "1" else 10):
        door.wire.send(noise.randbytes(4_000))
    door.wire.send(b"\r")
    wait_until(lambda: calm(door.types()), LIMIT_S)
    door.wire.swipe(MEMBER)
    panel.wait(LOCK, True, LIMIT_S)
    wait_until(lambda: "door.unlocked" in door.types(), LIMIT_S)
    assert door.types().count("access.granted") == 1
    assert {event.data.get("reason") for event in door.events() if event.type == "access.refused"} == {
        "not_read"
    }


def test_it_runs_on_gpiozero_s_own_mock_pins(tmp_path: Path) -> None:
    door = DoorProcess(tmp_path, {"GPIOZERO_PIN_FACTORY": "mock"})
    door.start()
    door.wire.swipe(MEMBER)
    wait_until(lambda: "door.unlocked" in door.types(), LIMIT_S)
    assert door.end() == 0
    door.close()
