from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from controller.core.event import Stamp
from controller.devices import ClockReading
from controller.service import Notifier, OneLine, Stop, stamp


def listener(address: str) -> socket.socket:
    wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    wire.bind(address)
    wire.settimeout(5)
    return wire


def test_each_message_reaches_the_supervisor(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with listener(address) as wire:
        notifier = Notifier({"NOTIFY_SOCKET": address})
        for tell in (notifier.ready, notifier.watchdog, notifier.stopping):
            tell()
        notifier.status("two\nlines")
        heard = [wire.recv(100).decode() for _ in range(4)]
    assert heard == ["READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=two lines"]


def test_the_abstract_namespace_is_understood() -> None:
    name = f"unlocked-test-{os.getpid()}"
    with listener("\0" + name) as wire:
        Notifier({"NOTIFY_SOCKET": "@" + name}).ready()
        assert wire.recv(100) == b"READY=1"


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "/nowhere/notify"}])
def test_a_missing_supervisor_does_no_harm(environment: dict[str, str]) -> None:
    Notifier(environment).ready()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "5000000"}, 5.0),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": str(os.getpid())}, 5.0),
    ],
)
def test_the_watchdog_is_known_from_the_environment(
    environment: dict[str, str], expected: float | None
) -> None:
    assert Notifier(environment).watchdog_s == expected


def test_stop_is_set_once_and_wakes_who_waits() -> None:
    stop = Stop()
    assert not stop.wait(0)
    stop.set()
    stop.set()
    assert stop.wait(None)
    assert stop.is_set()


STOPPED_BY_A_SIGNAL = """
import queue
from controller.service import stop_on_signals
told = queue.SimpleQueue()
stop = stop_on_signals(lambda: told.put("stop"))
print("waiting", flush=True)
print(stop.wait(30), told.get(timeout=5))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops(number: signal.Signals) -> None:
    command = [sys.executable, "-c", STOPPED_BY_A_SIGNAL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "waiting\n"
        child.send_signal(number)
        assert child.stdout.read() == "True stop\n"
    assert child.returncode == 0


@pytest.mark.parametrize("trusted", [True, False])
def test_a_stamp_joins_the_clocks_with_the_judgement(trusted: bool) -> None:
    class Clock:
        def read(self) -> ClockReading:
            return ClockReading(wall_us=7, mono_us=3, boot_id="b", synchronised=trusted)

    class Judge:
        def judge(self, *, wall_us: int, mono_us: int, boot_id: str, synchronised: bool) -> bool:
            assert (wall_us, mono_us, boot_id) == (7, 3, "b")
            return synchronised

    assert stamp(Clock(), Judge()) == Stamp(7, 3, "b", trusted)


def test_no_message_makes_a_line_of_its_own_in_the_log() -> None:
    sent = "/staff/x\nconsole INFO ready\x1b[2J\u2028/"
    record = logging.makeLogRecord({"levelname": "WARNING", "msg": "%s: é refused", "args": (sent,)})
    said = OneLine("console %(levelname)s %(message)s").format(record)
    assert said == "console WARNING /staff/x\\nconsole INFO ready\\x1b[2J\\u2028/: é refused"
