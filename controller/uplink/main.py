"""The uplink's composition root: chooses the driver, opens what is owned, and runs until told to stop."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from controller.core.access import Side
from controller.core.event import EventType, Stamp
from controller.core.states.camera import CameraState
from controller.core.states.door import DoorState
from controller.core.states.footage import FootageState
from controller.core.states.memberships import MembershipsState
from controller.devices import BrokerHappening
from controller.keeping.head_signing import head_signing
from controller.keeping.journal_keeper import JournalKeeper
from controller.keeping.opening import journal_keeper
from controller.secrets import credentials
from controller.service import (
    Notifier,
    Stop,
    clock_judge,
    set_up_logging,
    stamp,
    stamp_unjudged,
    stop_on_signals,
)
from controller.settings.door import Door
from controller.settings.model import Settings
from controller.settings.mqtt import Mqtt
from controller.settings.paths import JOURNALS, Paths
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader
from controller.store.position import Positions
from controller.store.registers import RegistersReader
from controller.store.reserve import Reserve
from controller.store.signed_heads import SignedHeadsReader
from controller.uplink.door_text import DoorText
from controller.uplink.expiry import AUTHORITY, BRANCH, ExpiryWatch
from controller.uplink.feed import Feed
from controller.uplink.journal_heads import HeadWatch
from controller.uplink.notice_state import NoticeState
from controller.uplink.outbox import Pace
from controller.uplink.publisher import Publisher, status
from controller.uplink.restricted import Restricted
from controller.uplink.state_watch import State, StateWatch, Watch
from controller.uplink.text_board import TextBoard
from controller.uplink.topics import Topics
from drivers.mqtt_broker import Identity, Login, MqttBroker, Tls, Will
from drivers.system_clock import SystemClock

ALIVE_US = 1_000_000
BUSY_US = 50_000
"""The pause between two batches of events that are due: what is to be sent goes out meanwhile."""
CHECKPOINT_US = 60_000_000

log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Publish until SIGTERM or SIGINT.

    Raises JournalUnavailable, DatabaseUnusable, SecretMissing, DeviceError.
    """
    set_up_logging("uplink")
    stop = stop_on_signals()
    notifier = Notifier()
    paths, clock = Paths.of(settings), SystemClock()
    if not settings.mqtt.enabled:
        log.info("mqtt.enabled is false: nothing is sent anywhere")
        _idle(settings, clock, notifier, stop)
        return
    journal = _open_journal(settings, clock)
    judge = clock_judge(settings.clock, journal.last_trusted_wall_us())
    positions = Positions.open(paths.positions)
    happenings: SimpleQueue[BrokerHappening] = SimpleQueue()
    broker = _broker(settings, happenings)
    restricted = Restricted(RegistersReader(paths.registers))
    topics, board = _topics(settings), _board(settings)
    publisher = Publisher(
        broker=broker,
        happenings=happenings,
        feeds=[
            Feed(
                service,
                JournalReader(paths.journal(service)),
                positions,
                needs_receiver=settings.mqtt.receiver,
                pace=Pace(),
                restricted=restricted.event_ids,
            )
            for service in JOURNALS
        ],
        watches=_watches(settings, paths, topics, board),
        board=board,
        topics=topics,
        journal=journal,
        stamp=lambda: stamp(clock, judge),
    )
    closing = ExitStack()
    keeper = journal_keeper(settings, "uplink", journal, closing)
    publisher.note(EventType.SERVICE_STARTED, {}, subject="uplink")
    expiry = ExpiryWatch(_certificates(settings.mqtt), publisher.note)
    broker.start()
    notifier.ready()
    try:
        own = _Own(journal, positions, keeper, expiry)
        _serve(publisher, own, lambda: stamp(clock, judge), notifier, stop)
        notifier.stopping()
        publisher.note(EventType.SERVICE_STOPPED, {}, subject="uplink")
    finally:
        broker.stop()
        publisher.close()
        closing.close()
        restricted.close()
        positions.close()
        journal.close()


@dataclass(frozen=True, slots=True)
class _Own:
    """What is written here."""

    journal: Journal
    positions: Positions
    keeper: JournalKeeper
    expiry: ExpiryWatch


def _serve(publisher: Publisher, own: _Own, now: Callable[[], Stamp], notifier: Notifier, stop: Stop) -> None:
    alive_us = checkpoint_us = 0
    while not stop.is_set():
        publisher.turn()
        stamped = now()
        now_us = stamped.mono_us
        if now_us >= alive_us:
            more_is_due = own.keeper.look(stamped)
            alive_us = now_us + (BUSY_US if more_is_due else ALIVE_US)
            own.expiry.seen(publisher.broker_certified_until_us)
            own.expiry.look(stamped)
            _sign(own.journal)
            notifier.watchdog()
            notifier.status("connected to the broker" if publisher.connected else "no broker")
        if now_us >= checkpoint_us:
            checkpoint_us = now_us + CHECKPOINT_US
            _checkpoint(own.journal, own.positions)


