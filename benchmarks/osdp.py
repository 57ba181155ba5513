"""A card at an OSDP reader: from the moment the reader has read it to the write to the lock's pin.

The door is the shipped one; the reader is libosdp's, on a paced line, in a secure channel. A reader says
nothing until it is asked, and a line of 9,600 baud needs a while for what it says then: most of it is that.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import branch, pins
from benchmarks.options import Options
from benchmarks.process import Service, service
from benchmarks.rows import Row, Spread
from benchmarks.wire import PinWrites
from controller.secrets import credentials, reader_key
from simulator.osdp_cable import OsdpCable
from simulator.osdp_reader import OsdpReader

AIM_US = 150_000
SLOW, FAST = 9_600, 115_200
GAP_S = (0.6, 0.9)
"""Between one card and the next: time for what the reader is told of the last, drawn so that nothing falls
into step with its being asked."""
SWIPES = 300
MISSED_S = 3.0
LISTENING_S = 20.0
IDLE_S = 10.0


def run(folder: Path, options: Options) -> Iterator[Row]:
    folder.mkdir(exist_ok=True)
    swipes = min(options.swipes, SWIPES)
    for baud in (SLOW, FAST):
        spread, idle, memory_mb = at(folder / str(baud), baud, options.members, swipes)
        fast = spread.p99 < AIM_US
        yield Row(f"OSDP card, secure channel, {baud:,} baud", str(spread), f"p99 < {AIM_US:,} us", fast)
        yield Row("  door: CPU while nobody is there", f"{idle:.1%} of a core")
        yield Row(f"  door: memory after {swipes:,} cards", f"{memory_mb:.0f} MB", "< 80 MB", memory_mb < 80)


def at(folder: Path, baud: int, members: int, swipes: int) -> tuple[Spread, float, float]:
    """How long cards take at this pace, what the door costs when there are none, and its memory in MB.

    A card that opened nothing is left out of the first, and shows in its count.
    """
    folder.mkdir()
    port = folder / "port"
    with ExitStack() as open_things:
        set_to = ('format = "osdp"', 'osdp_card = "text"', f"baud = {baud}")
        made = branch.make(folder / "branch", str(port), members, reader=set_to)
        key, name = reader_key.generate(), credentials.reader_key("front", "in")
        (made.secrets / name).write_text(key.reveal())
        reader = OsdpReader(key=reader_key.raw(key, name))
        cable = open_things.enter_context(OsdpCable(port, [reader], baud))
        writes = PinWrites(folder / "pins")
        open_things.callback(writes.close)
        door = open_things.enter_context(
            service(
                ["-m", "controller", "door", "--config", str(made.file)],
                secrets=made.secrets,
                log=folder / "door.log",
                environment=pins.environment(folder, writes.fifo),
            )
        )
        spread = measure(cable, writes, members, swipes)
        return spread, _idle(door), door.rss_mb()


def measure(cable: OsdpCable, writes: PinWrites, members: int, swipes: int) -> Spread:
    _listening(cable, writes)
    draw = random.Random(1)
    sample_us: list[float] = []
    for _ in range(swipes):
        time.sleep(draw.uniform(*GAP_S))
        writes.drain()
        read_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        cable.swipe(branch.card(draw.randrange(members)))
        try:
            sample_us.append((writes.next(branch.LOCK_PIN, 1, limit_s=MISSED_S).mono_ns - read_ns) / 1000)
        except TimeoutError:
            # The reader was lost meanwhile, and what it had kept was dropped.
            _listening(cable, writes)
    return Spread.of(sample_us)


def _idle(door: Service) -> float:
    """The share of a core that it takes."""
    cpu_s, start_s = door.cpu_s(), time.monotonic()
    time.sleep(IDLE_S)
    return (door.cpu_s() - cpu_s) / (time.monotonic() - start_s)


def _listening(cable: OsdpCable, writes: PinWrites) -> None:
    """Swipe until it is heard: what a reader kept from before it was heard opens nothing."""
    limit_s = time.monotonic() + LISTENING_S
    while True:
        cable.swipe(branch.card(0))
        try:
            writes.next(branch.LOCK_PIN, 1, limit_s=1.0)
        except TimeoutError:
            if time.monotonic() > limit_s:
                raise
        else:
            return
