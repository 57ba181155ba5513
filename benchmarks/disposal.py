"""A million events of a door that are due: how fast they go, and how long a swipe takes while they do.

The door is the shipped one; it disposes of its journal on the thread that writes it, between swipes. Swipes
come at random, less than a second apart, and the same without anything due.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import branch, pins
from benchmarks.branch import Branch
from benchmarks.options import Options
from benchmarks.process import service
from benchmarks.rows import Row, Spread
from benchmarks.swipe import measure
from benchmarks.wire import PinWrites, serial_line
from controller.core.event import EventType, NewEvent, Stamp
from controller.core.hold import DAY_US
from controller.keeping.opening import journal_keeper
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.verify import verify

AGE_US = 200 * DAY_US
TOGETHER = 5_000
GAP_S = (0.3, 0.9)
SWIPES = 400
"""At most: at such gaps more would take long."""
TIMES_QUIET = 2
HOUR_US = 3_600_000_000


class _Box:
    """As long as a sealed card number."""

    key_id = "0123abcd"

    def seal(self, _plaintext: bytes, _info: bytes) -> bytes:
        return bytes(62)


def run(folder: Path, options: Options) -> Iterator[Row]:
    yield from _alone(folder, options)
    quiet, _ = _answering(folder / "quiet", options, events=0)
    yield Row("swipe, nothing due: p50 / p99 / p99.9", str(quiet))
    sweeping, gone_a_second = _answering(folder / "sweeping", options, events=options.events)
    yield Row("swipe, while events go that are due", str(sweeping))
    ratio = sweeping.p99 / quiet.p99
    yield Row("  p99 against nothing due", f"{ratio:.2f} x", f"<= {TIMES_QUIET} x", ratio <= TIMES_QUIET)
    yield Row("  events that go meanwhile", f"{gone_a_second:,.0f} a second")


def _alone(folder: Path, options: Options) -> Iterator[Row]:
    """One sweep from its begin to its end, with nobody at the door."""
    made = branch.make(folder / "alone", "/dev/null", 0)
    _fill(made, options.events)
    now = _stamp(time.time_ns() // 1000)
    with ExitStack() as closing:
        journal = Journal.open(made.paths.journal("door"), service="door", stamp=now)
        closing.callback(journal.close)
        keeper = journal_keeper(made.settings, "door", journal, closing)
        took_s = []
        more = True
        while more:
            began = time.perf_counter()
            more = keeper.look(now)
            took_s.append(time.perf_counter() - began)
    whole_s = sum(took_s)
    verified = verify(made.paths.journal("door"))
    if not verified.ok or verified.disposed < options.events:
        raise RuntimeError(f"{verified.disposed:,} of {options.events:,} went: {verified}")
    yield Row(
        f"sweep of {options.events:,} events, holds read afresh",
        f"{whole_s:,.0f} s, {options.events / whole_s:,.0f} a second",
    )
    yield Row("  the longest of its batches", f"{max(took_s) * 1000:.0f} ms")


def _answering(folder: Path, options: Options, events: int) -> tuple[Spread, float]:
    """Of one run of the door, and how many events went a second meanwhile."""
    with ExitStack() as open_things:
        line = open_things.enter_context(serial_line())
        made = branch.make(folder, line.port, min(options.members, 10_000))
        if events:
            _fill(made, events)
        writes = PinWrites(folder / "pins")
        open_things.callback(writes.close)
        open_things.enter_context(
            service(
                ["-m", "controller", "door", "--config", str(made.file)],
                secrets=made.secrets,
                log=folder / "door.log",
                environment=pins.environment(folder, writes.fifo),
            )
        )
        reader = JournalReader(made.paths.journal("door"))
        open_things.callback(reader.close)
        before, began = _gone(reader), time.monotonic()
        swipes = min(options.swipes, SWIPES)
        spread = measure(line, writes, made.members, swipes, branch.LOCK_PIN, GAP_S)
        return spread, (_gone(reader) - before) / (time.monotonic() - began)


def _gone(reader: JournalReader) -> int:
    certificates = reader.since(1, (EventType.DISPOSAL_CERTIFICATE,))
    return sum(int(str(event.data["count"])) for event in certificates)


def _fill(made: Branch, events: int) -> None:
    """Grants of months ago; and an event of yesterday, so that the clock counts as steady."""
    began_us = time.time_ns() // 1000 - AGE_US
    journal = Journal.open(
        made.paths.journal("door"), service="door", stamp=_stamp(began_us), seal=_Box(), synchronous="NORMAL"
    )
    data = {"reader": "reader", "category": "adult", "mode": "unstaffed"}
    for first in range(0, events, TOGETHER):
        stamps = [_stamp(began_us + n * 1000) for n in range(first, min(first + TOGETHER, events))]
        journal.append(
            [NewEvent(EventType.ACCESS_GRANTED, "door", one, data, {"card": b"card"}) for one in stamps]
        )
    for ago_us in (25 * HOUR_US, 12 * HOUR_US):
        journal.append([NewEvent(EventType.DOOR_CLOSED, "door", _stamp(began_us + AGE_US - ago_us))])
    journal.checkpoint()
    journal.close()


def _stamp(wall_us: int) -> Stamp:
    return Stamp(wall_us, 1, f"boot-{random.Random(wall_us // DAY_US).getrandbits(32)}", clock_trusted=True)
