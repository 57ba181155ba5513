"""A branch on a machine: installed from the package, set up from answers, and what people do there.

Never here: what should come of it.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from simulator.door_settings import CONTACT, DOOR, EXIT_BUTTON, LOCK
from simulator.members import cast, write_csv
from simulator.settings import WEEK
from tests.package import qemu
from tests.package.machine import Machine, wait_until

HERE = Path(__file__).parent
SERVICES = ("door", "membership", "recorder", "console")
"""Those that run; the branch has no broker."""
PASSWORD = "a first password for the head"
MEMBERS = tuple(cast(datetime.now(UTC).date())[f"member {number}"] for number in (1, 2, 3))
ANSWERS = f"""\
[branch]
authority = "testshire"
branch = "market-street"
name = "Market Street Library"

[clock]
battery_clock = true

[hours.unstaffed]
{"".join(f'{day} = ["00:00-24:00"]{chr(10)}' for day in WEEK)}
[[doors]]
id = "{DOOR}"

[[doors.readers]]
id = "in"
port = "@READER@"
repeat_s = 0.2

[doors.lock]
pin = {LOCK}
pulse_s = 0.8

[doors.contact]
pin = {CONTACT}
active_low = false

[doors.exit_button]
pin = {EXIT_BUTTON}

[mqtt]
enabled = false

[setup]
policy = "worcestershire"

[setup.authority_key]
throw_away = true

[setup.account]
name = "head"
roles = ["supervisor"]
trained_until = 2099-12-31
password_file = "/srv/password"
"""
WIRES_UNIT = """\
[Unit]
Description=The far end of the door's wires
Before=unlocked-door.service
[Service]
RuntimeDirectory=wires
ExecStart=@PYTHON@ /srv/wires/wires.py
ExecStartPost=sh -c 'until [ -S /run/wires/swipes.sock ]; do sleep 0.05; done'
[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class Wiring:
    """How the door's wires end. drop_in: of the door's unit. python: what runs the other end."""

    reader: str
    drop_in: str
    python: str


SIMULATED = Wiring(
    "/run/wires/reader",
    "Environment=GPIOZERO_PIN_FACTORY=simulated UNLOCKED_SIMULATED_PINS=/run/wires/pins.sock",
    "/opt/unlocked/current/bin/python",
)
CHIP = Wiring(
    qemu.READER, "BindReadOnlyPaths=/etc/unlocked-machine/cpuinfo:/proc/cpuinfo", "/usr/bin/python3"
)
"""Pins of a chip, which lgpio drives as it does a Pi's; all that is not real is which board it is."""


@dataclass(frozen=True, slots=True)
class Swipe:
    """at_us: boot time. after_ms: until the lock was released; None: it was not."""

    number: int
    at_us: int
    wall_us: int
    after_ms: float | None


class Branch:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._wiring = CHIP if isinstance(machine, qemu.Qemu) else SIMULATED

    def install(self, package: Path) -> str:
        """With Debian's own tool; what it says. Raises Failed."""
        name = f"/srv/{package.name}"
        self.machine.put(package, name)
        try:
            return self.machine.run(f"DEBIAN_FRONTEND=noninteractive dpkg --install {name}", limit_s=600)
        finally:
            self.machine.run(f"rm {name}")

    def set_up(self, folder: Path) -> str:
        """From answers, with members imported; what setup says. folder: for files on their way."""
        self.machine.write("/srv/answers.toml", ANSWERS.replace("@READER@", self._wiring.reader))
        self.machine.write("/srv/password", PASSWORD, "600")
        said = self.machine.run("unlocked setup --answers /srv/answers.toml", limit_s=300)
        self.machine.run("rm /srv/password")
        write_csv(folder / "members.csv", MEMBERS)
        self.machine.put(folder / "members.csv", "/srv/members.csv")
        self.machine.run("unlocked members import /srv/members.csv --shred", limit_s=300)
        return said

    def wire(self) -> None:
        """Connect the door."""
        for file in (HERE / "inside").glob("*.py"):
            self.machine.put(file, f"/srv/wires/{file.name}")
        self.machine.write(
            "/etc/systemd/system/wires.service", WIRES_UNIT.replace("@PYTHON@", self._wiring.python)
        )
        self.machine.write(
            "/etc/systemd/system/unlocked-door.service.d/wires.conf", f"[Service]\n{self._wiring.drop_in}\n"
        )
        self.machine.run("systemctl daemon-reload && systemctl enable --now wires.service")

    def start(self) -> None:
        self.machine.run("systemctl reset-failed; systemctl restart unlocked.target")
        self.wait_until_running()

    def wait_until_running(self, limit_s: float = 120) -> None:
        wait_until(lambda: set(self.states().values()) == {"active"}, "all services run", limit_s)

    def states(self) -> dict[str, str]:
        return {name: self.property(name, "ActiveState") for name in SERVICES}

    def property(self, service: str, name: str) -> str:
        return self.machine.run(f"systemctl show --value -p {name} unlocked-{service}.service").strip()

    def release(self) -> str:
        """Which is in use."""
        return self.machine.run("basename $(readlink /opt/unlocked/current)").strip()

    def releases_running(self) -> set[str]:
        """Of which release each service is."""
        programs = (self.property(service, "MainPID") for service in SERVICES)
        return {self.machine.run(f"tr '\\0' '\\n' < /proc/{pid}/cmdline").split("/")[4] for pid in programs}

    def swipes(self, count: int, every_s: float = 1.0) -> list[Swipe]:
        with self.swiping(count, every_s) as told:
            return list(told)

    @contextmanager
    def swiping(self, count: int = 100_000, every_s: float = 1.0) -> Iterator[Iterator[Swipe]]:
        """Members swipe one after the other, while something else is done, until the end of the context."""
        asked = json.dumps({"cards": [member.card for member in MEMBERS], "every_s": every_s, "count": count})
        process = self.machine.begin(f"exec python3 /srv/wires/swipe.py {shlex.quote(asked)}")
        try:
            yield _told(process)
        finally:
            # What runs in the machine ends when nobody takes what it tells.
            assert process.stdout is not None
            process.stdout.close()
            process.terminate()
            process.wait()

    def events(self) -> list[dict[str, object]]:
        """The door's journal."""
        said = self.machine.run("unlocked log --json --since 7d", limit_s=300)
        return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def _told(process: subprocess.Popen[str]) -> Iterator[Swipe]:
    assert process.stdout is not None
    for line in process.stdout:
        told = json.loads(line)
        yield Swipe(told["number"], told["at_us"], told["wall_us"], told["after_ms"])


def longest_silence_s(swipes: Sequence[Swipe]) -> float:
    """The longest time between two swipes that were answered."""
    answered = [swipe.at_us for swipe in swipes if swipe.after_ms is not None]
    return max(after - before for before, after in pairwise(answered)) / 1e6


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
