"""A door whose neighbours are fakes that append to one list of what happened.

The table, the admission, the framing and the timers are real. Nothing here waits: the rig owns the clock.
"""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.event import Event, NewEvent, Stamp, event_id
from controller.core.hours import Schedule
from controller.core.membership import Listed, Status
from controller.core.pin import Pin
from controller.devices import ClockReading, DeviceError, KeyPress, Reading, SignalStep
from controller.door.admission import Admission
from controller.door.admission_rules import admission_rules
from controller.door.announcements import Announcements
from controller.door.asking.look_ups import LivePolicy
from controller.door.before import Before
from controller.door.contacts import Contacts
from controller.door.door import DoorParts
from controller.door.evacuation import Source
from controller.door.event_log import EventLog
from controller.door.inputs import (
    BuildingEdge,
    BuildingInput,
    DoorEdge,
    DoorInput,
    LookedUpLive,
    PinAnswered,
    ReaderFound,
    ReaderSaid,
)
from controller.door.journal_writer import Ticket
from controller.door.outputs import Outputs
from controller.door.panel import Panel
from controller.door.people import People
from controller.door.second_factor import PinPolicy
from controller.door.service import DoorService, Parts
from controller.door.signals import STEPS
from controller.ipc.look_up import LookedUp
from controller.ipc.messages import Reply, Request, Scalar
from controller.ipc.server import Call
from controller.settings.door import Door
from controller.settings.model import Settings
from controller.settings.rules import hours_of, output_rules, pin_needed, pin_rules
from controller.store.engine import DatabaseUnusable
from controller.store.members import Found
from simulator.members import valid_membership

WHERE_AND_BESIDES = ("reader", "age_s", "day")
"""What a happening of the journal leaves out of the data."""


class CardNumbers:
    """Card numbers, by what is known of them."""

    valid = "25891000331441"
    expired = "25891000331458"
    suspended = "25891000331466"
    not_enrolled = "25891000331474"
    stale = "25891000331482"
    stranger = "25891000339999"


HOURS = {"staffed": {"mon": ["10:00-17:00"]}, "unstaffed": {"mon": ["08:00-10:00", "17:00-20:00"]}}

Happening = tuple[Any, ...]


class FakeClock:
    """A clock and its judge."""

    def __init__(self, wall: datetime) -> None:
        self.mono_us = 1_000_000_000
        self.wall_us = round(wall.timestamp() * 1_000_000)
        self.trusted = True

    def read(self) -> ClockReading:
        return ClockReading(self.wall_us, self.mono_us, "boot", synchronised=self.trusted)

    def since_boot_us(self) -> int:
        return self.mono_us

    def judge(self, *, synchronised: bool, **_others: object) -> bool:
        return synchronised

    def advance(self, duration_us: int) -> None:
        self.mono_us += duration_us
        self.wall_us += duration_us


class FakeLock:
    def __init__(self, happened: list[Happening], name: str) -> None:
        self.happened = happened
        self.name = name
        self.broken = False
        self.released = False

    def release(self, duration_s: float) -> None:
        if self.broken:
            raise DeviceError("lock: broken")
        self.released = True
        self.happened.append((self.name, "release", duration_s))

    def secure(self) -> None:
        self.released = False
        self.happened.append((self.name, "secure"))

    def close(self) -> None: ...


TOLD = {steps: outcome.value for outcome, steps in STEPS.items()}


class FakeSignal:
    def __init__(self, happened: list[Happening], name: str) -> None:
        self.happened = happened
        self.name = name

    def play(self, steps: tuple[SignalStep, ...]) -> None:
        self.happened.append((self.name, TOLD[steps]))

    def close(self) -> None: ...


class FakeOutput:
    def __init__(self, happened: list[Happening], name: str, broken: set[str]) -> None:
        self.happened = happened
        self.name = name
        self.broken = broken

    def drive(self, *, on: bool) -> None:
        if self.name in self.broken:
            raise DeviceError("output: broken")
        self.happened.append((self.name, "on" if on else "off"))

    def close(self) -> None: ...


class FakeSound:
    def __init__(self, happened: list[Happening]) -> None:
        self.happened = happened
        self.failure: str | None = None

    def play(self) -> None:
        self.happened.append(("sound", "play"))

    def close(self) -> None: ...


