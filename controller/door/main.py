"""The door's composition root: settings, drivers and stores are put together here, and nowhere else."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from queue import SimpleQueue
from zoneinfo import ZoneInfo

from controller.core.card import CardNumber
from controller.core.event import EventType
from controller.core.hours import Schedule
from controller.core.pin import Pin
from controller.devices import Clock
from controller.door.admission import Admission
from controller.door.admission_rules import admission_rules
from controller.door.announcements import Announcements
from controller.door.asking.live_questions import LiveQuestions
from controller.door.asking.look_ups import LivePolicy
from controller.door.asking.pin_questions import PinQuestions
from controller.door.before import read_before
from controller.door.branch_hours import BranchHours
from controller.door.event_log import EventLog
from controller.door.hardware import door_parts, open_inputs, open_lines, open_lock, open_outputs, open_reader
from controller.door.inputs import (
    Broken,
    BuildingEdge,
    BuildingInput,
    Happening,
    LookedUpLive,
    PinAnswered,
    Stop,
)
from controller.door.journal_writer import JournalWriter
from controller.door.kept_journal import KeptJournal, WaitedFor
from controller.door.listener import ReaderListener
from controller.door.outputs import Outputs
from controller.door.people import People
from controller.door.second_factor import PinPolicy
from controller.door.service import DoorService, Parts
from controller.ipc.door_commands import permitted
from controller.ipc.server import Server
from controller.keeping.head_signing import head_signing
from controller.keeping.journal_keeper import JournalKeeper
from controller.keeping.opening import journal_keeper
from controller.secrets import credentials, site_key
from controller.secrets.identity import Sealer
from controller.service import Notifier, clock_judge, stamp_unjudged, stop_on_signals
from controller.settings.announcements import Announcements as AnnouncementSettings
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.rules import output_rules, pin_needed, pin_rules
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal
from controller.store.members import Members
from controller.store.reserve import Reserve
from drivers.gpio import let_go
from drivers.gpio_lock import GpioLock
from drivers.gpio_output import GpioOutput
from drivers.sound_player import SoundPlayer
from drivers.system_clock import SystemClock

log = logging.getLogger(__name__)

REGISTERS_BUSY_MS = 20
"""How long the journal's thread waits for registers that somebody has locked: a swipe may wait for it."""
FLUSH_S = 2.0
"""How long the end of the process waits for events that are not durable yet."""


def run(settings: Settings) -> None:
    """Be the doors until SIGTERM or SIGINT. Whatever is raised, the locks are secured."""
    queue: SimpleQueue[Happening] = SimpleQueue()
    _stop = stop_on_signals(lambda: queue.put(Stop()))
    with ExitStack() as closing:
        closing.callback(let_go)
        # Every lock is secured before anything else is tried.
        locks = {door.id: open_lock(door.lock, closing) for door in settings.doors}
        hours = BranchHours(settings)
        closing.callback(hours.close)
        _act(settings, queue, locks, hours, closing)


def _act(
    settings: Settings,
    queue: SimpleQueue[Happening],
    locks: Mapping[str, GpioLock],
    hours: BranchHours,
    closing: ExitStack,
) -> None:
    paths, notifier, clock = Paths.of(settings), Notifier(), SystemClock()
    writer = _open_journal(settings, paths, clock, queue.put)
    closing.callback(writer.close, FLUSH_S)
    before = read_before(paths.journal("door"), frozenset(door.id for door in settings.doors))
    judge = clock_judge(settings.clock, before.last_trusted_wall_us)
    event_log = EventLog(clock, judge, writer)
    lines = open_lines(settings, closing)
    schedule = hours.schedule()
    parts = Parts(
        event_log,
        _admission(settings, paths, schedule),
        notifier,
        {
            door.id: door_parts(door, locks[door.id], settings.texts, lines, queue.put, closing)
            for door in settings.doors
        },
        open_inputs(settings.inputs, BuildingInput, lambda name: queue.put(BuildingEdge(name)), closing),
        People(settings, event_log, ZoneInfo(settings.branch.timezone), os.urandom(32)),
        Outputs(output_rules(settings.outputs), open_outputs(settings.outputs, closing), event_log),
        _pin_policy(settings, paths, queue.put),
        _live_policy(settings, paths, queue.put),
        _announcements(settings.announcements, schedule, event_log, before.announced_wall_us, closing),
    )
    paths.power_off.unlink(missing_ok=True)  # of a door that asked before
    service = DoorService(settings, parts, before)
    service.begin()
    if not hours.bank_holidays_known:
        event_log.write(EventType.DOOR_FAULT, {"device": "bank-holidays"})
    control = paths.socket("door")
    control.parent.mkdir(parents=True, exist_ok=True)
    # A command waits for the journal before it is obeyed and again before it is answered.
    commands = permitted(remote_unlock=settings.console.remote_unlock)
    server = Server(control, commands, queue.put, deadline_s=5 + 2 * settings.journal.wait_ms / 1000)
    closing.callback(server.close)
    for door, reader in settings.readers():
        listener = ReaderListener(door.id, reader.id, partial(open_reader, reader, lines), clock, queue.put)
        closing.callback(listener.close)
        listener.start()
    # What is there now stays: a swipe must not wait while all of it is searched for garbage.
    gc.freeze()
    gc.enable()
    notifier.ready()
    log.info("ready")
    service.run(queue)
    notifier.stopping()


