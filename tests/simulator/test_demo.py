"""The demo: its exit code tells the truth, it says no card number, and it leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.demo import SCENARIOS

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

LIMIT_S = 200
SHORT = """
name: A short evening
steps:
  - {at: 0.2, swipe: member 1, expect: {access.granted: {}, door.unlocked: {for: grant}, door.locked: {}}}
  - {at: 2, swipe: stranger, expect: {access.refused: {reason: unknown_card}}}
totals: {swipes: 2, grants: 1, refusals: {unknown_card: 1}, pulses: 1}
"""

PACE = 2
QUICK_EVENING = re.sub(
    r"\bat: ([0-9.]+)",
    lambda at: f"at: {float(at[1]) / PACE:g}",
    (SCENARIOS / "evening.yaml").read_text(encoding="utf-8"),
)
"""The evening that is played when none is named, in half its time. A step still waits for what is
expected of the one before it; faster, a card would come again so soon that it is one swipe."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the demo makes its temporary files. Short: sockets with long paths cannot be made."""
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    yield folder
    shutil.rmtree(folder)


def demo(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", "demo", *arguments],
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def short(folder: Path, text: str = SHORT) -> str:
    (folder / "short.yaml").write_text(text)
    return str(folder / "short.yaml")


def of_session(session: int) -> list[int]:
    """The processes of a session, dead ones that nobody has waited for yet left out."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def assert_nothing_left(folder: Path, session: int, limit_s: float = 30) -> None:
    limit = time.monotonic() + limit_s
    while (left := of_session(session)) and time.monotonic() < limit:
        time.sleep(0.1)
    assert left == []
    assert [path.name for path in folder.iterdir() if path.name != "short.yaml"] == []


def assert_plain(said: str) -> None:
    assert "\x1b" not in said
    assert not re.search(r"\d{9}", said), "no line needs a number as long as a card's"


def test_the_evening_is_as_expected(folder: Path) -> None:
    process = demo(folder, short(folder, QUICK_EVENING))
    said, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, said
    assert_plain(said)
    summary = dict(re.findall(r"(?m)^([A-Z][a-z]+(?: [a-z]+)?) {2,}(.*)$", said))
    assert summary["Swipes"] == "13"
    assert summary["Grants"] == "6"
    assert summary["Planted footage"] == "2 destroyed, 1 kept, 1 held"
    assert summary["Journals"] == "verified"
    events = re.match(r"(\d+) journalled = (\d+) delivered", summary["Events"])
    assert events is not None
    assert events[1] == events[2]
    assert_nothing_left(folder, process.pid)


def test_without_mosquitto_it_is_played_through_amqtt(folder: Path) -> None:
    process = demo(folder, short(folder), "--broker", "amqtt", "--no-camera")
    said, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, said
    assert "broker: amqtt" in said
    assert_plain(said)
    assert_nothing_left(folder, process.pid)


def test_what_differs_is_said_and_kept_to_look_at_and_the_exit_code_is_1(folder: Path) -> None:
    wrong = SHORT.replace("grants: 1", "grants: 2")
    wrong = wrong.replace("{reason: unknown_card}}}", "{reason: expired}}, within: 1}")
    kept = folder / "kept"
    arguments = (short(folder, wrong), "--broker", "none", "--no-camera", "--keep", str(kept))
    process = demo(folder, *arguments)
    said, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 1
    assert "swipe stranger, at 2 s: no access.refused {'reason': 'expired', 'reader': 'in'} in time" in said
    assert "grants: 2 expected, 1 found" in said
    assert_plain(said)
    assert (kept / "branch.toml").exists()
    again = demo(folder, *arguments)
    said, _ = again.communicate(timeout=LIMIT_S)
    assert again.returncode != 0
    assert "is not empty" in said


@pytest.mark.parametrize(
    ("number", "without"),
    [(signal.SIGTERM, ()), (signal.SIGINT, ("--broker", "none", "--no-camera"))],
    ids=["SIGTERM", "SIGINT"],
)
def test_stopped_half_way_it_leaves_nothing(
    folder: Path, number: signal.Signals, without: tuple[str, ...]
) -> None:
    process = demo(folder, *without)
    said = said_until(process, "all services are ready")
    process.send_signal(number)
    rest, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130, said + rest
    assert "Traceback" not in rest
    assert_nothing_left(folder, process.pid)


def test_killed_it_leaves_no_process(folder: Path) -> None:
    process = demo(folder, short(folder))
    said_until(process, "all services are ready")
    process.kill()
    process.communicate(timeout=LIMIT_S)
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
    limit = time.monotonic() + 30
    while (left_over := of_session(process.pid)) and time.monotonic() < limit:
        time.sleep(0.1)
    assert left_over == []


def said_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended before {words!r}: {said}")


def test_run_does_what_is_typed_until_it_is_stopped(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "run", "--broker", "none", "--no-camera"],
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    said_until(process, "Ctrl-C ends it")
    process.stdin.write("dance\nswipe nobody\nswipe member 1\n")
    process.stdin.flush()
    said = said_until(process, "lock  released")
    assert "nothing is called 'dance'" in said
    assert "nobody is called 'nobody': member 1" in said
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert_nothing_left(folder, process.pid)
