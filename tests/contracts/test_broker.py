"""What every ``controller.devices.Broker`` does, over each broker and protocol there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

import pytest

from controller.devices import (
    Answered,
    Broker,
    BrokerHappening,
    Connected,
    DeviceLost,
    Disconnected,
    Received,
)
from drivers.mqtt_broker import Backoff, MqttBroker, Will
from simulator.broker import Broker as Server

LIMIT_S = 20
T = TypeVar("T", bound=BrokerHappening)

KINDS = {
    "mosquitto-5": ("mosquitto", "5"),
    "mosquitto-3.1.1": ("mosquitto", "3.1.1"),
    "amqtt": ("amqtt", "3.1.1"),
}


class End:
    """One client of the broker and what it was told."""

    def __init__(self, make: Callable[[SimpleQueue[BrokerHappening]], Broker]) -> None:
        self.told: SimpleQueue[BrokerHappening] = SimpleQueue()
        self.broker = make(self.told)

    def next(self, kind: type[T]) -> T:
        while True:
            try:
                happening = self.told.get(timeout=LIMIT_S)
            except Empty:
                pytest.fail(f"no {kind.__name__} came")
            if isinstance(happening, kind):
                return happening

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        return self.broker.publish(topic, payload, retain=retain, content_type="text/plain")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(kind: str, tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "server", KINDS[kind][0]) as running:
        yield running


@pytest.fixture
def end(kind: str, server: Server) -> Iterator[Callable[..., End]]:
    ends: list[End] = []

    def make(name: str, *subscriptions: str, will: Will | None = None) -> End:
        ends.append(
            End(
                lambda told: MqttBroker(
                    told,
                    host=server.host,
                    port=server.port,
                    client_id=name,
                    protocol=KINDS[kind][1],
                    subscriptions=subscriptions,
                    will=will,
                    backoff=Backoff(0.05, 0.5),
                )
            )
        )
        return ends[-1]

    yield make
    for made in ends:
        made.broker.stop()


def test_nothing_is_published_before_there_is_a_connection(end) -> None:
    sender = end("sender")
    with pytest.raises(DeviceLost):
        sender.publish("a", b"")
    sender.broker.start()
    assert sender.next(Connected).window > 0


def test_each_publish_is_answered_by_its_token_and_arrives_in_order(end) -> None:
    reader, sender = end("reader", "a/+"), end("sender")
    reader.broker.start()
    reader.next(Connected)
    sender.broker.start()
    sender.next(Connected)
    tokens = []
    for number in range(40):
        tokens.append(sender.publish("a/b", str(number).encode()))
        answer = sender.next(Answered)
        assert (answer.token, answer.reason) == (tokens[-1], 0)
    assert len(set(tokens)) == 40
    assert [int(reader.next(Received).payload) for _ in range(40)] == list(range(40))


def test_what_is_retained_greets_who_comes_later(end) -> None:
    sender = end("sender")
    sender.broker.start()
    sender.next(Connected)
    sender.publish("a/state", b"old", retain=True)
    sender.publish("a/state", b"new", retain=True)
    sender.next(Answered)
    sender.next(Answered)
    reader = end("reader", "a/+")
    reader.broker.start()
    assert reader.next(Received) == Received("a/state", b"new", retained=True)


def test_it_comes_back_when_the_broker_does(end, server) -> None:
    sender = end("sender")
    sender.broker.start()
    sender.next(Connected)
    server.kill()
    sender.next(Disconnected)
    with pytest.raises(DeviceLost):
        sender.publish("a", b"")
    server.start()
    sender.next(Connected)
    sender.publish("a", b"")
    assert sender.next(Answered).reason < 128


def test_stopping_publishes_the_will(end) -> None:
    sender = end("sender", will=Will("a/state", b"gone"))
    sender.broker.start()
    sender.next(Connected)
    sender.broker.stop()
    reader = end("reader", "a/+")
    reader.broker.start()
    assert reader.next(Received) == Received("a/state", b"gone", retained=True)
