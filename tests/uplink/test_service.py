"""``unlocked uplink`` as a process, with a real broker and the receiver at the other end."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import EventType
from controller.secrets.journal_key import JournalKey
from controller.secrets.signed_note import Note
from controller.store.journal import Journal
from controller.store.position import Positions
from controller.store.signed_heads import SignedHeadsReader, Signing
from simulator.broker import Broker
from simulator.receiver import Receiver
from simulator.waiting import wait_until

pytestmark = pytest.mark.system

LIMIT_S = 20
ROOT = "lu/v1/org/branch"
PASSWORD = "hazel-4711-otter"


MakeUplink = Callable[..., Any]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker") as running:
        yield running


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


def test_signed_heads_are_retained_as_they_stand_in_the_journal(broker: Broker, uplink: MakeUplink) -> None:
    branch = uplink(broker)
    key = JournalKey.generate("org", "branch", "door")
    path = branch.paths.journal("door")
    signing = Signing(key, branch.stamp)
    signed = Journal.open(path, service="door", stamp=branch.stamp(), signing=signing)
    branch.happen(3)
    signed.close()
    reader = SignedHeadsReader(path)
    newest = (reader.newest() or "").encode()
    reader.close()
    with Receiver(broker.host, broker.port, acknowledges=False) as receiver:
        branch.start()
        head = f"{ROOT}/journals/door/head"
        assert receiver.wait(lambda: receiver.state(head) == newest, LIMIT_S)
    assert Note.parse(newest).signers([key.public]) == (key.public,)


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
        wait_until(lambda: _sent(branch) == 20, LIMIT_S)
        before = receiver.duplicates
        done = branch.command("replay", "--from", "11", "--journal", "door")
        assert (done.returncode, done.stdout) == (0, "door: events from 11 on will be sent again\n")
        assert receiver.wait(lambda: receiver.duplicates == before + 10, LIMIT_S)
        receiver.wait_for("uplink.replayed", LIMIT_S)
    assert branch.events("console") == ["uplink.replayed"]


def _sent(branch: Any) -> int:
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
        wait_until(lambda: "Not authorized" in branch.output.read_text(), LIMIT_S)
        branch.stop()
        (branch.secrets / "mqtt-password").write_text(PASSWORD + "\n")
        branch.start()
        wait_until(lambda: "connected to the broker" in branch.output.read_text(), LIMIT_S)
        branch.stop()
    assert PASSWORD[:-1] not in branch.output.read_text()
    assert PASSWORD[:-1] not in str(branch.events("uplink"))


def test_a_missing_secret_is_one_line(broker: Broker, uplink: MakeUplink) -> None:
    ended = uplink(broker, username="org/branch").command()
    assert ended.returncode == 2, "it is not started again until somebody has put that right"
    assert len([line for line in ended.stderr.splitlines() if "journal-key-uplink" not in line]) == 1
    assert "mqtt-password" in ended.stderr
