"""The branch.toml of a simulated branch.

Everything that a real branch.toml would hold, with devices that are the simulator's: pins of a panel, a
pseudo-terminal, this machine's broker, a camera at this machine. Open and unstaffed at every moment of
every day, so that what is played does not depend on when.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from simulator.card_formats import LINE, ReaderType
from simulator.door_settings import DoorLayout, cards_toml, door_toml, lay_out
from simulator.policies import PROFILE, policy_toml
from simulator.staff import staff_toml

AUTHORITY, BRANCH = "testshire", "market-street"
ROOT = f"lu/v1/{AUTHORITY}/{BRANCH}"
CAMERA = "entrance"
FIRE = 23
WIRES = {"evacuation": 20, "tamper": 21, "mains_lost": 26, "battery_low": 2, "help": 3}
"""GPIO numbers of inputs to ground, active while the contact is made. WIRES: by name in ``[inputs]``."""
DELAY_S = 0.2
"""What the alarms among them must last, so that whoever plays waits for less than on a real branch."""
STOP_AFTER_S = 0.5
"""How long the battery is low when the machine is asked to stop."""
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    port: int
    protocol: Literal["5", "3.1.1"]
    receiver: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The branch's doors, and where its files are.

    run: short, because the path of a socket may have 107 characters only. readers: the types of those at
    each door.
    """

    folder: Path
    run: Path
    readers: tuple[tuple[ReaderType, ...], ...] = ((LINE,),)

    @property
    def doors(self) -> tuple[DoorLayout, ...]:
        return lay_out(self.readers, self.run)

    @property
    def config(self) -> Path:
        return self.folder / "branch.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def authority_key(self) -> Path:
        """The authority's private key, where it is kept: at a real branch it is not on the machine."""
        return self.folder / "authority-key"

    @property
    def passphrase(self) -> Path:
        """Of that key."""
        return self.folder / "passphrase"

    @property
    def footage(self) -> Path:
        return self.state / "footage"

    @property
    def lms(self) -> Path:
        """For the certificate of the library management system."""
        return self.folder / "lms"

    @property
    def pins(self) -> Path:
        return self.run / "pins.sock"


def branch_toml(
    layout: Layout,
    *,
    broker: BrokerAddress | None,
    camera_url: str | None,
    pulse_s: float,
    held_open_s: int,
    segment_s: int,
    retention_days: int,
    repeat_s: float = 0.5,
    held_warning_s: int | None = None,
    lock_sensor: bool = False,
    profile: str = PROFILE,
    pages: bool = False,
    assume_trusted: bool = True,
) -> str:
    """The whole file as text."""
    hours = "\n".join(f'{day} = ["00:00-24:00"]' for day in WEEK)
    doors = "\n".join(
        door_toml(
            door,
            pulse_s=pulse_s,
            repeat_s=repeat_s,
            held_open_s=held_open_s,
            held_warning_s=held_warning_s,
            lock_sensor=lock_sensor,
        )
        for door in layout.doors
    )
    wires = "\n".join(_wire_toml(name, pin) for name, pin in WIRES.items())
    text = f"""\
[branch]
authority = "{AUTHORITY}"
branch = "{BRANCH}"
name = "Market Street Library (simulated)"
state_dir = "{layout.state}"
run_dir = "{layout.run}"
secrets_dir = "{layout.secrets}"

[clock]
# A simulated branch believes the clock of the machine it runs on, unless that is simulated as well.
assume_trusted = {str(assume_trusted).lower()}

[hours.unstaffed]
{hours}

{cards_toml(layout.doors)}
{doors}
[inputs.fire]
pin = {FIRE}

{wires}
[console]
port = 0
pages = {str(pages).lower()}

{policy_toml(profile)}
{staff_toml()}
[footage]
segment_s = {segment_s}
retention_days = {retention_days}
sweep_interval_min = 1
min_free_mb = 64
clip_before_s = 2
clip_after_s = 3
"""
    if camera_url is not None:
        text += f'\n[[cameras]]\nid = "{CAMERA}"\nurl = "{camera_url}"\n'
    if broker is None:
        return text + "\n[mqtt]\nenabled = false\n"
    return (
        text
        + f"""
[mqtt]
host = "127.0.0.1"
port = {broker.port}
protocol = "{broker.protocol}"
tls = false
receiver = {str(broker.receiver).lower()}
"""
    )


def _wire_toml(name: str, pin: int) -> str:
    delay = "" if name == "evacuation" else f"delay_s = {DELAY_S}\n"
    if name == "battery_low":
        delay += f"stop_after_s = {STOP_AFTER_S}\n"
    return f"[inputs.{name}]\npin = {pin}\n{delay}"
