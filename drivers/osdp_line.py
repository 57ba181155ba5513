"""A line of OSDP readers, RS-485: each asked for cards in turn, by a thread of the line.

One line can have several readers, each with an address: the one outside a door and the one inside. libosdp
speaks the protocol. It gives a reader up for five minutes after 8 s without an answer; here a reader is lost
after 1 s, and spoken to again without end. What a reader had kept from before it was heard again opens no
door.

Here: port, thread, and which readers can be believed now. Never here: what a card means.
"""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import serial

from controller.devices import CardBits, DeviceLost, DeviceTaken, KeyPress, ReaderTamper
from drivers import libosdp, osdp_random
from drivers.libosdp import Command, LocalStatus, Online, Said
from drivers.osdp_wire import OsdpWire
from drivers.serial_reader import LOCKED, LOST

TICK_S = 0.005
STEPS = 3
"""libosdp takes a step at a time, and three from an answer to the next question."""
CHUNK = 256
WRITE_S = 0.2
RETRY_S = 0.25
"""Between two tries to open the port, and before a reader that has refused us is spoken to again."""
SILENT_S = 1.5
"""libosdp asks every 0.1 s while all is well, and again 1 s after it got no answer: that once is no loss."""
STOP_S = 2.0

OsdpReading = CardBits | KeyPress | ReaderTamper
Schedule = Iterable[tuple[float, Command]]
"""Seconds from now, and what to tell the reader then; in order."""


@dataclass(slots=True)
class _Member:
    """A reader of the line. The line's thread changes it; others take its readings and set its lanes."""

    place: int
    address: int
    secure: bool
    readings: SimpleQueue[OsdpReading] = field(default_factory=SimpleQueue)
    lanes: dict[str, deque[tuple[float, Command]]] = field(default_factory=dict)
    up: bool = False
    usable: bool = False
    losses: int = 0
    restart_s: float | None = None
    asks_status: bool = True
    tamper: bool | None = None
    rows: int = 0


