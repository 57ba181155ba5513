"""The door's composition root: settings, drivers and stores are put together here, and nowhere else."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from zoneinfo import ZoneInfo

from controller.core.card import CardNumber
from controller.core.event import EventType
from controller.devices import Clock, DigitalInput
from controller.door.admission import Admission
from controller.door.contacts import Contacts
from controller.door.control import permitted
from controller.door.event_log import EventLog
from controller.door.inputs import Broken, Contact, Edge, Happening, Stop
from controller.door.journal_writer import JournalWriter
from controller.door.reader import ReaderListener
from controller.door.service import DoorService, Parts
from controller.ipc.server import Server
from controller.secrets import credentials, site_key
from controller.secrets.identity import Sealer
from controller.service import Notifier, clock_judge, stamp_unjudged, stop_on_signals
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.rules import card_rules, weekly_hours
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.members import Members
from drivers.gpio import let_go
from drivers.gpio_input import GpioInput
from drivers.gpio_lock import GpioLock
from drivers.gpio_signal import GpioSignal
from drivers.serial_reader import SerialReader
from drivers.system_clock import SystemClock

log = logging.getLogger(__name__)

FLUSH_S = 2.0
"""How long the end of the process waits for events that are not durable yet."""


def run(settings: Settings) -> None:
    """Be the door until SIGTERM or SIGINT. Whatever is raised, the lock is secured."""
    queue: SimpleQueue[Happening] = SimpleQueue()
    _stop = stop_on_signals(lambda: queue.put(Stop()))
    with ExitStack() as closing:
        closing.callback(let_go)
        wiring = settings.door.lock
        lock = GpioLock(
            wiring.pin,
            fail_safe=wiring.kind == "fail-safe",
            active_high=wiring.active_high,
            max_on_s=wiring.pulse_s,
        )
        closing.callback(lock.close)
        _act(settings, queue, lock, closing)


def _act(settings: Settings, queue: SimpleQueue[Happening], lock: GpioLock, closing: ExitStack) -> None:
    paths, door, notifier = Paths.of(settings), settings.door, Notifier()
    clock = SystemClock()
    writer = _open_journal(settings, paths, clock, queue.put)
    closing.callback(writer.close, FLUSH_S)
    lockdown, last_trusted_wall_us = read_before(paths.journal("door"))
    judge = clock_judge(settings.clock, last_trusted_wall_us)
    event_log = EventLog(clock, judge, writer, door.id)
    signal = GpioSignal(
        green_pin=door.signal.green_pin, red_pin=door.signal.red_pin, buzzer_pin=door.signal.buzzer_pin
    )
    closing.callback(signal.close)
    inputs = _open_inputs(settings)
    for device in inputs.values():
        closing.callback(device.close)
    parts = Parts(
        lock,
        signal,
        Contacts(inputs, lambda contact: queue.put(Edge(contact))),
        event_log,
        _admission(settings, paths),
        notifier,
    )
    service = DoorService(door, card_rules(settings.cards), parts, lockdown=lockdown)
    service.begin()
    control = paths.socket("door")
    control.parent.mkdir(parents=True, exist_ok=True)
    # A command waits for the journal before it is obeyed and again before it is answered.
    server = Server(control, permitted(), queue.put, deadline_s=5 + 2 * door.journal_wait_ms / 1000)
    closing.callback(server.close)
    reader = ReaderListener(lambda: SerialReader(door.reader.port, door.reader.baud), clock, queue.put)
    closing.callback(reader.close)
    reader.start()
    # What is there now stays: a swipe must not wait while all of it is searched for garbage.
    gc.freeze()
    gc.enable()
    notifier.ready()
    log.info("ready")
    service.run(queue)
    notifier.stopping()


def _open_journal(
    settings: Settings, paths: Paths, clock: Clock, post: Callable[[Happening], None]
) -> JournalWriter:
    public_key = credentials.read(credentials.AUTHORITY_PUBLIC_KEY)
    sealer = Sealer.of(public_key)

    def open_journal() -> Journal:
        stamp = stamp_unjudged(clock, trusted=settings.clock.assume_trusted)
        return Journal.open(paths.journal("door"), service="door", stamp=stamp, seal=sealer)

    return JournalWriter(open_journal, lambda error: post(Broken(error)))


def read_before(journal: Path) -> tuple[bool, int | None]:
    """Whether there is a lockdown, and the last trusted time (microseconds since 1970 UTC), as journalled.

    Read, not taken from the writer: a full disk lets nobody write. Raises DatabaseUnusable.
    """
    reader = JournalReader(journal)
    try:
        return _lockdown_not_ended(reader, journal), reader.last_trusted_wall_us()
    except JournalMissing:
        return False, None
    finally:
        reader.close()


def _lockdown_not_ended(reader: JournalReader, journal: Path) -> bool:
    """A lockdown outlives the process, a power cut and, as far as it can still be read, a damaged journal."""
    last = reader.last(EventType.LOCKDOWN_STARTED, EventType.LOCKDOWN_ENDED, EventType.JOURNAL_RECOVERED)
    if last is None or last.type is not EventType.JOURNAL_RECOVERED:
        return last is not None and last.type is EventType.LOCKDOWN_STARTED
    damaged = journal.with_name(str(last.data["moved_to"]))
    before = JournalReader(damaged)
    try:
        return _lockdown_not_ended(before, damaged)
    except (DatabaseUnusable, ValueError):
        log.exception("whether there was a lockdown cannot be read any more; there is none now")
        return False
    finally:
        before.close()


def _open_inputs(settings: Settings) -> dict[Contact, DigitalInput]:
    door = settings.door
    fitted = {Contact.DOOR: door.contact, Contact.EXIT_BUTTON: door.exit_button, Contact.FIRE: door.fire}
    return {
        contact: GpioInput(section.pin, active_low=section.active_low)
        for contact, section in fitted.items()
        if section is not None
    }


def _admission(settings: Settings, paths: Paths) -> Admission:
    key = credentials.read(credentials.SITE_KEY)
    members = Members(paths.members)
    _warn_about_key(members, site_key.key_id(key))

    def member_ref(card: CardNumber) -> bytes:
        return site_key.member_ref(key, card)

    return Admission(
        members,
        member_ref,
        weekly_hours(settings.hours),
        ZoneInfo(settings.branch.timezone),
        settings.membership.max_age_us,
    )


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
