"""A swipe: from the moment its last byte can be read to the moment the write to the lock's pin returned.

The door is the shipped one, a process of its own; the line is a pseudo-terminal, the pins are mock pins
that tell when they were written. All swipes are grants; but for the first they renew a release, which
takes the same way through the code, the journal and the pin.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import branch, floor, pins
from benchmarks.cameras import camera, tables
from benchmarks.options import Options
from benchmarks.process import service
from benchmarks.rows import Row, Spread
from benchmarks.wire import Line, PinWrites, serial_line

AIM_US = 5_000
FLOORS = 3
CAMERAS = 4
CAMERAS_CHANGE = 0.5
GAP_S = (0.015, 0.030)
"""Between a swipe and the next: time for what follows a grant, drawn so that nothing falls into step."""
WARM_UP = 20
ANSWER_S = 5.0
LOST_AT_MOST = 3
LISTENING_S = 20.0


def listening(line: Line, writes: PinWrites, pin: int) -> None:
    """Swipe until it is heard: a service opens its reader after it is ready, and drops what came before."""
    limit_s = time.monotonic() + LISTENING_S
    while True:
        line.swipe(branch.card(0))
        try:
            writes.next(pin, 1, limit_s=1.0)
        except TimeoutError:
            if time.monotonic() > limit_s:
                raise
        else:
            return


def measure(
    line: Line,
    writes: PinWrites,
    members: int,
    swipes: int,
    pin: int,
    gap_s: tuple[float, float] = GAP_S,
) -> Spread:
    return Spread.of(sample(line, writes, members, swipes, pin, gap_s))


def sample(
    line: Line,
    writes: PinWrites,
    members: int,
    swipes: int,
    pin: int,
    gap_s: tuple[float, float] = GAP_S,
) -> list[float]:
    """Microseconds of each. Raises TimeoutError when more than a few swipes come to nothing.

    One may: a door that gets no processor between two bytes of a card takes them for halves of two.
    """
    listening(line, writes, pin)
    draw = random.Random(1)
    sample_us: list[float] = []
    lost = 0
    while len(sample_us) < WARM_UP + swipes:
        writes.drain()
        readable_ns = line.swipe(branch.card(draw.randrange(members)))
        try:
            sample_us.append((writes.next(pin, 1, ANSWER_S).mono_ns - readable_ns) / 1000)
        except TimeoutError:
            lost += 1
            if lost > LOST_AT_MOST:
                raise
        time.sleep(draw.uniform(*gap_s))
    if lost:
        print(f"swipe: {lost} of {swipes} swipes came to nothing and were taken again", file=sys.stderr)
    return sample_us[WARM_UP:]


def door(folder: Path, options: Options, *, journal: bool, recording: int) -> tuple[Spread, list[Row]]:
    """One run of the door, and what it cost."""
    with ExitStack() as open_things:
        line = open_things.enter_context(serial_line())
        filmed = (
            tables(open_things.enter_context(camera()).url, recording, ["motion = false"])
            if recording
            else []
        )
        made = branch.make(folder, line.port, options.members, tables=filmed)
        writes = PinWrites(folder / "pins")
        open_things.callback(writes.close)
        if recording:
            recorder = ["-m", "controller", "recorder", "--config", str(made.file)]
            open_things.enter_context(
                service(recorder, secrets=made.secrets, log=folder / "recorder.log", environment={})
            )
        module = "controller" if journal else "benchmarks.door_without_journal"
        running = open_things.enter_context(
            service(
                ["-m", module, "door", "--config", str(made.file)],
                secrets=made.secrets,
                log=folder / "door.log",
                environment=pins.environment(folder, writes.fifo),
            )
        )
        spread = measure(line, writes, made.members, options.swipes, branch.LOCK_PIN)
        cost = [
            Row(
                "door: CPU to ready",
                f"{running.cpu_to_ready_s:.2f} s",
                "< 0.6 s",
                running.cpu_to_ready_s < 0.6,
            ),
            Row(
                f"door: memory after {options.swipes + WARM_UP:,} swipes",
                f"{running.rss_mb():.0f} MB",
                "< 80 MB after 1,000",
                running.rss_mb() < 80,
            ),
        ]
    return spread, cost


def floors(folder: Path, options: Options) -> dict[str, Spread]:
    folder.mkdir()
    program = floor.build(folder)
    floor.make_members(folder / "members.db", options.members)
    found = {}
    for through in ("sqlite", "file", "none"):
        with serial_line() as line:
            writes = PinWrites(folder / f"pins-{through}")
            journal = folder / f"journal-{through}"
            with floor.running(program, line.port, folder / "members.db", journal, through, writes.fifo):
                writes.next(0, 0)
                found[through] = measure(line, writes, options.members, options.swipes, 0)
            writes.close()
    return found


def run(folder: Path, options: Options) -> Iterator[Row]:
    under = floors(folder / "floor", options)
    yield Row("floor in C, SQLite: p50 / p99 / p99.9", str(under["sqlite"]))
    yield Row("floor in C, file and fdatasync", str(under["file"]))
    yield Row("floor in C, nothing appended", str(under["none"]))
    idle, cost = door(folder / "idle", options, journal=True, recording=0)
    yield Row("swipe, idle, journalled", str(idle), f"p99 < {AIM_US:,} us", idle.p99 < AIM_US)
    ratio = idle.p99 / under["sqlite"].p99
    yield Row("  p99 against the floor through SQLite", f"{ratio:.1f} x", f"<= {FLOORS} x", ratio <= FLOORS)
    yield from cost
    without, _ = door(folder / "without-journal", options, journal=False, recording=0)
    yield Row("swipe, idle, without the journal's commit", str(without))
    busy, _ = door(folder / "cameras", options, journal=True, recording=CAMERAS)
    yield Row("swipe, four cameras recording, journalled", str(busy))
    change = busy.p99 / idle.p99 - 1
    yield Row("  p99 against idle", f"{change:+.0%}", f"< +{CAMERAS_CHANGE:.0%}", change < CAMERAS_CHANGE)
