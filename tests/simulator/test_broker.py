"""Both brokers serve, stop, and come back; the receiver keeps first arrivals and acknowledges them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any, get_args

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from simulator.broker import Broker, Kind
from simulator.receiver import Journal, NotAnEvent, Receiver, parse

ROOT = "lu/v1/testshire/market-street"


@pytest.fixture(params=get_args(Kind))
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker", request.param) as broker:
        yield broker


class Branch:
    """A publisher of events that keeps the acknowledgements it hears."""

    def __init__(self, broker: Broker) -> None:
        self.heard: list[dict[str, object]] = []
        version = mqtt.MQTTv5 if broker.protocol == "5" else mqtt.MQTTv311
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=version)
        subscribed = Event()
        self.client.on_subscribe = lambda *_: subscribed.set()
        self.client.on_message = lambda _c, _u, message: self.heard.append(json.loads(message.payload))
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()
        self.client.subscribe(f"{ROOT}/ack/+", qos=1)
        assert subscribed.wait(5)

    def publish(self, seq: int, **changes: object) -> None:
        self.client.publish(
            f"{ROOT}/evt/door.opened", json.dumps(event(seq, **changes)), qos=1
        ).wait_for_publish(5)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def branch(broker: Broker) -> Iterator[Branch]:
    branch = Branch(broker)
    yield branch
    branch.close()


@pytest.fixture
def receiver(broker: Broker) -> Iterator[Receiver]:
    with Receiver(broker.host, broker.port, protocol=broker.protocol) as receiver:
        yield receiver


def event(seq: int, **changes: object) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"id-{seq}",
        "source": "/testshire/market-street/door",
        "type": "unlocked.door.opened",
        "subject": "front",
        "journal": "j1",
        "sequence": str(seq),
        "data": {},
        **changes,
    }


def test_events_arrive_once_each_and_are_acknowledged_without_gaps(
    receiver: Receiver, branch: Branch
) -> None:
    for seq in (1, 2, 4, 2, 3):
        branch.publish(seq)
    assert receiver.wait(lambda: receiver.complete("j1") == 4, 10)
    assert [e.seq for e in receiver.events("door.opened")] == [1, 2, 4, 3]
    assert receiver.events("door.closed") == []
    assert receiver.duplicates == 1
    assert receiver.faults == []
    branch.publish(5)
    assert receiver.wait_for("door.opened", count=5).service == "door"
    receiver.stop()
    told = [a["received"] for a in branch.heard if a["journal"] == "j1"]
    assert told == sorted(told, key=lambda n: int(str(n)))
    assert {1, 2, 3, 4, 5}.issuperset(int(str(n)) for n in told)


def test_what_is_no_event_and_what_changed_on_the_way_are_faults(receiver: Receiver, branch: Branch) -> None:
    branch.publish(1)
    branch.publish(1, data={"changed": True})
    branch.client.publish(f"{ROOT}/evt/door.opened", b"\xff", qos=1).wait_for_publish(5)
    branch.publish(2)
    receiver.wait_for("door.opened", count=2)
    assert len(receiver.faults) == 2


def test_state_is_kept_by_topic(receiver: Receiver, branch: Branch) -> None:
    branch.client.publish(f"{ROOT}/status", b"online", qos=1, retain=True)
    assert receiver.wait(lambda: receiver.state(f"{ROOT}/status") == b"online", 10)
    assert receiver.events() == []


def test_a_receiver_that_does_not_acknowledge_is_silent(broker: Broker, branch: Branch) -> None:
    with Receiver(broker.host, broker.port, protocol=broker.protocol, acknowledges=False) as receiver:
        branch.publish(1)
        receiver.wait_for("door.opened")
    assert branch.heard == []


def test_the_broker_comes_back_on_its_port(broker: Broker) -> None:
    port, first = broker.port, broker.pid
    broker.kill()
    assert not broker.running
    with pytest.raises(RuntimeError, match="not running"):
        _ = broker.pid
    broker.start()
    assert broker.port == port
    assert broker.pid != first


def test_a_broker_that_cannot_start_says_why(broker: Broker, tmp_path: Path) -> None:
    other = Broker(tmp_path / "other", "mosquitto")
    (tmp_path / "other" / "mosquitto.conf").write_text("no such key\n")
    with pytest.raises(RuntimeError, match="did not start"):
        other.start()


def test_without_mosquitto_amqtt_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.broker.mosquitto", lambda: None)
    with Broker(tmp_path) as broker:
        assert (broker.kind, broker.protocol) == ("amqtt", "3.1.1")


def test_the_highest_sequence_without_a_gap() -> None:
    journal = Journal()
    seen = []
    for seq in (2, 3, 1, 1, 5):
        journal.add(seq)
        seen.append(journal.complete)
    assert seen == [0, 0, 3, 3, 3]


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"\x00", b'{"id": 1}'])
def test_only_events_are_parsed(payload: bytes) -> None:
    with pytest.raises(NotAnEvent):
        parse("topic", payload)
