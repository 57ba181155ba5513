"""gpiozero's pins, driven over a Unix socket: what ``GPIOZERO_PIN_FACTORY=simulated`` loads.

Here: a pin factory for real gpiozero devices in a real service. It behaves as lgpio does on a Pi
where that matters to a lock: a pin is claimed as an output at low level before its value is set, a
pin that another living process has is busy, a pin that is given back floats, and a process that dies
gives nothing back. Never here: levels of its own; the panel in the other process holds them.
"""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from gpiozero.exc import BadPinFactory, PinInvalidFunction, PinInvalidPull, PinPWMUnsupported, PinSetInput
from gpiozero.pins.pi import PiFactory, PiPin

from simulator.pins import wire

REVISION = 0xC03114
"""A Raspberry Pi 4B, for gpiozero's board information."""


class Connection:
    """Requests to the panel, one at a time from any thread; edges on a thread of their own.

    Edges are called from another thread than the one that receives, so that a callback may itself
    read or write a pin, as it may with lgpio.
    """

    def __init__(self, path: str, edge: Callable[[int, bool], None]) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise
        self._asking = Lock()
        self._answers: SimpleQueue[tuple[int, int] | None] = SimpleQueue()
        self._edges: SimpleQueue[tuple[int, bool] | None] = SimpleQueue()
        self._edge = edge
        self._threads = [
            Thread(target=self._receive, name="simulated-pins", daemon=True),
            Thread(target=self._call, name="simulated-edges", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, operation: int, pin: int, value: int = 0) -> bool:
        """Send a request and return the pin's level. Raises OSError: busy, or the panel is gone."""
        with self._asking:
            self._socket.sendall(wire.pack(operation, pin, value))
            answer = self._answers.get()
        if answer is None:
            self._answers.put(None)
            raise ConnectionResetError(errno.ECONNRESET, "the panel of simulated pins is gone")
        if answer[0] == wire.BUSY:
            raise OSError(errno.EBUSY, f"GPIO{pin} is in use by another process")
        return bool(answer[1])

    def close(self) -> None:
        with suppress(OSError):  # the panel went first
            self._socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=1)
        self._socket.close()

    def _receive(self) -> None:
        with suppress(OSError):  # reset: the same as an orderly end
            while frame := wire.receive(self._socket):
                operation, pin, value = frame
                if operation == wire.EDGE:
                    self._edges.put((pin, bool(value)))
                else:
                    self._answers.put((operation, value))
        self._answers.put(None)
        self._edges.put(None)

    def _call(self) -> None:
        while edge := self._edges.get():
            self._edge(*edge)


class SimulatedPin(PiPin):  # type: ignore[misc]  # gpiozero is not typed
    """One GPIO of the panel. The underscored methods are gpiozero's hooks."""

    def __init__(self, factory: SimulatedFactory, info: Any) -> None:
        super().__init__(factory, info)
        self._pull = info.pull or "floating"
        self._function = "input"
        self._bounce: float | None = None
        self._edges = "both"

    def close(self) -> None:
        self._when_changed = None
        self._function = "input"
        with suppress(OSError):  # the panel or the factory went first: there is nothing to give back to
            self._ask(wire.GIVE_BACK)

    def edge(self, level: bool) -> None:
        if self._edges in ("both", "rising" if level else "falling") and self._when_changed is not None:
            self._call_when_changed(self._factory.ticks(), level)

    def output_with_state(self, state: float) -> None:
        self._set_function("output")
        self._set_state(state)

    def input_with_pull(self, pull: str) -> None:
        self._pull = pull
        self._set_function("input")

    def _ask(self, operation: int, value: int = 0) -> bool:
        return bool(self._factory.connection.ask(operation, self._number, value))

    def _get_function(self) -> str:
        return self._function

    def _set_function(self, value: str) -> None:
        match value:
            case "output":
                self._ask(wire.OUTPUT, 0)
            case "input":
                self._ask(wire.INPUT, wire.PULLS.index(self._pull))
            case _:
                raise PinInvalidFunction("function must be input or output")
        self._function = value

    def _get_state(self) -> int:
        return int(self._ask(wire.READ))

    def _set_state(self, value: float) -> None:
        if self._function != "output":
            raise PinSetInput(f"cannot set state of pin {self!r}")
        self._ask(wire.WRITE, int(bool(value)))

    def _get_frequency(self) -> None:
        return None

    def _set_frequency(self, value: float | None) -> None:
        if value is not None:
            raise PinPWMUnsupported(f"PWM is not simulated on pin {self!r}")

    def _get_pull(self) -> str:
        return str(self._pull)

    def _set_pull(self, value: str) -> None:
        if value not in wire.PULLS:
            raise PinInvalidPull("pull must be floating, up, or down")
        self._pull = value
        self._ask(wire.INPUT, wire.PULLS.index(value))

    def _get_bounce(self) -> float | None:
        return self._bounce

    def _set_bounce(self, value: float | None) -> None:
        # The panel's contacts do not bounce, so there is nothing to filter.
        self._bounce = value

    def _get_edges(self) -> str:
        return self._edges

    def _set_edges(self, value: str) -> None:
        self._edges = value

    def _enable_event_detect(self) -> None:
        self._ask(wire.WATCH, 1)

    def _disable_event_detect(self) -> None:
        self._ask(wire.WATCH, 0)


class SimulatedFactory(PiFactory):  # type: ignore[misc]  # gpiozero is not typed
    """Connects to the panel at ``path``, else the one that the environment names.

    Raises BadPinFactory when there is none.
    """

    def __init__(self, path: str | None = None) -> None:
        super().__init__()
        self.pin_class = SimulatedPin
        path = path or os.environ.get(wire.SOCKET_VARIABLE, "")
        try:
            self.connection = Connection(path, self._on_edge)
        except OSError as error:
            raise BadPinFactory(
                f"no simulated pins at {wire.SOCKET_VARIABLE}={path!r}: {error.strerror or error}"
            ) from error

    def close(self) -> None:
        super().close()
        self.connection.close()

    @staticmethod
    def ticks() -> float:
        return time.monotonic()

    @staticmethod
    def ticks_diff(later: float, earlier: float) -> float:
        return later - earlier

    def _get_revision(self) -> int:
        return REVISION

    def _on_edge(self, number: int, level: bool) -> None:
        for pin in list(self.pins.values()):
            if pin._number == number:
                pin.edge(level)
