"""The other end of a branch's wires: pins whose levels outlive the process that drives them.

Here: a server for simulated pin factories, and what a person at the door does to the pins (``set``)
or sees of them (``level``, ``history``, ``pulses``, ``wait``). A Pi's outputs stay driven when their
process dies, and so do these; only a process that gives its pins back, or another that claims them,
changes that. Never here: what a pin means.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread

from simulator.closing import Closing
from simulator.pins import wire

PINS = 28


def boottime_us() -> int:
    """CLOCK_BOOTTIME in microseconds: the clock of an event's ``mono_us``."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


@dataclass(frozen=True, slots=True)
class Edge:
    """A pin came to a level."""

    mono_us: int
    pin: int
    level: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """A pin was high from ``start_us`` until ``end_us``; None: it still is."""

    start_us: int
    end_us: int | None

    @property
    def duration_s(self) -> float:
        """Length; a pulse that still lasts is measured until now."""
        return ((self.end_us or boottime_us()) - self.start_us) / 1e6


@dataclass(slots=True)
class _Pin:
    """driven: by an output. outside: what is wired to it. Nothing of either: the pull decides."""

    driven: bool | None = None
    outside: bool | None = None
    pull: int = 0
    owner: socket.socket | None = None
    watched: bool = False
    shown: bool = False

    @property
    def level(self) -> bool:
        for level in (self.driven, self.outside):
            if level is not None:
                return level
        return wire.PULLS[self.pull] == "up"


@dataclass(slots=True)
class _State:
    """What the server's thread and its callers share, under ``changed``."""

    pins: list[_Pin] = field(default_factory=lambda: [_Pin() for _ in range(PINS)])
    history: list[Edge] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)


class Panel(Closing):
    """A panel of 28 pins, served at a Unix socket from construction until ``close``.

    listener: called with every edge, under the panel's lock: it may only enqueue.
    """

    def __init__(self, path: Path, listener: Callable[[Edge], None] | None = None) -> None:
        self.path = path
        self._listener = listener
        self._state = _State()
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(path))
        self._server.listen()
        self._server.setblocking(False)
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._server, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread = Thread(target=self._serve, name="panel", daemon=True)
        self._thread.start()

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to use these pins."""
        return {"GPIOZERO_PIN_FACTORY": "simulated", wire.SOCKET_VARIABLE: str(self.path)}

    def close(self) -> None:
        """Cut the wires. Safe to call twice."""
        if self._thread.is_alive():
            self._wake.send(b"x")
            self._thread.join()
            self._wake.close()
            self.path.unlink(missing_ok=True)

    def cut_power(self) -> None:
        """Nothing drives a pin any more: that is when nobody is left who has one."""
        with self._state.changed:
            for number, pin in enumerate(self._state.pins):
                pin.driven, pin.pull = None, 0
                self._settle(number)

    # --- a person at the door -------------------------------------------------------------------

    def set(self, pin: int, level: bool | None) -> None:
        """Wire the pin to a level from outside; None: to nothing, so that its pull decides."""
        with self._state.changed:
            self._state.pins[pin].outside = level
            self._settle(pin)

    def level(self, pin: int) -> bool:
        with self._state.changed:
            return self._state.pins[pin].level

    def history(self, pin: int | None = None) -> list[Edge]:
        """Every change since the start, of one pin or of all, oldest first."""
        with self._state.changed:
            return [edge for edge in self._state.history if pin is None or edge.pin == pin]

    def pulses(self, pin: int) -> list[Pulse]:
        """The times that the pin was high, oldest first."""
        found: list[Pulse] = []
        for edge in self.history(pin):
            if edge.level:
                found.append(Pulse(edge.mono_us, None))
            else:
                found[-1] = Pulse(found[-1].start_us, edge.mono_us)
        return found

    def wait(self, pin: int, level: bool, limit_s: float = 5.0) -> int:
        """Wait until the pin has the level; return when that was seen (boot time, microseconds).

        Raises TimeoutError after ``limit_s`` seconds.
        """
        with self._state.changed:
            if not self._state.changed.wait_for(lambda: self._state.pins[pin].level == level, limit_s):
                raise TimeoutError(f"pin {pin} was not {'high' if level else 'low'} within {limit_s} s")
        return boottime_us()

    # --- the server's thread --------------------------------------------------------------------

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    self._hang_up()
                    return
                if key.fileobj is self._server:
                    connection, _ = self._server.accept()
                    connection.setblocking(False)
                    self._selector.register(connection, selectors.EVENT_READ)
                elif isinstance(key.fileobj, socket.socket) and key.fileobj.fileno() >= 0:
                    with self._state.changed:
                        self._read(key.fileobj)

    def _hang_up(self) -> None:
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()

    def _read(self, connection: socket.socket) -> None:
        """Answer what has come. A frame is written whole by ``sendall`` and is too short to be split."""
        try:
            while data := connection.recv(wire.SIZE):
                operation, pin, value = wire.unpack(data)
                answer = self._do(connection, operation, pin, value)
                connection.sendall(wire.pack(answer, pin, int(self._state.pins[pin].level)))
        except BlockingIOError:
            return
        except OSError:  # its process died before it read the answer
            pass
        self._selector.unregister(connection)
        connection.close()
        for pin_state in self._state.pins:
            if pin_state.owner is connection:
                # The owner has died: nobody has the pin, and it stays as it was left.
                pin_state.owner, pin_state.watched = None, False

    def _do(self, connection: socket.socket, operation: int, number: int, value: int) -> int:
        pin = self._state.pins[number]
        if operation == wire.READ or (operation == wire.GIVE_BACK and pin.owner is not connection):
            return wire.DONE
        if pin.owner not in (None, connection):
            # Whoever has it may have died a moment ago: read on to its end before saying busy.
            self._read(pin.owner)
            if pin.owner is not None:
                return wire.BUSY
        match operation:
            case wire.OUTPUT | wire.WRITE:
                pin.owner, pin.driven = connection, bool(value)
            case wire.INPUT:
                pin.owner, pin.driven, pin.pull = connection, None, value
            case wire.WATCH:
                pin.owner, pin.watched = connection, bool(value)
            case wire.GIVE_BACK:
                pin.owner, pin.driven, pin.pull, pin.watched = None, None, 0, False
            case _:
                raise ValueError(f"no such operation: {operation}")
        self._settle(number)
        return wire.DONE

    def _settle(self, number: int) -> None:
        """Record and tell a change of level. Called under the lock."""
        pin = self._state.pins[number]
        if pin.level == pin.shown:
            return
        pin.shown = pin.level
        edge = Edge(boottime_us(), number, pin.level)
        self._state.history.append(edge)
        if pin.watched and pin.owner is not None:
            with suppress(OSError):  # it is dying or hung; the server's thread will see its end
                pin.owner.sendall(wire.pack(wire.EDGE, number, int(pin.level)))
        self._state.changed.notify_all()
        if self._listener is not None:
            self._listener(edge)
