"""Journals out, answers in: the one acting thread of the uplink.

Here: what is published when, and what each happening at the broker means. Never here: how a broker is
spoken to (``drivers``), or the bookkeeping of one journal (``outbox``, ``feed``).

Everything happens in ``turn``, called again and again by the service. Journals take turns event by event,
so that a full one does not hold up the others; the order within a journal is kept.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.devices import (
    Answered,
    Broker,
    BrokerHappening,
    Connected,
    DeviceLost,
    Disconnected,
    Received,
)
from controller.store.journal import Journal, JournalUnavailable
from controller.uplink import cloudevent, door_text
from controller.uplink.acknowledgement import Acknowledgement, NotAnAcknowledgement
from controller.uplink.cloudevent import Source
from controller.uplink.feed import Feed
from controller.uplink.outbox import FIRST_REFUSAL, Outbox
from controller.uplink.state_watch import CONTENT_TYPE, Watch
from controller.uplink.text_board import TextBoard
from controller.uplink.topics import Topics

WINDOW = 50
"""Messages under way to the broker at once; fewer if it says so."""
POLL_US = 200_000
AT_ONCE = 1000
"""Happenings taken in one turn: a broker that never stops talking must not keep us from all the rest."""
SUBJECT = "broker"
PASSING = 20
"""Texts that wait for the window: more than that is nothing that anybody still reads."""
UNWRITTEN = 1000
"""Own events kept while the journal cannot be written; the disk is full then, and others say so too."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A published event that the broker has not answered yet."""

    feed: Feed
    outbox: Outbox
    turn: int
    seq: int