def _sign(journal: Journal) -> None:
    try:
        journal.sign_head()
    except JournalUnavailable as error:
        log.warning("the journal's head is not signed: %s", error)


def _checkpoint(journal: Journal, positions: Positions) -> None:
    try:
        journal.checkpoint()
        positions.checkpoint()
    except (JournalUnavailable, DatabaseUnusable) as error:
        log.warning("not tidied up: %s", error)


def _idle(settings: Settings, clock: SystemClock, notifier: Notifier, stop: Stop) -> None:
    """What was journalled when something was sent falls due all the same."""
    with ExitStack() as closing:
        keeper = judge = None
        if Paths.of(settings).journal("uplink").exists():
            journal = _open_journal(settings, clock)
            closing.callback(journal.close)
            judge = clock_judge(settings.clock, journal.last_trusted_wall_us())
            keeper = journal_keeper(settings, "uplink", journal, closing)
        notifier.ready()
        more = False
        while not stop.wait((BUSY_US if more else ALIVE_US) / 1_000_000):
            notifier.watchdog()
            if keeper is not None and judge is not None:
                more = keeper.look(stamp(clock, judge))


def _open_journal(settings: Settings, clock: SystemClock) -> Journal:
    paths = Paths.of(settings)
    return Journal.open(
        paths.journal("uplink"),
        service="uplink",
        stamp=stamp_unjudged(clock, trusted=settings.clock.assume_trusted),
        reserve=Reserve(paths.reserve("uplink"), settings.footage.reserve_bytes),
        signing=head_signing("uplink", clock),
    )


def _board(settings: Settings) -> TextBoard:
    def readers(door: Door, side: Side) -> frozenset[str]:
        return frozenset(reader.id for reader in door.readers if reader.side is side)

    doors = [DoorText(door.id, readers(door, Side.IN), readers(door, Side.OUT)) for door in settings.doors]
    return TextBoard(doors, settings.texts)


def _watches(settings: Settings, paths: Paths, topics: Topics, board: TextBoard) -> tuple[Watch, ...]:
    doors = {topics.door(door.id): DoorState(door.id) for door in settings.doors}
    memberships = {topics.memberships: MembershipsState()}
    footage: dict[str, State] = {topics.camera(one.id): CameraState(one.id) for one in settings.cameras}
    if settings.cameras:
        footage[topics.footage] = FootageState()
    return (
        StateWatch(JournalReader(paths.journal("door")), doors, board.heard),
        StateWatch(JournalReader(paths.journal("membership")), memberships),
        StateWatch(JournalReader(paths.journal("recorder")), footage),
        StateWatch(JournalReader(paths.journal("console")), {topics.notice: NoticeState()}),
        *(
            HeadWatch(SignedHeadsReader(paths.journal(service)), topics.journal_head(service))
            for service in JOURNALS
        ),
    )


def _topics(settings: Settings) -> Topics:
    return Topics(settings.branch.authority, settings.branch.branch)


def _certificates(mqtt: Mqtt) -> dict[str, Path]:
    if not mqtt.uses_tls:
        return {}
    files = {BRANCH: mqtt.certificate, AUTHORITY: mqtt.ca_file}
    return {whose: file for whose, file in files.items() if file is not None}


def _identity(mqtt: Mqtt) -> Identity | None:
    if mqtt.certificate is None:
        return None
    return Identity(mqtt.certificate, credentials.file_of(credentials.MQTT_CLIENT_KEY))


def _broker(settings: Settings, happenings: SimpleQueue[BrokerHappening]) -> MqttBroker:
    mqtt = settings.mqtt
    topics = _topics(settings)
    return MqttBroker(
        happenings,
        host=mqtt.host,
        port=mqtt.port,
        client_id=f"unlocked-{topics.authority}-{topics.branch}",
        protocol=mqtt.protocol,
        login=Login(mqtt.username, credentials.read(credentials.MQTT_PASSWORD).reveal())
        if mqtt.username
        else None,
        tls=Tls(mqtt.ca_file, _identity(mqtt)) if mqtt.uses_tls else None,
        will=Will(topics.status, status(online=False)),
        subscriptions=(topics.acknowledgements,) if mqtt.receiver else (),
    )
