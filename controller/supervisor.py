"""Keeps a branch's services running where there is no systemd: laptop, CI, demo.

Here: what systemd does for the units in ``systemd/``. Start order, readiness, watchdog, restart with
back-off, secrets in ``$CREDENTIALS_DIRECTORY``, something to do after each death, an orderly stop. Never
here: what the services are. Their command lines come in as data.

One thread does everything, so that nothing stands between a death and what is to be done after it; it
never waits for anything but ``select``. ``log`` must not block either.
"""

from __future__ import annotations

import math
import os
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from pathlib import Path

from controller.devices import DeviceError
from controller.secrets.credentials import content_of

FIRST_RESTART_S = 0.1
LAST_RESTART_S = 5.0
HEALTHY_S = 10.0
"""A service that was ready for so long begins its back-off anew."""
PREDECESSOR_S = 3.0
"""A service that is not ready by then holds up the next one no longer."""
RETRY_AFTER_DEATH_S = 0.2
LAST_TRIES = 10
LONGEST_LINE = 8192


@dataclass(frozen=True, slots=True)
class Service:
    """One service to keep running.

    command: argument list. secrets: name to file, copied for this process alone.
    ready_s: limit from start to ``READY=1``. watchdog_s: longest silence once ready. stop_s: limit from
    SIGTERM to death. Past each of them it is killed.
    after_death: called before the first start and at once after every death, whatever the cause; it
    is called again until it no longer raises DeviceError or the service is ready again.
    """

    name: str
    command: tuple[str, ...]
    secrets: Mapping[str, Path] = field(default_factory=dict)
    ready_s: float = 120.0
    watchdog_s: float = 30.0
    stop_s: float = 10.0
    after_death: Callable[[], None] | None = None


class Phase(Enum):
    """Where a service stands, and what passing its deadline means."""

    WAITING = auto()  # start it
    STARTING = auto()  # kill it: it did not get ready
    READY = auto()  # kill it: it missed its watchdog
    STOPPING = auto()  # kill it: it did not stop
    KILLED = auto()  # never: the kernel does it
    GONE = auto()  # never: it was stopped for good