def _pin_policy(settings: Settings, paths: Paths, post: Callable[[Happening], None]) -> PinPolicy:
    questions = PinQuestions(paths.socket("membership"), settings.pin.deadline_ms / 1000)

    def ask(door_id: str, reader_id: str, token: int, card: CardNumber, pin: Pin) -> None:
        questions.ask(
            card, pin, lambda result, said: post(PinAnswered(door_id, reader_id, token, result, said))
        )

    return PinPolicy(
        pin_rules(settings.pin),
        pin_needed(settings.pin, ZoneInfo(settings.branch.timezone)),
        settings.pin.deadline_ms * 1000,
        ask,
    )


def _live_policy(settings: Settings, paths: Paths, post: Callable[[Happening], None]) -> LivePolicy:
    deadline_ms = settings.membership.live_lookup_ms
    questions = LiveQuestions(paths.socket("membership"), deadline_ms / 1000)

    def ask(door_id: str, reader_id: str, token: int, card: CardNumber) -> None:
        questions.ask(card, lambda said: post(LookedUpLive(door_id, reader_id, token, said)))

    return LivePolicy(deadline_ms * 1000, ask, questions.refresh)


def _announcements(
    settings: AnnouncementSettings | None,
    schedule: Schedule,
    event_log: EventLog,
    announced_wall_us: int,
    closing: ExitStack,
) -> Announcements:
    if settings is None:
        return Announcements((), schedule, event_log)
    relay = None if settings.pin is None else GpioOutput(settings.pin, active_high=settings.active_high)
    sound = None if settings.sound is None else SoundPlayer(settings.sound)
    for device in (relay, sound):
        if device is not None:
            closing.callback(device.close)
    announcements = Announcements(
        settings.minutes_before_closing,
        schedule,
        event_log,
        sound=sound,
        relay=relay,
        pulse_us=round(settings.pulse_s * 1_000_000),
        announced_wall_us=announced_wall_us,
    )
    closing.callback(announcements.end)
    return announcements


def _open_journal(
    settings: Settings, paths: Paths, clock: Clock, post: Callable[[Happening], None]
) -> JournalWriter:
    public_key = credentials.read(credentials.AUTHORITY_PUBLIC_KEY)
    sealer, signing = Sealer.of(public_key), head_signing("door", clock)

    def keeper(journal: Journal, closing: ExitStack, waited_for: WaitedFor) -> JournalKeeper:
        return journal_keeper(
            settings, "door", journal, closing, waited_for=waited_for, busy_timeout_ms=REGISTERS_BUSY_MS
        )

    def open_journal() -> KeptJournal:
        stamp = stamp_unjudged(clock, trusted=settings.clock.assume_trusted)
        journal = Journal.open(
            paths.journal("door"),
            service="door",
            stamp=stamp,
            seal=sealer,
            reserve=Reserve(paths.reserve("door"), settings.footage.reserve_bytes),
            signing=signing,
        )
        return KeptJournal(journal, keeper)

    return JournalWriter(open_journal, lambda error: post(Broken(error)))


def _admission(settings: Settings, paths: Paths, hours: Schedule) -> Admission:
    key = credentials.read(credentials.SITE_KEY)
    members = Members(paths.members)
    _warn_about_key(members, site_key.key_id(key))

    def member_ref(card: CardNumber) -> bytes:
        return site_key.member_ref(key, card)

    return Admission(members, member_ref, admission_rules(settings, hours))


def _warn_about_key(members: Members, key_id: str) -> None:
    """Also opens the file, so that the first swipe does not wait for that."""
    try:
        current = members.current_set()
    except DatabaseUnusable as error:
        log.warning("the memberships cannot be read: %s", error)
        return
    if current is None:
        log.warning("there are no memberships yet: import some with `unlocked members import`")
    elif current.key_id != key_id:
        log.warning("the memberships were imported under another site key, so every card is unknown")
