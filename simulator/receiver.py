"""Whoever stores the events at the authority's end: it receives, knows duplicates, and acknowledges.

Here: a subscriber with a session that survives the broker, which keeps the first arrival of every
event, counts the others, and acknowledges per journal the highest sequence below which nothing is
missing. Never here: what the events mean.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from typing import Any, Literal, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

EVERYTHING = "lu/v1/+/+/#"
BATCH = 200
"""An acknowledgement is cumulative, so one serves for what has come together, up to so many messages."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event as it arrived. journal: the journal's id. service: whose journal it is."""

    id: str
    type: str
    journal: str
    seq: int
    service: str
    subject: str
    data: Mapping[str, object]
    topic: str


class NotAnEvent(ValueError):
    """A message on an event's topic that is not a CloudEvent of ours."""


def parse(topic: str, payload: bytes) -> Delivered:
    """Raises NotAnEvent."""
    try:
        found = json.loads(payload)
        return Delivered(
            id=str(found["id"]),
            type=str(found["type"]).removeprefix("unlocked."),
            journal=str(found["journal"]),
            seq=int(found["sequence"]),
            service=str(found["source"]).rsplit("/", 1)[-1],
            subject=str(found["subject"]),
            data=dict(found["data"]),
            topic=topic,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise NotAnEvent(f"{topic}: {error!r}") from error


@dataclass(slots=True)
class Journal:
    """What has arrived of one journal. complete: the highest sequence with no gap below it."""

    complete: int = 0
    beyond: set[int] = field(default_factory=set)

    def add(self, seq: int) -> None:
        if seq > self.complete:
            self.beyond.add(seq)
        while self.complete + 1 in self.beyond:
            self.complete += 1
            self.beyond.remove(self.complete)


@dataclass(slots=True)
class _Store:
    """What the two threads and the callers share, under ``changed``."""

    events: dict[str, Delivered] = field(default_factory=dict)
    journals: dict[str, Journal] = field(default_factory=dict)
    state: dict[str, bytes] = field(default_factory=dict)
    duplicates: int = 0
    faults: list[str] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)


class Receiver:
    """Connected from ``start`` until ``stop``; it comes back by itself when the broker does.

    acknowledges: whether it tells the branch what it has stored. listener: called on the receiver's
    thread with the first arrival of every event.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        protocol: Literal["5", "3.1.1"] = "5",
        acknowledges: bool = True,
        name: str = "receiver",
        listener: Callable[[Delivered], None] | None = None,
    ) -> None:
        self._address = (host, port)
        self._five = protocol == "5"
        self._acknowledges = acknowledges
        self._name = name
        self._listener = listener
        self._store = _Store()
        self._arrived: SimpleQueue[tuple[str, bytes] | None] = SimpleQueue()
        self._subscribed = False
        self._thread = Thread(target=self._work, name="receiver", daemon=True)
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            protocol=mqtt.MQTTv5 if self._five else mqtt.MQTTv311,
            clean_session=None if self._five else False,
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, limit_s: float = 10.0) -> None:
        """Connect; returns when the broker has taken the subscription. Raises TimeoutError."""
        host, port = self._address
        if self._five:
            session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's has no types
            session.SessionExpiryInterval = 3600
            self._client.connect(host, port, keepalive=10, clean_start=False, properties=session)
        else:
            self._client.connect(host, port, keepalive=10)
        self._client.loop_start()
        self._thread.start()
        with self._store.changed:
            if not self._store.changed.wait_for(lambda: self._subscribed, limit_s):
                raise TimeoutError(f"the broker did not take the subscription within {limit_s} s")

    def stop(self) -> None:
        """Disconnect. What has arrived can still be asked for."""
        self._client.disconnect()
        self._client.loop_stop()
        self._arrived.put(None)
        self._thread.join()

    # --- what has arrived -----------------------------------------------------------------------

    def events(self, type_: str | None = None) -> list[Delivered]:
        """First arrivals, in their order."""
        with self._store.changed:
            return [event for event in self._store.events.values() if type_ in (None, event.type)]

    @property
    def duplicates(self) -> int:
        """How many messages carried an event that had arrived before."""
        with self._store.changed:
            return self._store.duplicates

    @property
    def faults(self) -> list[str]:
        """What arrived on an event's topic and was none, and events whose copies differ."""
        with self._store.changed:
            return list(self._store.faults)

    def complete(self, journal: str) -> int:
        """The highest sequence of a journal below which nothing is missing."""
        with self._store.changed:
            return self._store.journals.get(journal, Journal()).complete

    def state(self, topic: str) -> bytes | None:
        """The latest payload of a topic that is not an event's: status, door."""
        with self._store.changed:
            return self._store.state.get(topic)

    def wait(self, condition: Callable[[], bool], limit_s: float) -> bool:
        """Look at ``condition`` after every arrival until it holds; whether it did within the limit."""
        with self._store.changed:
            return self._store.changed.wait_for(condition, limit_s)

    def wait_for(self, type_: str, limit_s: float = 10.0, count: int = 1) -> Delivered:
        """The ``count``-th event of a type, waited for. Raises TimeoutError."""
        if not self.wait(lambda: len(self.events(type_)) >= count, limit_s):
            raise TimeoutError(f"{len(self.events(type_))} of {count} {type_} arrived within {limit_s} s")
        return self.events(type_)[count - 1]

    # --- the client's thread, and ours ----------------------------------------------------------

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe(EVERYTHING, qos=1)

    def _on_subscribe(self, *_: Any) -> None:
        with self._store.changed:
            self._subscribed = True
            self._store.changed.notify_all()

    def _on_message(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        self._arrived.put((message.topic, bytes(message.payload)))

    def _work(self) -> None:
        while (first := self._arrived.get()) is not None:
            batch = [first]
            over = False
            try:
                while len(batch) < BATCH and not over:
                    more = self._arrived.get_nowait()
                    over = more is None
                    if more is not None:
                        batch.append(more)
            except Empty:
                pass
            self._take(batch)
            if over:
                return

    def _take(self, batch: list[tuple[str, bytes]]) -> None:
        touched: dict[str, str] = {}
        for topic, payload in batch:
            root, kind = "/".join(topic.split("/")[:4]), topic.split("/")[4]
            if kind == "ack":
                continue
            if kind != "evt":
                with self._store.changed:
                    self._store.state[topic] = payload
                    self._store.changed.notify_all()
                continue
            try:
                event = parse(topic, payload)
            except NotAnEvent as error:
                with self._store.changed:
                    self._store.faults.append(str(error))
                continue
            touched[event.journal] = root
            if self._keep(event) and self._listener is not None:
                self._listener(event)
        if self._acknowledges:
            for journal, root in touched.items():
                said = {"journal": journal, "received": self.complete(journal)}
                self._client.publish(f"{root}/ack/{self._name}", json.dumps(said), qos=1)

    def _keep(self, event: Delivered) -> bool:
        """Store a first arrival; False for one that was there before."""
        with self._store.changed:
            known = self._store.events.get(event.id)
            if known is None:
                self._store.events[event.id] = event
                self._store.journals.setdefault(event.journal, Journal()).add(event.seq)
            else:
                self._store.duplicates += 1
                if known != event:
                    self._store.faults.append(f"{event.id} arrived again with another content")
            self._store.changed.notify_all()
            return known is None