class Supervisor:
    """Starts the services in order, and stops them in reverse when SIGTERM, SIGINT or SIGHUP comes.

    folder: where the secrets are handed out, best in memory (``/run``). log: takes a service's name and
    a line of its output. all_ready: called once, when every service is ready for the first time.
    """

    def __init__(
        self,
        services: Sequence[Service],
        *,
        folder: Path,
        log: Callable[[str, str], None],
        all_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._selector = selectors.DefaultSelector()
        self._folder = folder
        self._log = log
        self._all_ready: Callable[[], None] | None = all_ready
        self._children = [_Child(service, _notify_socket()) for service in services]
        for child in self._children:
            self._selector.register(child.notify, selectors.EVENT_READ, partial(self._notified, child))
        self._stopping = False

    def run(self) -> bool:
        """Return when every service has been stopped; False if an ``after_death`` did not succeed at last.

        Runs in the main thread.
        """
        now = time.monotonic()
        for child in self._children:
            self._after_death(child, now)
        self._children[0].deadline = now
        try:
            with self._signals():
                while any(child.phase is not Phase.GONE for child in self._children):
                    self._turn()
        finally:
            done = self._end()
        return done

    def _turn(self) -> None:
        next_at = min(min(child.deadline, child.retry_at) for child in self._children)
        wait_s = max(0.0, next_at - time.monotonic())
        for key, _ in self._selector.select(None if math.isinf(wait_s) else wait_s):
            # A death that was found a moment before may have closed this one.
            if self._selector.get_map().get(key.fd) is not None:
                key.data()
        # What was ready to be read has been read: a watchdog message that lay there counts.
        now = time.monotonic()
        for child in self._children:
            if child.retry_at <= now:
                self._after_death(child, now)
            if child.deadline <= now:
                self._deadline_passed(child, now)
        if self._stopping:
            self._stop_next(now)

    def _deadline_passed(self, child: _Child, now: float) -> None:
        match child.phase:
            case Phase.WAITING:
                self._start(child, now)
            case Phase.STARTING:
                self._kill(child, f"not ready after {child.service.ready_s:g} s")
            case Phase.READY:
                self._kill(child, f"silent for {child.service.watchdog_s:g} s")
            case Phase.STOPPING:
                self._kill(child, f"still there {child.service.stop_s:g} s after SIGTERM")
            case Phase.KILLED | Phase.GONE:
                child.deadline = math.inf

    # --- starting ----------------------------------------------------------------------------

    def _start(self, child: _Child, now: float) -> None:
        service = child.service
        secrets = self._folder / service.name
        try:
            hand_out(service.secrets, secrets)
            process = subprocess.Popen(
                # SIGTERM reaches it even when this process is killed: a door then secures its own lock.
                ("setpriv", "--pdeathsig", "TERM", "--", *service.command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={
                    **os.environ,
                    "CREDENTIALS_DIRECTORY": str(secrets),
                    "NOTIFY_SOCKET": "@" + child.notify.getsockname()[1:].decode("ascii"),
                    "WATCHDOG_USEC": str(round(service.watchdog_s * 1_000_000)),
                },
                # A group of its own: Ctrl-C reaches this process alone, which then stops them in order.
                process_group=0,
            )
        except OSError as error:
            delay_s = self._restart_later(child, now)
            self._log("supervisor", f"{service.name}: {error}; starting it again in {delay_s:g} s")
            self._let_next_start(child, now)
            return
        child.process = process
        child.pidfd = os.pidfd_open(process.pid)
        child.phase, child.deadline = Phase.STARTING, now + service.ready_s
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(child.pidfd, selectors.EVENT_READ, partial(self._died, child))
        self._selector.register(process.stdout, selectors.EVENT_READ, partial(self._read, child))
        self._log("supervisor", f"{service.name} started, process {process.pid}")
        self._let_next_start(child, now + PREDECESSOR_S)

    def _let_next_start(self, child: _Child, at: float) -> None:
        """The one after ``child``, where it has never been started, waits no longer than ``at``."""
        following = self._children[self._children.index(child) + 1 :]
        if following and following[0].phase is Phase.WAITING and not following[0].deaths:
            following[0].deadline = min(following[0].deadline, at)

    def _notified(self, child: _Child) -> None:
        ancillary_size = socket.CMSG_SPACE(_CREDENTIALS.size)
        message, ancillary, _, _ = child.notify.recvmsg(4096, ancillary_size)
        if child.process is None or _sender(ancillary) != child.process.pid:
            return
        now = time.monotonic()
        words = message.decode("utf-8", "replace").split("\n")
        if "READY=1" in words and child.phase is Phase.STARTING:
            child.phase, child.ready_at, child.retry_at = Phase.READY, now, math.inf
            child.deadline = now + child.service.watchdog_s
            self._log("supervisor", f"{child.service.name} is ready")
            self._let_next_start(child, now)
            if self._all_ready and all(c.phase is Phase.READY for c in self._children):
                self._log("supervisor", "all services are ready")
                self._all_ready()
                self._all_ready = None
        if "WATCHDOG=1" in words and child.phase is Phase.READY:
            child.deadline = now + child.service.watchdog_s

    def _read(self, child: _Child) -> None:
        assert child.process is not None
        assert child.process.stdout is not None
        try:
            output = os.read(child.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return
        if not output:
            self._selector.unregister(child.process.stdout)
            child.process.stdout.close()
        for line in child.lines(output):
            self._log(child.service.name, line)

    # --- death -------------------------------------------------------------------------------

    def _died(self, child: _Child) -> None:
        assert child.process is not None
        assert child.process.stdout is not None
        now = time.monotonic()
        self._after_death(child, now)
        child.signal_group(signal.SIGKILL)  # whatever it started dies with it
        status = child.process.wait()
        self._selector.unregister(child.pidfd)
        os.close(child.pidfd)
        if not child.process.stdout.closed:
            self._read(child)
        if not child.process.stdout.closed:
            self._selector.unregister(child.process.stdout)
            child.process.stdout.close()
        cause = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"exited with {status}"
        if self._stopping:
            self._log("supervisor", f"{child.service.name} {cause}")
            child.phase, child.deadline = Phase.GONE, math.inf
            return
        if child.phase is Phase.READY and now - child.ready_at >= HEALTHY_S:
            child.deaths = 0
        delay_s = self._restart_later(child, now)
        self._log("supervisor", f"{child.service.name} {cause}; starting it again in {delay_s:g} s")
        self._let_next_start(child, now)

    def _restart_later(self, child: _Child, now: float) -> float:
        delay_s = min(LAST_RESTART_S, FIRST_RESTART_S * (1 << child.deaths))
        child.deaths = min(child.deaths + 1, 16)
        child.phase, child.deadline = Phase.WAITING, now + delay_s
        return delay_s

    def _after_death(self, child: _Child, now: float) -> None:
        child.retry_at = math.inf
        if child.service.after_death is None:
            return
        try:
            child.service.after_death()
        except (DeviceError, OSError) as error:
            child.retry_at = now + RETRY_AFTER_DEATH_S
            self._log("supervisor", f"{child.service.name}: {error}; trying again")

    def _kill(self, child: _Child, why: str) -> None:
        self._log("supervisor", f"{child.service.name}: {why}; killing it")
        child.signal_group(signal.SIGKILL)
        child.phase, child.deadline = Phase.KILLED, math.inf

    # --- stopping ----------------------------------------------------------------------------

    @contextmanager
    def _signals(self) -> Iterator[None]:
        reader, writer = socket.socketpair()
        writer.setblocking(False)
        self._selector.register(reader, selectors.EVENT_READ, partial(self._signalled, reader))
        previous_fd = signal.set_wakeup_fd(writer.fileno())
        asked = [signal.SIGTERM, signal.SIGINT]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
            asked.append(signal.SIGHUP)
        previous = {number: signal.signal(number, lambda *_: None) for number in asked}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(previous_fd)
            self._selector.unregister(reader)
            reader.close()
            writer.close()

    def _signalled(self, reader: socket.socket) -> None:
        numbers = reader.recv(64)
        if self._stopping:
            for child in self._children:
                if child.alive:
                    self._kill(child, "asked to stop a second time")
            return
        self._log("supervisor", f"{signal.Signals(numbers[0]).name}: stopping")
        self._stopping = True
        for child in self._children:
            if not child.alive:
                child.phase, child.deadline = Phase.GONE, math.inf

    def _stop_next(self, now: float) -> None:
        """Ask the last that is still there, unless one has been asked already."""
        alive = [child for child in self._children if child.alive]
        if alive and alive[-1].phase in (Phase.STARTING, Phase.READY):
            alive[-1].phase, alive[-1].deadline = Phase.STOPPING, now + alive[-1].service.stop_s
            alive[-1].signal_group(signal.SIGTERM)

    def _end(self) -> bool:
        """Leave nothing behind, whatever brought us here. Whether all that follows a death was done."""
        self._stopping = True
        for child in self._children:
            if child.alive:
                assert child.process is not None
                child.signal_group(signal.SIGKILL)
                child.process.wait()
                self._died(child)
            for _ in range(LAST_TRIES):
                if math.isinf(child.retry_at):
                    break
                time.sleep(RETRY_AFTER_DEATH_S)
                self._after_death(child, time.monotonic())
            child.notify.close()
            shutil.rmtree(self._folder / child.service.name, ignore_errors=True)
        self._selector.close()
        return all(math.isinf(child.retry_at) for child in self._children)


@dataclass(slots=True, eq=False)
class _Child:
    """What changes about a service. deadline, retry_at, ready_at: seconds of ``time.monotonic``."""

    service: Service
    notify: socket.socket
    phase: Phase = Phase.WAITING
    deadline: float = math.inf
    retry_at: float = math.inf
    ready_at: float = math.inf
    deaths: int = 0
    process: subprocess.Popen[bytes] | None = None
    pidfd: int = -1
    unfinished: bytes = b""

    @property
    def alive(self) -> bool:
        return self.phase in (Phase.STARTING, Phase.READY, Phase.STOPPING, Phase.KILLED)

    def signal_group(self, number: signal.Signals) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def lines(self, output: bytes) -> list[str]:
        """Whole lines, and what is left when the output ends (``b""``) or a line grows too long."""
        *lines, self.unfinished = (self.unfinished + output).split(b"\n")
        if self.unfinished and (not output or len(self.unfinished) > LONGEST_LINE):
            lines.append(self.unfinished)
            self.unfinished = b""
        return [line.decode("utf-8", "backslashreplace").rstrip("\r") for line in lines]


_CREDENTIALS = struct.Struct("3i")
"""struct ucred of unix(7): process, user and group of a datagram's sender, filled in by the kernel."""


def _notify_socket() -> socket.socket:
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    # Bound to an abstract name that the kernel picks: no file is left behind, and no path is too long.
    notify.bind("")
    return notify


def _sender(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return int(_CREDENTIALS.unpack(payload)[0])
    return None


def hand_out(secrets: Mapping[str, Path], folder: Path) -> None:
    """Copy the files into ``folder``, anew, decrypted, readable by this user alone. Raises OSError."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    for name, source in secrets.items():
        content = content_of(source)
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
