"""A desk with a system that says what it was told to say, a clock that the test moves, and real sockets."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.event import EventType, Stamp
from controller.core.membership import Membership
from controller.core.pin import Pin
from controller.ipc import look_up, verify_pin
from controller.ipc.client import ask
from controller.ipc.look_up import LookedUp
from controller.ipc.server import Server
from controller.membership.live.desk import Desk, DeskRules
from controller.membership.live.records import Records
from controller.membership.live.surroundings import Surroundings
from controller.membership.lms.source import (
    Answer,
    LmsUnavailable,
    LmsUnusable,
    Said,
    Trouble,
    Unknown,
    WrongPin,
)
from controller.store.members import Found
from simulator.waiting import wait_until

NOW_US = 1_795_219_200_000_000
TODAY = date(2026, 11, 22)
US = frozenset({os.geteuid()})
GONE = LmsUnavailable(Trouble.UNREACHABLE, "lms.example:6001: nobody there")


def ref(number: CardNumber) -> bytes:
    return number.reveal().encode().rjust(32)


@dataclass
class Script:
    """A ``LiveSource``. says: by card, an answer or what is raised; pins: the right one of each card.

    Whoever asks waits between ``hold`` and ``release``.
    """

    says: dict[CardNumber, Answer | LmsUnavailable | LmsUnusable] = field(default_factory=dict)
    pins: dict[CardNumber, Pin] = field(default_factory=dict)
    there: bool = True
    asked: list[CardNumber] = field(default_factory=list)
    checked: int = 0
    held: threading.Semaphore | None = None
    broken: bool = False
    closed: bool = False

    def ask(self, card: CardNumber, pin: Pin | None, today: date) -> Answer:
        assert today == TODAY
        self.asked.append(card)
        assert self.held is None or self.held.acquire(timeout=20)
        if self.broken:
            raise RuntimeError("a fault of ours")
        said = self.says.get(card, Unknown())
        if isinstance(said, LmsUnavailable | LmsUnusable):
            raise said
        if pin is not None and isinstance(said, Said):
            return said if self.pins.get(card) == pin else WrongPin()
        return said

    def hold(self) -> None:
        self.held = threading.Semaphore(0)

    def release(self, questions: int = 1_000) -> None:
        if self.held is not None:
            self.held.release(questions)

    def check(self) -> None:
        self.checked += 1
        if not self.there:
            raise GONE

    def keep_alive(self) -> None: ...

    def close(self) -> None:
        self.closed = True


@dataclass
class Kept:
    """What was kept, in its order, instead of a database."""

    done: list[tuple[object, ...]] = field(default_factory=list)

    def keep(self, member_ref: bytes, told: Membership, key_id: str) -> None:
        self.done.append(("keep", member_ref, told, key_id))

    def evict(self, member_ref: bytes, as_of_us: int) -> bool:
        self.done.append(("evict", member_ref, as_of_us))
        return True

    def keep_pin(self, member_ref: bytes, verifier: str, pin_key_id: str, verified_us: int) -> None:
        self.done.append(("keep pin", member_ref, verifier, pin_key_id, verified_us))

    def drop_pin(self, member_ref: bytes) -> bool:
        self.done.append(("drop pin", member_ref))
        return True


@dataclass
class Pins:
    """PINs that are stored here, unhashed, since hashing has tests of its own."""

    stored: dict[CardNumber, Pin] = field(default_factory=dict)
    key_id: str = "12345678"

    def hash(self, pin: Pin) -> str:
        return f"hash of {pin.reveal()}"

    def verify(self, card: CardNumber, pin: Pin) -> PinResult:
        if card not in self.stored:
            return PinResult.UNAVAILABLE
        return PinResult.CORRECT if self.stored[card] == pin else PinResult.WRONG


@dataclass
class Rig:
    script: Script
    kept: Kept
    pins: Pins
    desk: Desk
    socket: Path
    callers: ThreadPoolExecutor
    imported: dict[bytes, Membership]
    wall_us: list[int]
    mono_us: list[int]
    trusted: list[bool]

    def later(self, seconds: float) -> None:
        self.wall_us[0] += round(seconds * 1_000_000)
        self.mono_us[0] += round(seconds * 1_000_000)

    def looking_up(self, number: CardNumber, deadline_s: float = 10) -> Future[LookedUp | None]:
        def asked() -> LookedUp | None:
            reply = ask(self.socket, look_up.ask_for(number), server_uids=US, deadline_s=deadline_s)
            return look_up.looked_up_of(reply)

        return self.callers.submit(asked)

    def look_up(self, number: CardNumber) -> LookedUp | None:
        return self.looking_up(number).result(10)

    def verifying(self, number: CardNumber, pin: str) -> Future[PinResult]:
        def asked() -> PinResult:
            question = verify_pin.ask_for(number, Pin(pin))
            return verify_pin.result_of(ask(self.socket, question, server_uids=US, deadline_s=10))

        return self.callers.submit(asked)

    def verify(self, number: CardNumber, pin: str) -> PinResult:
        return self.verifying(number, pin).result(10)

    def wait_for(self, condition: Callable[[], object]) -> None:
        wait_until(condition, 10)

    def wait_for_news(self, *types: EventType) -> list[dict[str, object]]:
        """Exactly these events, in their order."""
        news: list[tuple[EventType, dict[str, object]]] = []
        self.wait_for(lambda: news.extend(self.desk.news()) or len(news) >= len(types))
        assert tuple(type for type, _ in news) == types
        return [data for _, data in news]


def records(kept: Kept, pins: Pins | None) -> Records:
    return Records(kept, pins, ref, "site-key")


Build = Callable[..., Rig]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Makes a rig, with other rules or a source that is missing if wanted."""
    closing: list[Callable[[], object]] = []

    def built(
        *,
        source: bool = True,
        with_pins: bool = True,
        negative_us: int = 60_000_000,
        said: frozenset[EventType] = frozenset(),
    ) -> Rig:
        script, kept, pins = Script(), Kept(), Pins()
        imported: dict[bytes, Membership] = {}
        wall_us, mono_us, trusted = [NOW_US], [1_000_000_000], [True]

        class Members:
            def imported(self, member_ref: bytes) -> Membership | None:
                return imported.get(member_ref)

            def find(self, member_ref: bytes) -> Found:
                return Found(imported.get(member_ref), None)

        around = Surroundings(
            lambda: Stamp(wall_us[0], mono_us[0], "boot", trusted[0]), lambda: mono_us[0], lambda: TODAY, ref
        )
        rules = DeskRules(negative_us, 1_000_000 if with_pins else None)
        desk = Desk(
            script if source else None,
            Members(),
            records(kept, pins if with_pins else None),
            around,
            rules,
            said,
        )
        if source:  # the first question of all is whether it is there
            wait_until(lambda: script.checked and not desk._pending, 10)
        permitted = {look_up.COMMAND: US, verify_pin.COMMAND: US}
        server = Server(tmp_path / "control.sock", permitted, desk.put, deadline_s=10, callers_at_once=32)
        callers = ThreadPoolExecutor(40)
        closing.extend((script.release, callers.shutdown, server.close, desk.close))
        return Rig(
            script,
            kept,
            pins,
            desk,
            tmp_path / "control.sock",
            callers,
            imported,
            wall_us,
            mono_us,
            trusted,
        )

    yield built
    for close in closing:
        close()


@pytest.fixture
def rig(build: Build) -> Rig:
    return build()