class OsdpLine:
    """The readers at these addresses, each with its key; None means one without a secure channel.

    Runs from construction until ``close``, whether or not the port is there. Raises DeviceError where
    libosdp is not installed or cannot be used. pairing: readers in install mode are spoken to as well, and a
    new key may be acknowledged in clear text.
    """

    def __init__(
        self, port: str, baud: int, readers: Mapping[int, bytes | None], *, pairing: bool = False
    ) -> None:
        self._name, self._baud = port, baud
        self._members = {
            address: _Member(place, address, secure=key is not None)
            for place, (address, key) in enumerate(readers.items())
        }
        self._in_place = tuple(self._members.values())
        secure = {member.address for member in self._in_place if member.secure}
        self._wire = OsdpWire(secure, pairing=pairing)
        self._panel = libosdp.panel(self._wire, readers, self._said, enforce=not pairing)
        self._changed = threading.Condition()
        self._failure: DeviceLost | None = None
        self._broken: Exception | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="osdp line", daemon=True)
        self._thread.start()

    def attach(self, address: int, limit_s: float) -> SimpleQueue[OsdpReading]:
        """Where the reader's readings come from now on.

        Raises DeviceLost if it cannot be asked within ``limit_s`` seconds, DeviceTaken.
        """
        member = self._members[address]
        with self._changed:
            self._changed.wait_for(lambda: member.usable or self._broken is not None, limit_s)
        self.check(address, member.losses)
        with suppress(Empty):
            while True:
                member.readings.get_nowait()
        member.tamper = None
        member.asks_status = True
        return member.readings

    def losses(self, address: int) -> int:
        """How often the reader was lost so far."""
        return self._members[address].losses

    def check(self, address: int, losses: int) -> None:
        """Raises DeviceLost if the reader cannot be asked now, and whatever has ended the thread.

        losses: how often it had been lost when it was attached. Once more, and it was away for a moment.
        """
        if self._broken is not None:
            raise self._broken
        if self._failure is not None:
            raise self._failure
        if not self._members[address].usable:
            raise DeviceLost(f"reader: the one at address {address} of {self._name} {self._trouble(address)}")
        if self._members[address].losses != losses:
            raise DeviceLost(f"reader: the one at address {address} of {self._name} was away for a moment")

    def usable(self, address: int) -> bool:
        return self._members[address].usable

    def rows(self, address: int) -> int:
        """Of the reader's display; 0 without one, or as long as that is not known."""
        return self._members[address].rows

    def schedule(self, address: int, lane: str, commands: Schedule) -> None:
        """Tell the reader these, instead of what was scheduled in this lane. Dropped while it is lost."""
        now_s = time.monotonic()
        self._members[address].lanes[lane] = deque((now_s + after_s, told) for after_s, told in commands)

    def secured(self, address: int) -> bool:
        """Whether there is a secure channel with the reader's own key."""
        return bool(self._panel.sc_status() >> self._members[address].place & 1)

    def close(self) -> None:
        """Give the port back. Never raises."""
        self._closing.set()
        self._thread.join(STOP_S)

    def _trouble(self, address: int) -> str:
        if self._silent(address, time.monotonic()):
            return "does not answer"
        return "answers, but not with the key that we have"

    # --- the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._serve()
                except LOST as error:
                    taken = isinstance(error, OSError) and error.errno in LOCKED
                    self._lose((DeviceTaken if taken else DeviceLost)(f"reader: {error}"))
                    self._closing.wait(RETRY_S)
        except Exception as error:  # noqa: BLE001 -- whoever asks for a reading is told, and ends the process
            self._broken = error
            with self._changed:
                self._changed.notify_all()

    def _serve(self) -> None:
        port = serial.Serial(self._name, self._baud, timeout=0, write_timeout=WRITE_S, exclusive=True)
        try:
            port.reset_input_buffer()
            self._wire.plug(port)
            self._failure = None
            turned_s = 0.0
            while not self._closing.is_set():
                ready = select.select([port], [], [], TICK_S)[0]
                now_s = time.monotonic()
                whole = self._wire.take(port.read(CHUNK), now_s) if ready else False
                if whole or now_s - turned_s >= TICK_S:
                    self._turn(now_s)
                    self._wire.check()
                    turned_s = now_s
        finally:
            self._wire.plug(None)
            with suppress(*LOST):
                port.close()

    def _turn(self, now_s: float) -> None:
        """Let libosdp do what is due, and see which readers can be asked."""
        if not all(member.up for member in self._in_place):
            osdp_random.refill()
        for member in self._in_place:
            self._restart(member, now_s)
            self._tell(member, now_s)
        for _ in range(STEPS):
            self._panel.refresh()
        for member in self._in_place:
            self._judge(member, now_s)

    def _restart(self, member: _Member, now_s: float) -> None:
        """Have libosdp, which has given the reader up, begin anew with it: off, and on again."""
        if member.restart_s is None or now_s < member.restart_s:
            return
        if self._panel.is_pd_enabled(member.place):
            self._panel.disable_pd(member.place)
        elif self._panel.enable_pd(member.place):
            member.restart_s = None

    def _tell(self, member: _Member, now_s: float) -> None:
        if not member.usable:
            # What was to be played for somebody is not played when he has gone.
            member.lanes.clear()
            return
        if member.asks_status:
            member.asks_status = False
            self._submit(member, libosdp.ASK_LOCAL_STATUS)
        for lane in tuple(member.lanes.values()):
            while lane and lane[0][0] <= now_s:
                self._submit(member, lane.popleft()[1])

    def _submit(self, member: _Member, command: Command) -> None:
        if (member.address, command.code) in self._wire.refused:
            return
        if libosdp.can(self._panel, member.place, command.capability):
            self._panel.submit_command(member.place, dict(command.fields))

    def _judge(self, member: _Member, now_s: float) -> None:
        silent = self._silent(member.address, now_s)
        if not member.up or silent:
            self._wire.drained.discard(member.address)
        usable = member.up and not silent and member.address in self._wire.drained
        if usable == member.usable:
            return
        if usable:
            self._submit(member, libosdp.DARK)
            member.rows = libosdp.rows_of_text(self._panel, member.place)
        else:
            member.losses += 1
            self._panel.flush_commands(member.place)
        with self._changed:
            member.usable = usable
            self._changed.notify_all()

    def _silent(self, address: int, now_s: float) -> bool:
        heard_s = self._wire.heard_s.get(address)
        return heard_s is None or now_s - heard_s > SILENT_S

    def _lose(self, failure: DeviceLost) -> None:
        with self._changed:
            self._failure = failure
            for member in self._in_place:
                member.losses += member.usable
                member.usable = False
                self._wire.drained.discard(member.address)
            self._changed.notify_all()

    def _said(self, place: int, said: Said) -> None:
        """Called by libosdp, within ``_turn``."""
        member = self._in_place[place]
        match said:
            case Online(up=True):
                member.up = not member.secure or self.secured(member.address)
            case Online(up=False):
                member.up = False
                if member.restart_s is None:
                    member.restart_s = time.monotonic() + RETRY_S
            case LocalStatus(tamper=tamper):
                if tamper != member.tamper:
                    member.tamper = tamper
                    member.readings.put(ReaderTamper(tamper))
            case CardBits():
                if member.usable:
                    member.readings.put(said)
            case libosdp.Keys(presses=presses):
                for press in presses if member.usable else ():
                    member.readings.put(press)