class FakeInput:
    def __init__(self) -> None:
        self.level = False
        self.changed: Callable[[], None] = lambda: None

    def active(self) -> bool:
        return self.level

    def watch(self, changed: Callable[[], None]) -> None:
        self.changed = changed

    def close(self) -> None: ...


class FakeWriter:
    """A journal that is written at once, or not at all while it is ``broken``."""

    def __init__(self, happened: list[Happening]) -> None:
        self.happened = happened
        self.broken = False
        self.lost = 0
        self.events: list[Event] = []
        self.sealed: list[Mapping[str, bytes]] = []
        self._waiting: list[Ticket] = []

    def write(self, event: NewEvent, about: tuple[str, Ticket] | None = None) -> Ticket:
        ticket = Ticket(event, about)
        said = [value for name, value in event.data.items() if name not in WHERE_AND_BESIDES]
        self.happened.append(("journal", event.type.value, *said))
        self._waiting.append(ticket)
        if self.broken:
            ticket.tried(None)
        else:
            self.mend()
        return ticket

    def may_dispose(self, now: Stamp) -> None:
        self.disposed_by = now

    def mend(self) -> None:
        self.broken = False
        for ticket in self._waiting:
            new = ticket.new
            seq = len(self.events) + 1
            event = Event(seq, event_id(new.stamp.wall_us, seq), new.type, new.stamp, new.subject, new.data)
            self.events.append(event)
            self.sealed.append(new.private)
            ticket.tried(event)
        self._waiting.clear()

    @property
    def available(self) -> bool:
        return not self.broken

    def take_lost(self) -> int:
        lost, self.lost = self.lost, 0
        return lost


class FakeMembers:
    def __init__(self, now_us: int) -> None:
        self.unusable = False
        day_us = 86_400_000_000
        fresh, stale = now_us - day_us, now_us - 30 * day_us
        today = date(2026, 11, 23)
        valid = valid_membership(today, fresh)
        self.memberships = {
            CardNumbers.valid: valid,
            CardNumbers.expired: replace(valid, expires=today - timedelta(days=1)),
            CardNumbers.suspended: replace(valid, status=Status.SUSPENDED),
            CardNumbers.not_enrolled: replace(valid, inducted_on=None),
            CardNumbers.stale: replace(valid, as_of_us=stale),
        }
        self.listed: dict[str, Listed] = {}

    def find(self, member_ref: bytes) -> Found:
        if self.unusable:
            raise DatabaseUnusable("members.db: disk I/O error")
        card = member_ref.decode()
        return Found(self.memberships.get(card), self.listed.get(card))


class FakeNotifier:
    watchdog_s: float | None = 5.0

    def __init__(self) -> None:
        self.watchdogs = 0

    def watchdog(self) -> None:
        self.watchdogs += 1


