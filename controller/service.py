"""What every service does alike: tell its supervisor how it is, stop when told to, log, and stamp time.

Here: systemd's notification protocol, signals, logging set-up and the joining of a clock's reading with
the judgement whether to believe it. Never here: what any one service is for.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from controller.core.clock import ClockJudge
from controller.core.event import Stamp
from controller.devices import Clock

if TYPE_CHECKING:
    from controller.settings.model import ClockSettings


class Notifier:
    """systemd's sd_notify(3), spoken to whoever set ``$NOTIFY_SOCKET``; silent where nobody did.

    watchdog_s: how often at least ``watchdog`` must be called, in seconds; None when nobody watches.
    Half of it is a good interval.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):  # the abstract namespace: systemd writes its NUL as @
            self._address = "\0" + self._address[1:]
        self.watchdog_s = _watchdog_s(environment)

    def ready(self) -> None:
        self._send("READY=1")

    def watchdog(self) -> None:
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for ``systemctl status``."""
        self._send("STATUS=" + text.replace("\n", " "))

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as wire:
            try:
                wire.sendto(message.encode(), self._address)
            except OSError as error:
                # A supervisor that has gone or is not listening must not take the service with it.
                logging.getLogger(__name__).debug("supervisor not told %r: %s", message, error)


def _watchdog_s(environment: Mapping[str, str]) -> float | None:
    """sd_watchdog_enabled(3): meant for us only if no other process is named."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = environment.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1_000_000 if microseconds.isdecimal() and int(microseconds) else None


class Stop:
    """Set once, by SIGTERM or SIGINT or by hand. Used as one uses threading.Event.

    Not a threading.Event, whose ``set`` deadlocks in a signal handler that interrupts its own ``wait``.
    """

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._is_set = False

    def set(self) -> None:
        if not self._is_set:
            self._is_set = True
            os.write(self._write_end, b"!")

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is set or ``timeout_s`` seconds have passed; whether it is set."""
        if not self._is_set:
            waiting = select.poll()
            waiting.register(self._read_end, select.POLLIN)
            waiting.poll(None if timeout_s is None else max(0.0, timeout_s) * 1000)
        return self._is_set

    def fileno(self) -> int:
        """Readable once it is set, for those who wait for several things."""
        return self._read_end

    def __del__(self) -> None:
        os.close(self._read_end)
        os.close(self._write_end)


def stop_on_signals(on_stop: Callable[[], None] | None = None) -> Stop:
    """A Stop that SIGTERM and SIGINT set. Call it from the main thread.

    on_stop runs inside the signal handler: it may put on a ``queue.SimpleQueue`` and little else.
    """
    stop = Stop()

    def handle(_number: int, _frame: object) -> None:
        stop.set()
        if on_stop is not None:
            on_stop()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop


def set_up_logging(service: str, level: int = logging.INFO) -> None:
    """Log to standard error: with the time on a terminal, without it where whoever reads adds its own."""
    moment = "%(asctime)s " if sys.stderr.isatty() else ""
    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(OneLine(f"{moment}{service} %(levelname)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=level, handlers=[to_stderr], force=True)


class OneLine(logging.Formatter):
    """Each message is one line, so that nobody writes another by what they send; tracebacks come after it."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        said = super().formatMessage(record)
        return said if said.isprintable() else "".join(map(_shown, said))


def _shown(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


def clock_judge(settings: ClockSettings, last_trusted_wall_us: int | None) -> ClockJudge:
    """The judge of this machine's clock. last_trusted_wall_us: see ClockJudge."""
    return ClockJudge(
        battery_clock=settings.battery_clock,
        assume_trusted=settings.assume_trusted,
        last_trusted_wall_us=last_trusted_wall_us,
    )


def stamp(clock: Clock, judge: ClockJudge) -> Stamp:
    """The time now, and whether to believe it."""
    now = clock.read()
    trusted = judge.judge(
        wall_us=now.wall_us, mono_us=now.mono_us, boot_id=now.boot_id, synchronised=now.synchronised
    )
    return Stamp(now.wall_us, now.mono_us, now.boot_id, trusted)


def stamp_unjudged(clock: Clock, *, trusted: bool) -> Stamp:
    """The time now, where something else says whether to believe it.

    Before its journal is open a service has no judge. ``assume_trusted`` of the settings says it then:
    nothing vouches for the time yet, except that demos and tests do.
    """
    now = clock.read()
    return Stamp(now.wall_us, now.mono_us, now.boot_id, trusted)
