"""The publisher with real journals and positions, a broker played by the test, and the test's own clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.core.states.door import DoorState
from controller.core.states.memberships import MembershipsState
from controller.devices import (
    Answered,
    BrokerHappening,
    Connected,
    DeviceLost,
    Disconnected,
    Received,
)
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader
from controller.store.owner import move_aside
from controller.store.position import Positions
from controller.uplink.door_text import DoorText
from controller.uplink.feed import Feed
from controller.uplink.outbox import Pace
from controller.uplink.publisher import Publisher
from controller.uplink.state_watch import StateWatch
from controller.uplink.text_board import TextBoard
from controller.uplink.topics import Topics

ROOT = "lu/v1/org/branch"
S = 1_000_000


@dataclass
class PlayedBroker:
    """Takes everything while ``up``; the test gives the answers."""

    happenings: SimpleQueue[BrokerHappening]
    up: bool = True
    sent: list[tuple[int, str, bytes, bool]] = field(default_factory=list)

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool, content_type: str) -> int:  # noqa: ARG002
        if not self.up:
            raise DeviceLost("not connected")
        self.sent.append((len(self.sent) + 1, topic, payload, retain))
        return len(self.sent)


class Rig:
    """Publisher, journals and broker. ``turn`` runs the publisher without waiting."""

    def __init__(
        self, folder: Path, *, receiver: bool = False, services: tuple[str, ...] = ("door",)
    ) -> None:
        self.folder = folder
        self.receiver = receiver
        self.services = services
        self.now_us = 1
        self.restricted: frozenset[str] = frozenset()
        self.journals = {service: self.journal(service) for service in (*services, "uplink")}
        self.start()

    def start(self) -> None:
        self.happenings: SimpleQueue[BrokerHappening] = SimpleQueue()
        self.broker = PlayedBroker(self.happenings)
        self.positions = Positions.open(self.folder / "positions.db")
        self.feeds = {
            service: Feed(
                service,
                JournalReader(self.path(service)),
                self.positions,
                needs_receiver=self.receiver,
                pace=Pace(),
                restricted=lambda: self.restricted,
            )
            for service in self.services
        }
        board = TextBoard([DoorText("front", frozenset({"in"}))], {})
        self.publisher = Publisher(
            broker=self.broker,
            happenings=self.happenings,
            feeds=list(self.feeds.values()),
            watches=(
                StateWatch(
                    JournalReader(self.path("door")), {f"{ROOT}/door/front": DoorState("front")}, board.heard
                ),
                StateWatch(
                    JournalReader(self.path("membership")), {f"{ROOT}/memberships": MembershipsState()}
                ),
            ),
            board=board,
            topics=Topics("org", "branch"),
            journal=self.journals["uplink"],
            stamp=self.stamp,
        )
        self.answered = 0

    def path(self, service: str) -> Path:
        return self.folder / service / "journal.db"

    def journal(self, service: str) -> Journal:
        return Journal.open(self.path(service), service=service, stamp=self.stamp())

    def stamp(self) -> Stamp:
        return Stamp(1_795_284_245_000_000 + self.now_us, self.now_us, "boot", True)

    def happen(
        self, count: int = 1, service: str = "door", kind: EventType = EventType.MOTION_STARTED
    ) -> None:
        self.journals[service].append([NewEvent(kind, "front", self.stamp()) for _ in range(count)])

    def turn(self, *happenings: BrokerHappening, later_us: int = 200_001) -> None:
        self.now_us += later_us
        for happening in happenings:
            self.happenings.put(happening)
        self.happenings.put(Answered(-1, 0))  # so that it does not wait
        self.publisher.turn()

    def answer(self, reason: int = 0) -> None:
        """Answer everything there is to answer, until nothing new comes."""
        while self.answered < len(self.broker.sent):
            todo = self.broker.sent[self.answered :]
            self.answered = len(self.broker.sent)
            self.turn(*(Answered(token, reason) for token, *_ in todo))
            self.turn(later_us=1)

    def acknowledge(self, service: str, received: int) -> None:
        word = {"journal": self.journals[service].journal_id, "received": received}
        self.turn(Received(f"{ROOT}/ack/archive", json.dumps(word).encode(), retained=False))
        self.turn()

    def connect(self, window: int = 65_535) -> None:
        self.turn(Connected(session_present=False, window=window))
        self.turn()

    def events(self, service: str | None = None) -> list[int]:
        """Sequences published so far."""
        found = [json.loads(payload) for _, topic, payload, _ in self.broker.sent if "/evt/" in topic]
        return [
            int(event["sequence"]) for event in found if service is None or event["source"].endswith(service)
        ]

    def state(self, topic: str) -> list[dict[str, object]]:
        return [
            json.loads(payload)
            for _, where, payload, retain in self.broker.sent
            if where == f"{ROOT}/{topic}" and retain
        ]

    def texts(self) -> list[tuple[str, bool]]:
        """What displays were told, and whether that stands."""
        return [
            (json.loads(payload)["outcome"], retain)
            for _, where, payload, retain in self.broker.sent
            if where == f"{ROOT}/door/front/text"
        ]

    def own_events(self) -> list[tuple[EventType, dict[str, object]]]:
        reader = JournalReader(self.path("uplink"))
        found = [(event.type, dict(event.data)) for event in reader.read(0)]
        reader.close()
        return found

    def close(self) -> None:
        self.publisher.close()
        self.positions.close()


MakeRig = Callable[..., Rig]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[MakeRig]:
    rigs: list[Rig] = []

    def make(**settings: object) -> Rig:
        rigs.append(Rig(tmp_path, **settings))  # type: ignore[arg-type]
        return rigs[-1]

    yield make
    for made in rigs:
        made.close()
        for journal in made.journals.values():
            journal.close()


def test_events_go_out_in_order_once_there_is_a_broker(rig: MakeRig) -> None:
    door = rig()
    door.happen(120)
    door.turn()
    assert door.events() == []
    door.connect()
    door.answer()
    assert door.events() == list(range(1, 121))
    door.happen(3)
    door.turn()
    door.answer()
    assert door.events() == list(range(1, 124))


def test_an_event_goes_to_its_topic_as_it_stands_in_the_journal(rig: MakeRig) -> None:
    door = rig()
    door.happen(kind=EventType.ACCESS_GRANTED)
    door.connect()
    (_, topic, payload, retain) = next(sent for sent in door.broker.sent if "/evt/" in sent[1])
    assert (topic, retain) == (f"{ROOT}/evt/access.granted", False)
    assert json.loads(payload)["journal"] == door.journals["door"].journal_id


def test_no_more_is_under_way_than_the_window_allows(rig: MakeRig) -> None:
    for window, most in ((65_535, 50), (10, 10)):
        door = rig()
        door.happen(200)
        door.connect(window)
        door.turn(*(Answered(token, 0) for token, *_ in door.broker.sent))
        before = len(door.broker.sent)
        door.turn()
        door.turn()
        assert len(door.broker.sent) - before == most


def test_journals_take_turns(rig: MakeRig) -> None:
    both = rig(services=("door", "recorder"))
    both.happen(1000, "recorder")
    both.happen(10, "door")
    both.connect()
    both.answer()
    assert both.events("door") == list(range(1, 11))
    first = [json.loads(payload)["source"] for _, topic, payload, _ in both.broker.sent if "/evt/" in topic]
    assert first.index("/org/branch/door") < 3
    assert [source.endswith("door") for source in first[:22]].count(True) == 10
    assert both.events("recorder") == list(range(1, 1001))


def test_after_a_restart_it_goes_on_where_it_was(rig: MakeRig) -> None:
    door = rig()
    door.happen(10)
    door.connect()
    door.answer()
    door.close()
    door.happen(2)
    door.start()
    door.connect()
    door.answer()
    assert door.events() == [11, 12]


def test_after_a_lost_connection_what_was_not_answered_goes_again(rig: MakeRig) -> None:
    door = rig()
    door.happen(20)
    door.connect()
    door.turn(*(Answered(token, 0) for token, *_ in door.broker.sent))
    door.turn()
    unanswered = door.events()[1:]
    door.broker.up = False
    door.turn(Disconnected("gone"))
    door.turn()
    door.broker.up = True
    door.connect()
    assert door.events()[len(unanswered) + 1 :] == [2], "one alone, to begin with"
    door.answered = len(door.broker.sent) - 1
    door.answer()
    assert door.events()[len(unanswered) + 1 :] == list(range(2, 21))


def test_with_a_receiver_the_broker_s_word_is_not_enough(rig: MakeRig) -> None:
    door = rig(receiver=True)
    door.happen(20)
    door.connect()
    door.answer()
    assert door.events() == [1]
    door.acknowledge("door", 1)
    door.answer()
    assert door.events() == list(range(1, 21))
    door.acknowledge("door", 15)
    door.turn(Disconnected("killed"))
    door.connect()
    door.answered = len(door.broker.sent) - 1
    door.answer()
    assert door.events()[20:] == [16]


def test_a_silent_receiver_is_sent_everything_again(rig: MakeRig) -> None:
    door = rig(receiver=True)
    door.happen(3)
    door.connect()
    door.answer()
    door.turn(later_us=2 * S)
    door.turn()
    assert door.events() == [1, 1]


def test_a_refused_event_waits_is_journalled_once_and_is_never_lost(rig: MakeRig) -> None:
    door = rig()
    door.happen(2)
    door.connect()
    door.answer(reason=135)
    for _ in range(3):
        door.turn(later_us=60 * S)
        door.turn()
        door.answer(reason=135)
    assert set(door.events()) == {1}
    assert len(door.events()) > 3
    refused = [data for kind, data in door.own_events() if kind == EventType.UPLINK_REFUSED]
    assert refused == [{"journal": "door", "sequence": 1, "reason": 135}]
    door.turn(later_us=60 * S)
    door.turn()
    door.answer()
    assert door.events()[-2:] == [1, 2]


def test_a_refusal_of_one_journal_does_not_hold_up_the_others(rig: MakeRig) -> None:
    both = rig(services=("door", "recorder"))
    both.happen(5, "door")
    both.happen(5, "recorder", EventType.CLIP_RECORDED)
    both.connect()
    while both.answered < len(both.broker.sent):
        todo = both.broker.sent[both.answered :]
        both.answered = len(both.broker.sent)
        both.turn(*(Answered(token, 135 if "motion" in topic else 0) for token, topic, *_ in todo))
        both.turn(later_us=1)
    assert both.events("recorder") == [1, 2, 3, 4, 5]


def test_coming_and_going_is_journalled_on_change_only(rig: MakeRig) -> None:
    door = rig(services=("door", "uplink"))
    for _ in range(3):
        door.turn(Disconnected("refused"))
    door.connect()
    door.answer()
    for _ in range(3):
        door.turn(Disconnected("gone"))
    kinds = [kind for kind, _ in door.own_events()]
    assert kinds == [EventType.UPLINK_LOST, EventType.UPLINK_CONNECTED, EventType.UPLINK_LOST]
    door.connect()
    door.answer()
    assert sorted(set(door.events("uplink"))) == [1, 2, 3, 4], "its own events leave too, and cause no more"
    for _ in range(5):
        door.turn()
        door.answer()
    assert len(door.own_events()) == 4


def test_a_rewind_while_it_runs_is_followed(rig: MakeRig) -> None:
    door = rig()
    door.happen(10)
    door.connect()
    door.answer()
    door.turn()  # saves the position
    command = Positions.open(door.folder / "positions.db")
    command.rewind(door.journals["door"].journal_id, 4)
    command.close()
    door.turn()
    door.turn()
    door.answer()
    assert door.events() == [*range(1, 11), *range(5, 11)]
    door.turn()
    assert door.positions.get(door.journals["door"].journal_id).sent == 10


def test_a_receiver_far_ahead_of_a_replay_does_not_end_it(rig: MakeRig) -> None:
    door = rig(receiver=True)
    door.happen(10)
    door.connect()
    door.acknowledge("door", 1)
    door.acknowledge("door", 10)
    door.positions.rewind(door.journals["door"].journal_id, 0)
    door.turn()
    door.turn()
    for _ in range(3):
        door.acknowledge("door", 10)
    assert door.events()[10:] == list(range(1, 11))


def test_a_journal_that_begins_anew_is_sent_from_its_beginning(rig: MakeRig) -> None:
    door = rig()
    door.happen(10)
    door.connect()
    door.answer()
    door.journals["door"].close()
    move_aside(door.path("door"))
    door.turn()
    door.journals["door"] = door.journal("door")
    door.happen(2)
    door.turn()
    door.turn()
    door.answer()
    assert door.events()[10:] == [1, 2]
    last = json.loads(door.broker.sent[-1][2])
    assert last["journal"] == door.journals["door"].journal_id


def test_a_journal_that_is_not_there_yet_is_waited_for(rig: MakeRig) -> None:
    late = rig(services=("door",))
    late.services = ("door", "recorder")
    late.publisher.close()
    late.start()
    late.connect()
    late.journals["recorder"] = late.journal("recorder")
    late.happen(2, "recorder")
    late.turn()
    late.answer()
    assert late.events("recorder") == [1, 2]


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff", b'{"journal": "of somebody else", "received": 7}'])
def test_an_acknowledgement_that_is_none_changes_nothing(rig: MakeRig, payload: bytes) -> None:
    door = rig(receiver=True)
    door.happen(2)
    door.connect()
    door.turn(Received(f"{ROOT}/ack/archive", payload, retained=False))
    door.turn()
    door.answer()
    assert door.events() == [1]


def test_a_broker_that_never_stops_talking_does_not_keep_us_from_the_rest(rig: MakeRig, mocker) -> None:
    rigged = rig(receiver=True)
    rigged.connect()
    nonsense = Received(f"{ROOT}/ack/a\nb", b"{}", retained=False)
    endless = mocker.patch.object(rigged.publisher, "_happenings")
    endless.get.return_value = endless.get_nowait.return_value = nonsense
    rigged.happen()
    rigged.publisher.turn()
    rigged.now_us += 200_001
    rigged.publisher.turn()
    assert rigged.events() == [1]


def test_status_and_door_are_told_at_every_connection(rig: MakeRig) -> None:
    door = rig()
    door.happen(kind=EventType.DOOR_CLOSED)
    for _ in range(2):
        door.connect()
        door.turn(Disconnected("gone"))
    assert [said["online"] for said in door.state("status")] == [True, True]
    assert [said["contact"] for said in door.state("door/front")] == ["closed", "closed"]


def test_the_door_s_state_is_told_at_once_even_when_events_wait(rig: MakeRig) -> None:
    door = rig()
    door.happen(500)
    door.connect()
    door.happen(kind=EventType.DOOR_OPENED)
    door.turn(*(Answered(token, 0) for token, *_ in door.broker.sent))
    door.turn()
    assert door.state("door/front")[-1]["contact"] == "open"
    assert max(door.events()) < 100


def test_a_journal_of_its_own_that_cannot_be_written_gets_its_events_later(rig: MakeRig, mocker) -> None:
    door = rig()
    append = mocker.patch.object(door.journals["uplink"], "append", side_effect=JournalUnavailable("full"))
    door.connect()
    assert append.called
    assert door.own_events() == []
    mocker.stopall()
    door.turn()
    assert [kind for kind, _ in door.own_events()] == [EventType.UPLINK_CONNECTED]


def test_positions_that_cannot_be_written_stop_nothing(rig: MakeRig, mocker) -> None:
    door = rig()
    door.happen(5)
    mocker.patch.object(door.positions, "advance", side_effect=DatabaseUnusable("full"))
    door.connect()
    door.answer()
    assert door.events() == [1, 2, 3, 4, 5]


def test_displays_are_told_at_once_what_passes_and_find_what_stands(rig: MakeRig) -> None:
    door = rig()
    door.connect()
    assert door.texts() == [("idle", True)]
    door.happen(kind=EventType.ACCESS_GRANTED)
    door.turn()
    assert door.texts()[1:] == [("granted", False)]
    door.happen(kind=EventType.FIRE_STARTED)
    door.turn()
    assert door.texts()[2:] == [("evacuation", True)]
    door.turn()
    assert len(door.texts()) == 3
    door.turn(Disconnected("gone"))
    door.connect()
    assert door.texts()[3:] == [("evacuation", True)]


def test_displays_are_not_told_what_is_past(rig: MakeRig) -> None:
    door = rig()
    door.connect()
    door.turn(Disconnected("gone"))
    door.happen(3, kind=EventType.ACCESS_GRANTED)
    door.turn()
    door.connect()
    door.happen(kind=EventType.ACCESS_GRANTED)
    door.turn(later_us=6 * S)
    assert door.texts() == [("idle", True)] * 2


def test_a_broker_that_answers_nothing_keeps_few_texts_waiting(rig: MakeRig) -> None:
    door = rig()
    door.connect(window=1)
    for _ in range(100):
        door.happen(kind=EventType.ACCESS_GRANTED)
        door.turn(later_us=200_001)
    assert door.texts() == []
    door.answer()
    assert 0 < [stands for _, stands in door.texts()].count(False) <= 20
