"""A whole simulated branch: folder, keys, members and devices, with the real services under ``unlocked run``.

Here: building it up and taking it down, doing what people do at its door, and looking at what it did.
Works without root, on free ports, several at once. Never here: what should happen; that is for scenarios
and tests to say.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click import ClickException

from controller.commands.main import main as unlocked
from controller.core.event import CONTROLLER, Event
from controller.secrets import credentials, reader_key
from controller.settings.load import load
from controller.settings.paths import Paths
from simulator.broker import Broker
from simulator.camera.process import CameraProcess
from simulator.closing import Closing
from simulator.door import Door, everybody, newcomers
from simulator.faults.databases import DATABASES, garble, settle
from simulator.faults.machine import Machine
from simulator.journals import Journals
from simulator.lms.system import System, lms_toml, system_of, write_secrets
from simulator.members import Member, write_csv
from simulator.pins.panel import Edge, Panel
from simulator.plan import Listeners, Plan
from simulator.receiver import Receiver
from simulator.services import READY_LIMIT_S, BranchError, Services
from simulator.settings import FIRE, WIRES, BrokerAddress, Layout, branch_toml
from simulator.staff import PASSPHRASE
from simulator.text_display import TextDisplay

LOOK_S = 0.05
"""How often journals are looked at while something is waited for."""


__all__ = ["Branch", "Listeners", "Plan"]


class Branch(Closing):
    """Built by construction in ``folder``; runs from ``start`` until ``stop``; gone after ``close``.

    Between construction and ``start`` footage can be planted and holds placed. The folder is left to
    whoever named it.
    """

    def __init__(self, folder: Path, plan: Plan | None = None, listeners: Listeners | None = None) -> None:
        self.plan = plan or Plan()
        listeners = listeners or Listeners()
        self._devices = ExitStack()
        self._listener = listeners.pin
        self.doors: list[Door] = []
        try:
            # Sockets in a folder with a short name of its own, wherever the branch's folder is.
            run = Path(tempfile.mkdtemp(prefix="unlocked-"))
            self._devices.callback(shutil.rmtree, run, ignore_errors=True)
            self.layout = Layout(folder.resolve(), run, self.plan.readers)
            self._build(listeners)
        except BaseException:
            self._devices.close()
            raise

    def _build(self, listeners: Listeners) -> None:
        layout, plan, devices = self.layout, self.plan, self._devices
        layout.folder.mkdir(parents=True, exist_ok=True)
        self.panel = devices.enter_context(Panel(layout.pins, self._edge))
        log = layout.folder / "services.log"
        self._machine: Machine | None = None
        environment = self.panel.environment
        if plan.machine:
            writable = [layout.state, layout.run] if plan.read_only_root else []
            self._machine = devices.enter_context(Machine(layout.run, layout.state, writable))
            environment |= self._machine.environment
        self.environment = environment
        self.services = Services(layout.config, environment, log, listeners.log)
        today = datetime.now(UTC).date()
        self.doors = [devices.enter_context(Door(door, self.panel, today)) for door in layout.doors]
        self.front = self.doors[0]
        self.reader = self.front.readers[0]
        assert self.front.layout.display is not None
        self.display = devices.enter_context(TextDisplay(self.front.layout.display, listener=listeners.text))
        self.broker: Broker | None = None
        self.receiver: Receiver | None = None
        if plan.broker is not None:
            kind = None if plan.broker == "any" else plan.broker
            self.broker = devices.enter_context(Broker(layout.folder / "broker", kind))
            self.receiver = devices.enter_context(
                Receiver(
                    self.broker.host,
                    self.broker.port,
                    protocol=self.broker.protocol,
                    acknowledges=plan.receiver,
                    listener=listeners.delivered,
                )
            )
        self.camera = devices.enter_context(CameraProcess()) if plan.camera else None
        address = None
        if self.broker is not None:
            address = BrokerAddress(self.broker.port, self.broker.protocol, receiver=plan.receiver)
        self.lms: System | None = None
        text = branch_toml(
            layout,
            broker=address,
            camera_url=self.camera.url if self.camera is not None else None,
            pulse_s=plan.pulse_s,
            repeat_s=plan.repeat_s,
            held_open_s=plan.held_open_s,
            held_warning_s=plan.held_warning_s,
            lock_sensor=plan.lock_sensor,
            segment_s=plan.segment_s,
            retention_days=plan.retention_days,
            profile=plan.profile,
            pages=plan.pages,
            assume_trusted=not plan.machine,
        )
        if plan.lms is not None:
            known = [*everybody(self.doors), *newcomers(self.doors)]
            self.lms = system = system_of(plan.lms, known, today, layout.lms)
            devices.callback(system.close)
            system.start()
            text += lms_toml(plan.lms, system, layout.lms)
        layout.config.write_text(f"{text}\n{plan.rules}", encoding="utf-8")
        self.paths = Paths.of(load(layout.config))
        self._journals = Journals(self.paths)
        devices.callback(self._journals.close)
        self._here("init", *self._authority_key())
        if self.lms is not None:
            write_secrets(self.lms, self.paths.secrets)
        self._pair_readers()
        self.members = self.reader.members
        self.import_members(everybody(self.doors))

    def _edge(self, edge: Edge) -> None:
        """Called under the panel's lock, which the same thread may take again."""
        for door in self.doors[:1]:
            door.seen(edge)
        if self._listener is not None:
            self._listener(edge)

    def _authority_key(self) -> tuple[str, ...]:
        """Kept where there are staff pages, to name members with; else thrown away, which is sooner done."""
        osdp = any(reader.needs_key for _, reader in load(self.layout.config).readers())
        if not self.plan.pages or osdp:
            return ("--throw-away",)
        self.layout.passphrase.write_text(PASSPHRASE)
        return (
            "--private-key-to",
            str(self.layout.authority_key),
            "--passphrase-file",
            str(self.layout.passphrase),
        )

    def _pair_readers(self) -> None:
        for door in self.doors:
            for reader in door.readers:
                if reader.osdp is not None:
                    name = credentials.reader_key(door.id, reader.id)
                    reader.osdp.paired(reader_key.raw(credentials.read(name, self.paths.secrets), name))

    # --- running ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Run the services; returns when all are ready. Raises BranchError."""
        self.services.start()

    def stop(self) -> int:
        """Stop the services as Ctrl-C would; returns the supervisor's exit code. Safe to call twice."""
        return self.services.stop()

    def close(self) -> None:
        """Stop, and unplug every device."""
        self.stop()
        self._devices.close()

    def unlocked(self, *arguments: str, check: bool = True, input: str = "") -> str:
        """Run the ``unlocked`` command with this branch's settings; returns what it printed.

        input: what it reads from standard input. Raises BranchError if it fails, unless ``check`` is False.
        """
        environment = {**os.environ, **self.environment, "UNLOCKED_CONFIG": str(self.layout.config)}
        done = subprocess.run(
            [sys.executable, "-m", "controller", *arguments],
            env=environment,
            input=input,
            capture_output=True,
            text=True,
            timeout=READY_LIMIT_S,
            check=False,
        )
        if check and done.returncode != 0:
            raise BranchError(
                f"unlocked {' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()}"
            )
        return done.stdout

    def _here(self, *arguments: str) -> None:
        """An ``unlocked`` command in this process. What every branch begins with is done sooner so."""
        said = io.StringIO()
        try:
            with redirect_stdout(said), redirect_stderr(said):
                unlocked([*arguments, "--config", str(self.layout.config)], standalone_mode=False)
        except ClickException as error:
            raise BranchError(f"unlocked {' '.join(arguments)}: {error.message}") from error

    def pid(self, service: str) -> int:
        """Process id of a service, as last started. Raises BranchError."""
        return self.services.pid(service)

    def kill(self, service: str) -> None:
        """Kill a service's process (SIGKILL) and wait until its successor is ready. Raises BranchError."""
        self.services.kill(service)

    def hang(self, service: str) -> None:
        """A service is there and does nothing any more (SIGSTOP), until somebody kills it."""
        os.kill(self.pid(service), signal.SIGSTOP)

    def damage(self, name: str) -> None:
        """A database is damaged, by its name in ``DATABASES``; its service dies of it. Raises BranchError."""
        service, path = DATABASES[name]
        settle(self.paths.state / path)
        self.hang(service)  # so that it neither reads nor writes meanwhile
        garble(self.paths.state / path)
        self.kill(service)

    def cut_power(self) -> None:
        """Every process is gone at once, and nothing drives the pins any more."""
        self.services.cut()
        self.panel.cut_power()

    def flicker(self) -> None:
        """The power comes back, and is gone again while the services start."""
        self.services.begin("door")
        self.cut_power()

    @property
    def machine(self) -> Machine:
        """What the services run on. Raises BranchError where it is this machine itself."""
        if self._machine is None:
            raise BranchError("this branch runs on a machine that cannot be made to fail")
        return self._machine

    @property
    def pages(self) -> str:
        """The address of the staff pages, without a slash at its end."""
        return self.services.pages

    @property
    def log(self) -> list[str]:
        """What the services have said, line by line."""
        return self.services.log

    # --- at the door ------------------------------------------------------------------------------

    def import_members(self, members: list[Member]) -> None:
        """Make these the memberships of the branch."""
        path = self.layout.folder / "members.csv"
        write_csv(path, members)
        self._here("members", "import", "--shrink", str(path))

    def swipe(self, who: str) -> None:
        """At the front door: the label of a member, ``stranger``, or a card number."""
        self.reader.swipe(who)

    def open_door(self) -> None:
        """The front door, which the camera looks at."""
        if self.camera is not None:
            self.camera.door(True)
        self.front.open()

    def close_door(self) -> None:
        if self.camera is not None:
            self.camera.door(False)
        self.front.shut()

    def fire(self, reported: bool) -> None:
        """The fire panel's relay closes, or opens again."""
        self.panel.set(FIRE, False if reported else None)

    def wire(self, name: str, active: bool) -> None:
        """An input of the building, by its name in branch.toml: its contact closes, or opens again."""
        self.panel.set(WIRES[name], False if active else None)

    def hold(self, around_us: int) -> None:
        """Place a legal hold on all footage of the hour around a moment (wall time, microseconds)."""
        moment = datetime.fromtimestamp(around_us / 1e6, UTC)
        start, end = (
            (moment + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ") for minutes in (-30, 30)
        )
        case = ("--authority", "Testshire Police", "--reference", "CR/0001")
        self.unlocked("hold", "add", *case, "--from", start, "--to", end)

    # --- what it did ------------------------------------------------------------------------------

    def events(self, service: str = "door", after: int = 0) -> list[Event]:
        """What the service has journalled after a sequence number; [] before it has a journal."""
        return self._journals.events(service, after)

    def last_seq(self, service: str) -> int:
        return self._journals.last_seq(service)

    def journal_ids(self) -> dict[str, str]:
        """Service to the id of its journal, of those that have one."""
        return self._journals.ids()

    def wait_for(
        self,
        type_: str,
        *,
        after: int = 0,
        limit_s: float = 30.0,
        service: str = "door",
        door: Door | None = None,
        meanwhile: Callable[[], bool] = lambda: False,
        **data: object,
    ) -> Event:
        """The first event of this type with these data after a sequence number, waited for.

        door: what happens at other doors does not count. meanwhile: called whenever it is not there yet;
        where that returns True, the limit begins anew. Raises BranchError at the limit.
        """
        limit = time.monotonic() + limit_s
        subjects = {CONTROLLER, door.id} if door is not None else set()
        while True:
            found = [e for e in self.events(service, after) if not subjects or e.subject in subjects]
            for event in found:
                if event.type == type_ and data.items() <= dict(event.data).items():
                    return event
            if meanwhile():
                limit = time.monotonic() + limit_s
            if time.monotonic() > limit:
                seen = [str(event.type) for event in found]
                raise self.services.failed(f"no {type_}{f' {data}' if data else ''} in time, but {seen}")
            time.sleep(LOOK_S)

    def door_status(self) -> dict[str, object]:
        """What ``unlocked door status`` says."""
        found = json.loads(self.unlocked("door", "status", "--json"))
        if not isinstance(found, dict):
            raise BranchError("the door's status is not an object")
        return found
