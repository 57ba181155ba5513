"""The door's composition root: settings, drivers and stores are put together here, and nowhere else."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from enum import StrEnum
from functools import partial
from queue import SimpleQueue
from typing import TypeVar
from zoneinfo import ZoneInfo

from controller.core.card import CardNumber
from controller.core.event import EventType
from controller.core.hours import Schedule
from controller.core.outcome import IDLE, Lines, Outcome, text
from controller.core.pin import Pin
from controller.devices import CardReader, Clock, DigitalInput, Signal
from controller.door.admission import Admission
from controller.door.admission_rules import admission_rules
from controller.door.announcements import Announcements
from controller.door.before import read_before
from controller.door.branch_hours import BranchHours
from controller.door.contacts import Contacts
from controller.door.control import permitted
from controller.door.door import DoorParts
from controller.door.event_log import EventLog
from controller.door.inputs import (
    Broken,
    BuildingEdge,
    BuildingInput,
    DoorEdge,
    DoorInput,
    Happening,
    PinAnswered,
    Stop,
)
from controller.door.journal_writer import JournalWriter
from controller.door.listener import ReaderListener
from controller.door.outputs import Outputs
from controller.door.panel import Panel
from controller.door.people import People
from controller.door.pin_questions import PinQuestions
from controller.door.second_factor import PinPolicy
from controller.door.service import DoorService, Parts
from controller.ipc.server import Server
from controller.secrets import credentials, reader_key, site_key
from controller.secrets.identity import Sealer
from controller.service import Notifier, clock_judge, stamp_unjudged, stop_on_signals
from controller.settings.announcements import Announcements as AnnouncementSettings
from controller.settings.building import OutputSettings
from controller.settings.door import Door, LockSettings
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.reader import Reader, SignalSettings
from controller.settings.rules import output_rules, pin_needed, pin_rules
from controller.settings.section import Section
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal
from controller.store.members import Members
from drivers.gpio import let_go
from drivers.gpio_input import GpioInput
from drivers.gpio_lock import GpioLock
from drivers.gpio_output import GpioOutput
from drivers.gpio_signal import GpioSignal
from drivers.osdp_line import OsdpLine
from drivers.osdp_reader import OsdpDisplay, OsdpReader, OsdpSignal
from drivers.serial_display import SerialDisplay
from drivers.serial_reader import SerialReader
from drivers.sound_player import SoundPlayer
from drivers.system_clock import SystemClock

log = logging.getLogger(__name__)

InputName = TypeVar("InputName", bound=StrEnum)

OsdpLines = Mapping[str, OsdpLine]
"""The lines of OSDP readers, by port."""

FLUSH_S = 2.0
"""How long the end of the process waits for events that are not durable yet."""


def run(settings: Settings) -> None:
    """Be the doors until SIGTERM or SIGINT. Whatever is raised, the locks are secured."""
    queue: SimpleQueue[Happening] = SimpleQueue()
    _stop = stop_on_signals(lambda: queue.put(Stop()))
    with ExitStack() as closing:
        closing.callback(let_go)
        # Every lock is secured before anything else is tried.
        locks = {door.id: _open_lock(door.lock, closing) for door in settings.doors}
        hours = BranchHours(settings)
        closing.callback(hours.close)
        _act(settings, queue, locks, hours, closing)


def _open_lock(wiring: LockSettings, closing: ExitStack) -> GpioLock:
    lock = GpioLock(
        wiring.pin,
        fail_safe=wiring.kind == "fail-safe",
        active_high=wiring.active_high,
        max_on_s=wiring.pulse_s,
    )
    closing.callback(lock.close)
    return lock


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
    lines = _open_lines(settings, closing)
    schedule = hours.schedule()
    parts = Parts(
        event_log,
        _admission(settings, paths, schedule),
        notifier,
        {
            door.id: _door_parts(door, locks[door.id], settings.texts, lines, queue.put, closing)
            for door in settings.doors
        },
        _open_inputs(settings.inputs, BuildingInput, lambda name: queue.put(BuildingEdge(name)), closing),
        People(settings, event_log, ZoneInfo(settings.branch.timezone), os.urandom(32)),
        Outputs(output_rules(settings.outputs), _outputs(settings.outputs, closing), event_log),
        _pin_policy(settings, paths, queue.put),
        _announcements(settings.announcements, schedule, event_log, before.announced_wall_us, closing),
    )
    service = DoorService(settings, parts, before)
    service.begin()
    if not hours.bank_holidays_known:
        event_log.write(EventType.DOOR_FAULT, {"device": "bank-holidays"})
    control = paths.socket("door")
    control.parent.mkdir(parents=True, exist_ok=True)
    # A command waits for the journal before it is obeyed and again before it is answered.
    server = Server(control, permitted(), queue.put, deadline_s=5 + 2 * settings.journal.wait_ms / 1000)
    closing.callback(server.close)
    for door, reader in settings.readers():
        listener = ReaderListener(door.id, reader.id, partial(_open_reader, reader, lines), clock, queue.put)
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
        questions.ask(card, pin, lambda result: post(PinAnswered(door_id, reader_id, token, result)))

    return PinPolicy(
        pin_rules(settings.pin),
        pin_needed(settings.pin, ZoneInfo(settings.branch.timezone)),
        settings.pin.deadline_ms * 1000,
        ask,
    )


def _open_lines(settings: Settings, closing: ExitStack) -> OsdpLines:
    """A line for each port with OSDP readers, by that port.

    Raises SecretMissing, and DeviceError where libosdp is not installed.
    """
    found: dict[str, dict[int, bytes | None]] = {}
    bauds: dict[str, int] = {}
    for door, reader in settings.readers():
        if reader.is_osdp:
            name = credentials.reader_key(door.id, reader.id)
            key = reader_key.raw(credentials.read(name), name) if reader.needs_key else None
            found.setdefault(reader.port, {})[reader.address] = key
            bauds[reader.port] = reader.baud
    lines = {port: OsdpLine(port, bauds[port], readers) for port, readers in found.items()}
    for line in lines.values():
        closing.callback(line.close)
    return lines


def _open_reader(reader: Reader, lines: OsdpLines) -> CardReader:
    """Raises DeviceLost."""
    if reader.is_osdp:
        return OsdpReader(lines[reader.port], reader.address)
    return SerialReader(reader.port, reader.baud)


def _door_parts(
    door: Door,
    lock: GpioLock,
    texts: Mapping[str, Lines],
    lines: OsdpLines,
    post: Callable[[Happening], None],
    closing: ExitStack,
) -> DoorParts:
    contacts = _open_inputs(door, DoorInput, lambda name: post(DoorEdge(door.id, name)), closing)
    panels = {reader.id: _open_panel(reader, texts, lines, closing) for reader in door.readers}
    return DoorParts(lock, contacts, panels)


def _open_panel(reader: Reader, texts: Mapping[str, Lines], lines: OsdpLines, closing: ExitStack) -> Panel:
    signal = _open_signal(reader, lines)
    closing.callback(signal.close)
    if reader.display is None:
        own = OsdpDisplay(lines[reader.port], reader.address) if reader.is_osdp else None
        return Panel(signal, own, texts)
    wiring = reader.display
    display = SerialDisplay(
        wiring.port,
        wiring.baud,
        columns=wiring.columns,
        rows=wiring.rows,
        protocol=wiring.protocol,
        idle=text(IDLE, own=texts),
        left=text(Outcome.OUT_OF_ORDER, own=texts),
    )
    closing.callback(display.close)
    return Panel(signal, display, texts)


def _open_signal(reader: Reader, lines: OsdpLines) -> Signal:
    """An OSDP reader has lamps and buzzer of its own, unless others are fitted beside it."""
    lamps = reader.signal
    if reader.is_osdp and lamps == SignalSettings():
        return OsdpSignal(lines[reader.port], reader.address)
    return GpioSignal(green_pin=lamps.green_pin, red_pin=lamps.red_pin, buzzer_pin=lamps.buzzer_pin)


def _outputs(settings: Iterable[OutputSettings], closing: ExitStack) -> dict[str, GpioOutput]:
    outputs = {each.id: GpioOutput(each.pin, active_high=each.active_high) for each in settings}
    for output in outputs.values():
        closing.callback(output.close)
    return outputs


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


def _open_inputs(
    section: Section, names: type[InputName], post: Callable[[InputName], None], closing: ExitStack
) -> Contacts[InputName]:
    """The inputs of a table that are set. names: what they may be called, which are keys of the table."""
    devices: dict[InputName, DigitalInput] = {}
    for name in names:
        wiring = getattr(section, name.value)
        if wiring is not None:
            device = GpioInput(wiring.pin, active_low=wiring.active_low)
            closing.callback(device.close)
            devices[name] = device
    return Contacts(devices, post)


def _open_journal(
    settings: Settings, paths: Paths, clock: Clock, post: Callable[[Happening], None]
) -> JournalWriter:
    public_key = credentials.read(credentials.AUTHORITY_PUBLIC_KEY)
    sealer = Sealer.of(public_key)

    def open_journal() -> Journal:
        stamp = stamp_unjudged(clock, trusted=settings.clock.assume_trusted)
        return Journal.open(paths.journal("door"), service="door", stamp=stamp, seal=sealer)

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
