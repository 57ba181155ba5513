"""``unlocked uplink`` as a process, with a real broker and the receiver at the other end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.position import Positions
from simulator.broker import Broker
from simulator.receiver import Receiver

pytestmark = pytest.mark.system

LIMIT_S = 20
ROOT = "lu/v1/org/branch"
PASSWORD = "hazel-4711-otter"


class Uplink:
    """A branch of which only the uplink runs; the test writes the door's journal."""

    def __init__(self, folder: Path, broker: Broker, **mqtt: object) -> None:
        self.file = folder / "branch.toml"
        self.secrets = folder / "handed-out"
        self.output = folder / "output"
        settings = {"port": broker.port, "protocol": broker.protocol, "host": broker.host} | mqtt
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
        self.file.write_text(
            f'[branch]\nauthority = "org"\nbranch = "branch"\nname = "Branch"\n'
            f'state_dir = "{folder}/state"\nrun_dir = "{folder}/run"\n'
            f'[door.reader]\nport = "/dev/null"\n[door.lock]\npin = 17\n[mqtt]\n{lines}\n'
        )
        self.paths = Paths.of(load(self.file))
        self.process: subprocess.Popen[bytes] | None = None
        self.door = Journal.open(self.paths.journal("door"), service="door", stamp=self.stamp())

    @staticmethod
    def stamp() -> Stamp:
        return Stamp(time.time_ns() // 1000, time.monotonic_ns() // 1000, "boot", True)

    def happen(self, count: int = 1, kind: EventType = EventType.DOOR_OPENED) -> None:
        self.door.append([NewEvent(kind, "front", self.stamp()) for _ in range(count)])

    def start(self) -> None:
        environment = os.environ | {"CREDENTIALS_DIRECTORY": str(self.secrets)}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "controller", "uplink", "-c", str(self.file)],
                env=environment,
                stdout=output,
                stderr=output,
            )

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        arguments = [sys.executable, "-m", "controller", "uplink", *words, "-c", str(self.file)]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=LIMIT_S)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(how)
        code = self.process.wait(LIMIT_S)
        self.process = None
        return code

    def events(self, service: str) -> list[str]:
        reader = JournalReader(self.paths.journal(service))
        try:
            return [str(event.type) for event in reader.read(0)]
        finally:
            reader.close()


MakeUplink = Callable[..., Uplink]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def uplink(tmp_path: Path) -> Iterator[MakeUplink]:
    made: list[Uplink] = []

    def make(broker: Broker, **mqtt: object) -> Uplink:
        made.append(Uplink(tmp_path, broker, **mqtt))
        return made[-1]

    yield make
    for one in made:
        one.stop()
        one.door.close()


def test_events_arrive_and_the_service_says_who_it_is(broker: Broker, uplink: MakeUplink) -> None:
    branch = uplink(broker, receiver=True)
    branch.happen(3)
    with Receiver(broker.host, broker.port) as receiver:
        branch.start()
        assert receiver.wait_for("door.opened", LIMIT_S, count=3).service == "door"
        assert receiver.wait_for("service.started", LIMIT_S).service == "uplink"
        assert receiver.wait_for("uplink.connected", LIMIT_S).service == "uplink"
        branch.happen(1, EventType.DOOR_CLOSED)
        receiver.wait_for("door.closed", LIMIT_S)
        assert json.loads(receiver.state(f"{ROOT}/status") or b"")["online"] is True
        assert receiver.wait(
            lambda: b'"contact":"closed"' in (receiver.state(f"{ROOT}/door/front") or b""), LIMIT_S
        )
        assert branch.stop() == 0
        assert receiver.wait(lambda: receiver.state(f"{ROOT}/status") == b'{"online":false}', LIMIT_S)
        assert receiver.faults == []
    assert branch.events("uplink")[-1] == "service.stopped"


def test_after_kill_9_it_goes_on_and_repeats_little(broker: Broker, uplink: MakeUplink) -> None:
    branch = uplink(broker)
    with Receiver(broker.host, broker.port, acknowledges=False) as receiver:
        branch.start()
        branch.happen(2000)
        receiver.wait_for("door.opened", LIMIT_S, count=500)
        branch.stop(signal.SIGKILL)
        branch.start()
        receiver.wait_for("door.opened", LIMIT_S, count=2000)
        assert [event.seq for event in receiver.events("door.opened")] == list(range(1, 2001))
        assert receiver.faults == []


def test_replay_while_it_runs_sends_again_and_is_journalled(broker: Broker, uplink: MakeUplink) -> None:
    branch = uplink(broker)
    branch.happen(20)
    with Receiver(broker.host, broker.port, acknowledges=False) as receiver:
        branch.start()
        receiver.wait_for("door.opened", LIMIT_S, count=20)
        # Once the position has been saved, the replay repeats exactly what it was asked for.
        until(lambda: _sent(branch) == 20)
        before = receiver.duplicates
        done = branch.command("replay", "--from", "11", "--journal", "door")
        assert (done.returncode, done.stdout) == (0, "door: events from 11 on will be sent again\n")
        assert receiver.wait(lambda: receiver.duplicates == before + 10, LIMIT_S)
        receiver.wait_for("uplink.replayed", LIMIT_S)
    assert branch.events("console") == ["uplink.replayed"]


def _sent(branch: Uplink) -> int:
    positions = Positions.open(branch.paths.positions)
    try:
        return positions.get(branch.door.journal_id).sent
    finally:
        positions.close()


def test_replay_of_a_journal_that_is_not_there_says_so(broker: Broker, uplink: MakeUplink) -> None:
    refused = uplink(broker).command("replay", "--from", "1", "--journal", "recorder")
    assert refused.returncode == 1
    assert "recorder has no journal yet" in refused.stderr


def test_user_and_password_come_from_the_secret_and_are_never_logged(
    tmp_path: Path, uplink: MakeUplink
) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(passwords), "org/branch", PASSWORD], check=True)
    with Broker(tmp_path / "broker", extra=f"allow_anonymous false\npassword_file {passwords}\n") as broker:
        branch = uplink(broker, username="org/branch")
        branch.secrets.mkdir()
        (branch.secrets / "mqtt-password").write_text(PASSWORD[:-1])
        branch.start()
        until(lambda: "Not authorized" in branch.output.read_text())
        branch.stop()
        (branch.secrets / "mqtt-password").write_text(PASSWORD + "\n")
        branch.start()
        until(lambda: "connected to the broker" in branch.output.read_text())
        branch.stop()
    assert PASSWORD[:-1] not in branch.output.read_text()
    assert PASSWORD[:-1] not in str(branch.events("uplink"))


def test_a_missing_secret_is_one_line(broker: Broker, uplink: MakeUplink) -> None:
    ended = uplink(broker, username="org/branch").command()
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "mqtt-password" in ended.stderr


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.02)
