"""A machine with systemd as its first process, whatever it is made of.

Here: what every kind can do. ``container`` is one of systemd-nspawn, ``qemu`` one with a kernel of its own.
Never here: what is tried on it.
"""

from __future__ import annotations

import shlex
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.package.image import Image

BOOT_S = 240
"""Far more than a machine takes, also one that is emulated."""


class NeverUp(Exception):
    """The machine did not take commands in time. Says what its console said."""


class Failed(subprocess.CalledProcessError):
    """A command in the machine ended with an error."""

    def __init__(self, code: int, command: str, said: str) -> None:
        super().__init__(code, command, said)
        self.said = said

    def __str__(self) -> str:
        return f"{self.cmd!r} ended with {self.returncode}:\n{self.said}"


class Machine(ABC):
    """Use as a context: switched on at its begin, gone at its end. Its console is a file in the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.console = folder / "console.txt"
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        try:
            self.prepare()
            self.switch_on()
        except BaseException:
            self.throw_away()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.throw_away()

    # --- each kind in its own way ---

    @abstractmethod
    def prepare(self) -> None:
        """Make its disk."""

    @abstractmethod
    def start(self) -> None:
        """Boot without waiting."""

    @abstractmethod
    def cut_power(self) -> None:
        """Everything in it ends at once. Nothing happens to a machine that is off."""

    @abstractmethod
    def ended(self) -> bool:
        """Whether it is off."""

    @abstractmethod
    def entering(self, command: str) -> list[str]:
        """What runs a command of the shell in it, as root."""

    @abstractmethod
    def frozen(self) -> Image:
        """The disk of a machine that is off and stays off, for others to start from."""

    @abstractmethod
    def throw_away(self) -> None:
        """End it, and remove its disk."""

    # --- alike ---

    def switch_on(self) -> None:
        """Boot, and wait until it takes commands. Raises NeverUp."""
        self.start()
        self.wait_until_up()

    def wait_until_up(self) -> None:
        """Raises NeverUp."""
        until = time.monotonic() + BOOT_S
        while time.monotonic() < until and not self.ended():
            with suppress(subprocess.CalledProcessError, subprocess.TimeoutExpired):
                self.run("systemctl is-active --quiet basic.target", limit_s=20)
                return
            time.sleep(0.2)
        raise NeverUp(self.console.read_text(errors="replace")[-3000:])

    def switch_off(self) -> None:
        """In order, as whoever asks systemd for it."""
        with suppress(subprocess.CalledProcessError, subprocess.TimeoutExpired):
            self.run("systemctl poweroff", limit_s=20)
        wait_until(self.ended, "the machine is off", limit_s=BOOT_S)
        self.cut_power()

    def run(self, command: str, *, limit_s: float = 120, told: bytes = b"") -> str:
        """What a command of the shell says. Raises Failed, and TimeoutExpired."""
        ended = subprocess.run(
            self.entering(command),
            input=told,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit_s,
        )
        said = ended.stdout.decode(errors="replace")
        if ended.returncode != 0:
            raise Failed(ended.returncode, command, said)
        return said

    def begin(self, command: str) -> subprocess.Popen[str]:
        """A command that goes on; what it says is read from its stdout."""
        return subprocess.Popen(
            self.entering(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def put(self, file: Path, name: str) -> None:
        """Copy a file into it."""
        with file.open("rb") as source:
            command = f"mkdir -p $(dirname {shlex.quote(name)}) && cat > {shlex.quote(name)}"
            subprocess.run(self.entering(command), stdin=source, check=True, timeout=300)

    def write(self, name: str, text: str, mode: str = "644") -> None:
        quoted = shlex.quote(name)
        self.run(
            f"mkdir -p $(dirname {quoted}) && cat > {quoted} && chmod {mode} {quoted}", told=text.encode()
        )


def wait_until(happened: Callable[[], bool], what: str, limit_s: float) -> None:
    """Raises TimeoutError."""
    until = time.monotonic() + limit_s
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {limit_s:g} s: {what}")
        time.sleep(0.1)