class DoorRig:
    """A door at 9:00 on an unstaffed Monday morning, shut and locked.

    It is open without a card (staffed) from 10:00 to 17:00 and to cards until 20:00.
    """

    cards = CardNumbers

    def __init__(
        self,
        hour: int = 9,
        *,
        lockdown: bool = False,
        evacuation: Source | None = None,
        branch: dict[str, Any] | None = None,
        others: Sequence[dict[str, Any]] = (),
        **door: Any,
    ) -> None:
        """door: what branch.toml says of the door; branch: other tables of it; others: further doors."""
        self.happened: list[Happening] = []
        self.clock = FakeClock(datetime(2026, 11, 23, hour, tzinfo=UTC))
        self.writer = FakeWriter(self.happened)
        self.members = FakeMembers(self.clock.wall_us)
        self.notifier = FakeNotifier()
        front = {
            "readers": [{"port": "/dev/null"}],
            "lock": {"pin": 17},
            "contact": {"pin": 27},
            "exit_button": {"pin": 22},
            **door,
        }
        self.settings = Settings.model_validate(
            {
                "branch": {"authority": "testshire", "branch": "test", "name": "Test Library"},
                "doors": [front, *others],
                "inputs": {"fire": {"pin": 23}},
                "hours": HOURS,
                **(branch or {}),
            }
        )
        # What belongs to another door than the first has that door's name before its own.
        ids = [door.id for door in self.settings.doors]
        self._mark = {door_id: "" if door_id == ids[0] else f"{door_id} " for door_id in ids}
        self.locks = {door_id: FakeLock(self.happened, f"{self._mark[door_id]}lock") for door_id in ids}
        self.lock = self.locks[ids[0]]
        self.inputs_of = {door_id: {name: FakeInput() for name in DoorInput} for door_id in ids}
        self.inputs = self.inputs_of[ids[0]]
        self.building = {name: FakeInput() for name in BuildingInput}
        self._before = Before(frozenset(ids[:1] if lockdown else ()), evacuation)
        self.broken_outputs: set[str] = set()
        self.sound = FakeSound(self.happened)
        self.announced_wall_us = 0
        self.asked: list[tuple[str, str, int, str, str]] = []
        self.looked_up: list[tuple[str, str, int, str]] = []
        self.refreshed: list[str] = []

    def begin(self) -> "DoorRig":
        log = EventLog(self.clock, self.clock, self.writer)
        schedule = Schedule(hours_of(self.settings.hours), UTC)
        admission = Admission(
            self.members, lambda card: card.reveal().encode(), admission_rules(self.settings, schedule)
        )
        fitted = {name: self.building[name] for name in BuildingInput if getattr(self.settings.inputs, name)}
        building = Contacts(fitted, lambda name: self.service.handle(BuildingEdge(name)))
        doors = {door.id: self._parts(door) for door in self.settings.doors}
        people = People(self.settings, log, UTC, bytes(32))
        rules = output_rules(self.settings.outputs)
        outputs = Outputs(
            rules, {rule.id: FakeOutput(self.happened, rule.id, self.broken_outputs) for rule in rules}, log
        )
        self.announcements = self._announcements(schedule, log)
        parts = Parts(
            log,
            admission,
            self.notifier,
            doors,
            building,
            people,
            outputs,
            self._pin_policy(),
            self._live_policy(),
            self.announcements,
        )
        self.service = DoorService(self.settings, parts, self._before)
        self.service.begin()
        for door, reader in self.settings.readers():
            self.service.handle(ReaderFound(door.id, reader.id))
        return self

    def _parts(self, door: Door) -> DoorParts:
        mark = self._mark[door.id]
        fitted = {name: device for name, device in self.inputs_of[door.id].items() if getattr(door, name)}
        first = door.readers[0].id
        return DoorParts(
            self.locks[door.id],
            Contacts(fitted, lambda name: self.service.handle(DoorEdge(door.id, name))),
            {
                reader.id: Panel(
                    FakeSignal(
                        self.happened, f"{mark}{'' if reader.id == first else f'{reader.id} '}display"
                    ),
                    None,
                    {},
                )
                for reader in door.readers
            },
        )

    def _pin_policy(self) -> PinPolicy:
        pin = self.settings.pin

        def ask(door: str, reader: str, token: int, card: CardNumber, entered: Pin) -> None:
            self.asked.append((door, reader, token, card.reveal(), entered.reveal()))

        return PinPolicy(pin_rules(pin), pin_needed(pin, UTC), pin.deadline_ms * 1000, ask)

    def _live_policy(self) -> LivePolicy:
        def ask(door: str, reader: str, token: int, card: CardNumber) -> None:
            self.looked_up.append((door, reader, token, card.reveal()))

        def refresh(card: CardNumber, now_us: int) -> None:
            self.refreshed.append(card.reveal())

        return LivePolicy(self.settings.membership.live_lookup_ms * 1000, ask, refresh)

    def _announcements(self, schedule: Schedule, log: EventLog) -> Announcements:
        settings = self.settings.announcements
        if settings is None:
            return Announcements((), schedule, log)
        relay = FakeOutput(self.happened, "announcement relay", self.broken_outputs)
        return Announcements(
            settings.minutes_before_closing,
            schedule,
            log,
            sound=self.sound if settings.sound else None,
            relay=None if settings.pin is None else relay,
            pulse_us=round(settings.pulse_s * 1_000_000),
            announced_wall_us=self.announced_wall_us,
        )

    @property
    def status(self) -> dict[str, Any]:
        """What the door says of itself, beside what the service says of the whole branch."""
        status: dict[str, Any] = self.service.status()
        return status | status["doors"]["front"]

    def forget(self) -> "DoorRig":
        """Only what happens from now on is of interest."""
        self.happened.clear()
        return self

    def swipe(self, card: str, *, ago_s: float = 0, door: str = "front", reader: str = "in") -> None:
        self.send(card.encode() + b"\r", ago_s=ago_s, door=door, reader=reader)

    def send(self, data: Reading, *, ago_s: float = 0, door: str = "front", reader: str = "in") -> None:
        self.service.handle(ReaderSaid(door, reader, data, self.clock.mono_us - round(ago_s * 1e6)))

    def type(self, keys: str, *, ago_s: float = 0, reader: str = "in") -> None:
        for key in keys:
            self.send(KeyPress(key), ago_s=ago_s, reader=reader)

    def answer(self, result: PinResult, question: int = -1, said: LookedUp | None = None) -> None:
        """What the membership service says to the last question, or another."""
        door, reader, token, _, _ = self.asked[question]
        self.service.handle(PinAnswered(door, reader, token, result, said))

    def say(self, said: LookedUp | None, question: int = -1) -> None:
        """What the library management system says to the last look-up, or another."""
        door, reader, token, _ = self.looked_up[question]
        self.service.handle(LookedUpLive(door, reader, token, said))

    def set(self, name: DoorInput | BuildingInput, active: bool) -> None:
        device = self.building[name] if isinstance(name, BuildingInput) else self.inputs[name]
        device.level = active
        device.changed()

    def open(self) -> None:
        self.set(DoorInput.CONTACT, True)

    def shut(self) -> None:
        self.set(DoorInput.CONTACT, False)

    def push_exit(self) -> None:
        self.set(DoorInput.EXIT_BUTTON, True)
        self.advance(0.2)
        self.set(DoorInput.EXIT_BUTTON, False)

    def advance(self, duration_s: float) -> None:
        end_us = self.clock.mono_us + round(duration_s * 1e6)
        while self.clock.mono_us < end_us:
            self.clock.advance(min(20_000, end_us - self.clock.mono_us))
            self.service.due()

    def command(self, command: str, *, gone: bool = False, **arguments: Scalar) -> Reply:
        """Give a command as root, and wait for the answer or hang up before it is heard."""
        caller, ours = socket.socketpair()
        with caller, ours:
            if gone:
                caller.close()
            call = Call(Request(command, arguments), 0, ours)
            self.service.handle(call)
            return call.wait(0)

    def live_answer(self, **changes: Any) -> LookedUp:
        """A live answer: a membership in order, as of now, but for these changes."""
        valid = self.members.memberships[self.cards.valid]
        return LookedUp(replace(valid, as_of_us=self.clock.wall_us, **changes))

    @property
    def decided(self) -> list[tuple[object, ...]]:
        """What the journal says of cards: type, reason, and whether they were checked."""
        return [
            (event.type.value, event.data.get("reason"), event.data.get("checked"))
            for event in self.writer.events
            if event.type.value in ("access.granted", "access.refused", "access.not_needed")
        ]

    @property
    def last_sealed(self) -> Mapping[str, bytes]:
        """What was sealed with the last event of a card."""
        both = zip(reversed(self.writer.events), reversed(self.writer.sealed), strict=True)
        return next(sealed for event, sealed in both if event.type.value.startswith("access."))

    @property
    def shown(self) -> list[str]:
        return [what for _, what in self.happened_of("display")]

    def happened_of(self, what: str) -> list[Happening]:
        return [happening for happening in self.happened if happening[0] == what]


@pytest.fixture
def door() -> DoorRig:
    return DoorRig().begin().forget()


@pytest.fixture
def make_door() -> type[DoorRig]:
    """For a door of another hour or other settings: ``make_door(hour=22, held_open_s=5).begin()``."""
    return DoorRig


@pytest.fixture
def make_live() -> Callable[..., DoorRig]:
    """For a door of a branch that asks a library management system.

    The members were copied a day ago, which is young enough, but for the one whose copy is thirty days old.
    """

    def make(branch: dict[str, Any] | None = None, hour: int = 9, **door: Any) -> DoorRig:
        door.setdefault("readers", [{"port": "/dev/null", "repeat_s": 0.5}])
        tables = {
            "lms": {"sip2": {"dialect": "evergreen", "host": "lms.example"}},
            "membership": {"live_max_age_h": 36, "refresh_after_h": 30, "negative_s": 60},
            **(branch or {}),
        }
        return DoorRig(hour, branch=tables, **door).begin().forget()

    return make


@pytest.fixture
def live(make_live: Callable[..., DoorRig]) -> DoorRig:
    return make_live()
