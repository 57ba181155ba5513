"""Runs in the machine: the far end of the door's wires, and somebody who swipes.

Either the simulator's panel of pins and its reader's line, for as long as the machine is on, whatever
becomes of the door; or a simulated chip that the kernel shows as a real one, and a serial port that is
wired to the reader's. Whoever connects to the socket says in a line of JSON which cards are swiped, how
often and how many times, and is sent a line for each swipe: when it was (boot time), and after how long the
lock was released, or None. The member then opens the door and goes in. Never here: what should come of it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
from pathlib import Path

FOLDER = Path("/run/wires")
CHIP = Path("/sys/devices/platform/gpio-sim.0")
LOCK, CONTACT, EXIT_BUTTON = 17, 27, 22
ANSWER_S = 0.9
"""Nobody waits for longer when somebody swipes every second."""


def now_us() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


class Simulated:
    """The simulator's pins and line, where the package has the simulator beside it."""

    def __init__(self) -> None:
        from simulator.pins.panel import Panel
        from simulator.serial_wire import SerialWire

        self._panel = Panel(FOLDER / "pins.sock")
        self._wire = SerialWire(FOLDER / "reader")
        self._panel.set(EXIT_BUTTON, None)
        # As udev gives them to the groups of the door on a Pi.
        for file, group in ((FOLDER / "pins.sock", "gpio"), (FOLDER / "reader", "dialout")):
            shutil.chown(file.resolve(), group=group)
            file.resolve().chmod(0o660)

    def swipe(self, card: str) -> None:
        self._wire.swipe(card)

    def lock_released(self) -> bool:
        return self._panel.level(LOCK)

    def contact(self, *, closed: bool) -> None:
        """To ground while the door is closed."""
        self._panel.set(CONTACT, False if closed else None)

    def wait_for_lock(self, *, released: bool) -> int | None:
        """When it came to that (boot time); None: it did not in time."""
        try:
            self._panel.wait(LOCK, released, ANSWER_S)
        except TimeoutError:
            return None
        return [edge.mono_us for edge in self._panel.history(LOCK) if edge.level == released][-1]


class Chip:
    """The kernel's simulated chip, and the serial port at the other end of the reader's line."""

    def __init__(self) -> None:
        self._line = os.open("/dev/ttyS2", os.O_WRONLY | os.O_NOCTTY)
        os.system("stty -F /dev/ttyS2 9600 raw -echo")
        (bank,) = CHIP.glob("gpiochip*")
        self._bank = bank

    def swipe(self, card: str) -> None:
        os.write(self._line, f"{card}\r".encode())
        time.sleep((len(card) + 1) * 10 / 9600)  # what the wire takes

    def lock_released(self) -> bool:
        return (self._bank / f"sim_gpio{LOCK}/value").read_text().strip() == "1"

    def contact(self, *, closed: bool) -> None:
        (self._bank / f"sim_gpio{CONTACT}/pull").write_text("pull-down" if closed else "pull-up")

    def wait_for_lock(self, *, released: bool) -> int | None:
        until_us = now_us() + int(ANSWER_S * 1e6)
        while now_us() < until_us:
            if self.lock_released() == released:
                return now_us()
            time.sleep(0.0002)
        return None


def main() -> None:
    wires = Chip() if CHIP.exists() else Simulated()
    wires.contact(closed=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(FOLDER / "swipes.sock"))
        server.listen()
        while True:
            connection, _ = server.accept()
            with connection:
                asked = json.loads(connection.makefile().readline())
                try:
                    for told in swipes(wires, **asked):
                        connection.sendall(json.dumps(told).encode() + b"\n")
                except OSError:
                    sys.stderr.write("whoever asked has gone\n")


def swipes(wires: Chip | Simulated, cards: list[str], every_s: float, count: int):
    for number in range(count):
        began = time.monotonic()
        wires.contact(closed=True)
        told = {"number": number, "at_us": now_us(), "wall_us": time.time_ns() // 1000, "after_ms": None}
        free = not wires.lock_released()
        wires.swipe(cards[number % len(cards)])
        read_us = now_us()
        released_us = wires.wait_for_lock(released=True)
        if released_us is not None:
            told["after_ms"] = max(0, released_us - read_us) / 1000 if free else 0
            wires.contact(closed=False)
            wires.wait_for_lock(released=False)
            wires.contact(closed=True)
        yield told
        time.sleep(max(0, began + every_s - time.monotonic()))


if __name__ == "__main__":
    main()