class Publisher:
    """See the module. stamp: the time now; its mono_us drives every timer."""

    def __init__(
        self,
        *,
        broker: Broker,
        happenings: SimpleQueue[BrokerHappening],
        feeds: Sequence[Feed],
        watches: Sequence[Watch],
        board: TextBoard,
        topics: Topics,
        journal: Journal,
        stamp: Callable[[], Stamp],
    ) -> None:
        self._broker = broker
        self._happenings = happenings
        self._feeds = deque(feeds)
        self._watches = tuple(watches)
        self._board = board
        self._topics = topics
        self._sources = {
            feed.service: Source(topics.authority, topics.branch, feed.service) for feed in feeds
        }
        self._journal = journal
        self._stamp = stamp
        self._connected: Connected | None = None
        self._was_lost = False
        self._under_way: dict[int, _UnderWay | None] = {}
        self._state_waits: dict[str, tuple[bytes, str]] = {}
        self._standing: dict[str, bytes] = {}
        self._passing: deque[tuple[str, bytes]] = deque(maxlen=PASSING)
        self._unwritten: deque[NewEvent] = deque(maxlen=UNWRITTEN)
        self._next_poll_us = 0

    @property
    def connected(self) -> bool:
        return self._connected is not None

    @property
    def broker_certified_until_us(self) -> int | None:
        """When the broker's certificate expires, wall time; None without a connection or without TLS."""
        return self._connected.certified_until_us if self._connected else None

    def turn(self) -> None:
        """Poll when it is time, publish what may be, then wait for a happening or the next poll."""
        now_us = self._stamp().mono_us
        if now_us >= self._next_poll_us:
            self._next_poll_us = now_us + POLL_US
            self._poll(now_us)
        self._publish(now_us)
        try:
            happening = self._happenings.get(timeout=max(0, self._next_poll_us - now_us) / 1_000_000)
            self._take(happening)
            for _ in range(AT_ONCE):
                self._take(self._happenings.get_nowait())
        except Empty:
            pass

    def note(self, kind: EventType, data: Mapping[str, JsonValue], *, subject: str = SUBJECT) -> None:
        """An event of our own. A journal that cannot be written gets it later."""
        self._unwritten.append(NewEvent(kind, subject, self._stamp(), data))
        self._write()

    def close(self) -> None:
        """Save every position."""
        self._write()
        for feed in self._feeds:
            feed.close()
        for watch in self._watches:
            watch.close()

    # --- journals ---

    def _poll(self, now_us: int) -> None:
        self._write()
        for feed in self._feeds:
            feed.poll(now_us)
        for watch in self._watches:
            self._retain(watch.poll(), watch.content_type)
        self._tell_displays()

    def _write(self) -> None:
        if not self._unwritten:
            return
        try:
            self._journal.append(list(self._unwritten))
        except JournalUnavailable as error:
            log.error("the uplink's journal cannot be written: %s", error)
        else:
            self._unwritten.clear()

    # --- out ---

    def _publish(self, now_us: int) -> None:
        if self._connected is None:
            return
        window = min(WINDOW, self._connected.window)
        try:
            while self._passing and len(self._under_way) < window:
                topic, payload = self._passing[0]
                token = self._broker.publish(
                    topic, payload, retain=False, content_type=door_text.CONTENT_TYPE
                )
                self._passing.popleft()
                self._under_way[token] = None
            while self._state_waits and len(self._under_way) < window:
                topic = next(iter(self._state_waits))
                payload, content_type = self._state_waits[topic]
                token = self._broker.publish(topic, payload, retain=True, content_type=content_type)
                del self._state_waits[topic]
                self._under_way[token] = None
            idle = 0
            while len(self._under_way) < window and idle < len(self._feeds):
                idle = 0 if self._publish_next(self._feeds[0], now_us) else idle + 1
                self._feeds.rotate(-1)
        except DeviceLost:
            return  # Disconnected is on its way

    def _publish_next(self, feed: Feed, now_us: int) -> bool:
        event = feed.next_event(now_us)
        if event is None:
            return False
        payload = cloudevent.encode(event, self._sources[feed.service], feed.journal_id)
        token = self._broker.publish(
            self._topics.event(event.type), payload, retain=False, content_type=cloudevent.CONTENT_TYPE
        )
        self._under_way[token] = _UnderWay(feed, feed.outbox, feed.outbox.turn, event.seq)
        feed.outbox.published(event.seq)
        return True

    def _tell_displays(self) -> None:
        """What passes while nobody is connected is never told."""
        for door, payload in self._board.take_passing(self._stamp()):
            if self._connected is not None:
                self._passing.append((self._topics.text(door), payload))
        for door, payload in self._board.standing().items():
            if self._standing.get(door) != payload:
                self._standing[door] = payload
                self._retain({self._topics.text(door): payload})

    def _retain(self, payloads: Mapping[str, bytes], content_type: str = CONTENT_TYPE) -> None:
        """To be published as soon as the window allows; what waits for the same topic no longer counts."""
        self._state_waits.update({topic: (payload, content_type) for topic, payload in payloads.items()})

    # --- in ---

    def _take(self, happening: BrokerHappening) -> None:
        match happening:
            case Connected():
                self._on_connected(happening)
            case Disconnected(reason):
                self._on_disconnected(reason)
            case Answered(token, reason):
                self._on_answered(token, reason)
            case Received():
                self._on_received(happening)

    def _on_connected(self, connected: Connected) -> None:
        self._connected = connected
        self._was_lost = False
        log.info("connected to the broker")
        self.note(EventType.UPLINK_CONNECTED, {"session_present": connected.session_present})
        self._retain({self._topics.status: status(online=True, stamp=self._stamp())})
        for watch in self._watches:
            self._retain(watch.payloads(), watch.content_type)
        self._standing.clear()
        self._tell_displays()

    def _on_disconnected(self, reason: str) -> None:
        self._connected = None
        self._under_way.clear()
        self._state_waits.clear()
        self._passing.clear()
        for feed in self._feeds:
            feed.outbox.begin_again()
        if not self._was_lost:  # each vain attempt to come back says so again
            self._was_lost = True
            log.warning("no broker: %s", reason)
            self.note(EventType.UPLINK_LOST, {"reason": reason})

    def _on_answered(self, token: int, reason: int) -> None:
        if token not in self._under_way:
            return
        found = self._under_way.pop(token)
        if found is None:
            if reason >= FIRST_REFUSAL:
                log.warning("the broker refuses our state (reason %d): check its access list", reason)
            return
        if found.outbox.answered(found.turn, found.seq, reason, self._stamp().mono_us):
            log.warning("the broker refuses %s %d: reason %d", found.feed.service, found.seq, reason)
            self.note(
                EventType.UPLINK_REFUSED,
                {"journal": found.feed.service, "sequence": found.seq, "reason": reason},
            )

    def _on_received(self, message: Received) -> None:
        try:
            word = Acknowledgement.parse(message.payload)
        except NotAnAcknowledgement as error:
            log.warning("%r: %s", message.topic, error)
            return
        for feed in self._feeds:
            if feed.journal_id == word.journal_id:
                feed.outbox.acknowledged(word.received, self._stamp().mono_us)


def status(*, online: bool, stamp: Stamp | None = None) -> bytes:
    """The retained word on the branch. The will has no time: nobody knows it when it is deposited."""
    said: dict[str, object] = {"online": online}
    if stamp is not None:
        said |= {"since": cloudevent.rfc3339(stamp.wall_us), "clocktrusted": stamp.clock_trusted}
    return json.dumps(said, separators=(",", ":")).encode()
