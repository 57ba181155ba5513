"""Runs in the machine: the far end of the door's wires, and somebody who swipes.

A panel of pins and a reader's line, both the simulator's, for as long as the machine is on, whatever
becomes of the door. Whoever connects to the socket says in a line of JSON which cards are swiped, how often
and how many times, and is sent a line for each swipe: when it was (boot time), and after how long the lock
was released, or None. The member then opens the door and goes in. Never here: what should come of it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
from pathlib import Path

from simulator.door_settings import CONTACT, EXIT_BUTTON, LOCK
from simulator.pins.panel import Panel, boottime_us
from simulator.serial_wire import SerialWire

FOLDER = Path("/run/wires")
ANSWER_S = 0.9
"""Nobody waits for longer when somebody swipes every second."""


def main() -> None:
    panel = Panel(FOLDER / "pins.sock")
    wire = SerialWire(FOLDER / "reader")
    for pin, level in ((CONTACT, False), (EXIT_BUTTON, None)):
        panel.set(pin, level)
    # As udev gives them to the groups of the door on a Pi.
    shutil.chown(FOLDER / "pins.sock", group="gpio")
    (FOLDER / "pins.sock").chmod(0o660)
    shutil.chown(os.path.realpath(FOLDER / "reader"), group="dialout")
    Path(os.path.realpath(FOLDER / "reader")).chmod(0o660)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(FOLDER / "swipes.sock"))
        server.listen()
        while True:
            connection, _ = server.accept()
            with connection, connection.makefile("rw", encoding="utf-8") as lines:
                asked = json.loads(lines.readline())
                try:
                    for told in swipes(panel, wire, **asked):
                        lines.write(json.dumps(told) + "\n")
                        lines.flush()
                except OSError:  # whoever asked has gone
                    sys.stderr.write("nobody listens any more\n")


def swipes(panel: Panel, wire: SerialWire, cards: list[str], every_s: float, count: int):
    for number in range(count):
        began = time.monotonic()
        told = {"number": number, "at_us": boottime_us(), "wall_us": time.time_ns() // 1000, "after_ms": None}
        free = not panel.level(LOCK)
        wire.swipe(cards[number % len(cards)])
        read_us = boottime_us()
        try:
            panel.wait(LOCK, True, ANSWER_S)
        except TimeoutError:
            pass
        else:
            risen = [edge.mono_us for edge in panel.history(LOCK) if edge.level]
            told["after_ms"] = max(0, risen[-1] - read_us) / 1000 if free else 0
            panel.set(CONTACT, None)
            try:
                panel.wait(LOCK, False, ANSWER_S)
            except TimeoutError:
                told["secured"] = False
            panel.set(CONTACT, False)
        yield told
        time.sleep(max(0, began + every_s - time.monotonic()))


if __name__ == "__main__":
    main()
