"""Cards that the branch does not know, while the library management system is quick, slow or silent.

Door and membership service are the shipped ones; the system is the simulator's, over SIP2. At readers of
their own one stranger after the other holds up a card, as fast as they are refused, and at the front door
members come. Measured are how long a stranger waits, from the moment the card's last byte can be read to the
refusal's own time; how long a member does (as in ``swipe``); and what both processes have open before and
after.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from queue import SimpleQueue

from benchmarks import branch, pins
from benchmarks.options import Options
from benchmarks.process import Service, service
from benchmarks.rows import Row, Spread
from benchmarks.swipe import listening
from benchmarks.wire import Line, PinWrites, serial_line
from controller.core.event import Event, EventType
from controller.store.journal_reader import JournalReader
from simulator.lms.sip2_server import EVERYTHING, Faults, Sip2Server

STRANGERS = 1_000
MEMBERS = 1_000
WAIT_MS = 1_500
"""``live_lookup_ms`` as it is by default."""
SLACK_MS = 100
"""What the answer may cost besides: threads, sockets and a busy machine."""
QUIET = 500
GAP_S = (0.05, 0.15)
"""Between one member and the next."""
LOOK_S = 0.004
LIMIT_S = 30.0
SIDE_LOCKS = (4, 5, 6, 12)
"""GPIO numbers."""


@dataclass(frozen=True, slots=True)
class Case:
    """readers: at how many there are strangers. wait_ms: how long each waits at most, but for the slack."""

    words: str
    faults: Faults
    readers: int
    wait_ms: int


CASES = (
    # One connection answers one question after the other: at several readers they would wait for each other.
    Case("answers after 100 ms", Faults(delay_s=0.1), 1, 100),
    Case("answers after 2 s", Faults(delay_s=2.0), 4, WAIT_MS),
    Case("never answers", Faults(silent=True, on=EVERYTHING), 4, WAIT_MS),
    Case("never answers, but says that it is there", Faults(silent=True), 4, WAIT_MS),
)


def run(folder: Path, options: Options) -> Iterator[Row]:
    for number, case in enumerate(CASES):
        (folder / str(number)).mkdir(parents=True)
        yield from _case(folder / str(number), case, min(options.swipes, STRANGERS))


def _case(folder: Path, case: Case, strangers: int) -> Iterator[Row]:
    with ExitStack() as open_things:
        system = open_things.enter_context(Sip2Server())
        system.start()
        front = open_things.enter_context(serial_line())
        sides = [open_things.enter_context(serial_line()) for _ in range(case.readers)]
        writes = PinWrites(folder / "pins")
        open_things.callback(writes.close)
        made = branch.make(folder / "branch", front.port, MEMBERS, tables=_tables(sides, system.port))
        running = {
            name: open_things.enter_context(
                service(
                    ["-m", "controller", name, "--config", str(made.file)],
                    secrets=made.secrets,
                    log=folder / f"{name}.log",
                    environment=pins.environment(folder, writes.fifo),
                )
            )
            for name in ("membership", "door")
        }
        listening(front, writes, branch.LOCK_PIN)
        refusals = Refusals(made.paths.journal("door"), case.readers)
        open_things.callback(refusals.close)
        crowd = Crowd(sides, refusals)
        crowd.warm_up()
        quiet = members(front, writes, lambda swipes: swipes < min(QUIET, strangers))
        before = {name: Held.by(one) for name, one in running.items()}
        system.forget()
        system.faults = case.faults
        begun_s = time.monotonic()
        crowd.come(strangers)
        busy = members(front, writes, lambda _: crowd.is_there)
        took_s = time.monotonic() - begun_s
        after = {name: _settled(one, before[name]) for name, one in running.items()}
        spread, reasons = crowd.waited()
        yield from _rows(case, spread, reasons, len(system.cards()), took_s)
    ratio = busy.p99 / quiet.p99
    yield Row("  member's swipe before, nobody else there", str(quiet))
    yield Row("  member's swipe meanwhile", str(busy), f"p99 within 2 x: {ratio:.1f} x", ratio <= 2)
    for name in running:
        then, now = before[name], after[name]
        figure = f"{then.threads} / {then.files}, then {now.threads} / {now.files}"
        yield Row(f"  {name}: threads / open files", figure, "no more", now.within(then))


def _rows(case: Case, spread: Spread, reasons: Counter[str], asked: int, took_s: float) -> Iterator[Row]:
    limit_ms = case.wait_ms + SLACK_MS
    # Of a thousand, p99.9 is the worst.
    figure = " / ".join(f"{us / 1000:,.0f}" for us in (spread.p50, spread.p99, spread.p999)) + " ms"
    what = f"{spread.count:,} strangers, it {case.words}"
    yield Row(what, figure, f"p99 < {limit_ms:,} ms", spread.p99 < limit_ms * 1000)
    said = ", ".join(f"{number:,} {reason}" for reason, number in reasons.items())
    yield Row(f"  in {took_s:,.0f} s, {asked:,} questions to it; they were told", said)


def _tables(sides: Sequence[Line], port: int) -> Iterator[str]:
    """Of branch.toml: whom to ask, no lock-outs, and a door for each of these lines."""
    yield from ("[lockout]", "reader_failures = 0", "[membership]", f"live_lookup_ms = {WAIT_MS}")
    yield from ("[lms.sip2]", 'dialect = "koha"', 'host = "127.0.0.1"', f"port = {port}")
    for number, line in enumerate(sides):
        yield from ("[[doors]]", f'id = "{_door(number)}"')
        yield from ("[[doors.readers]]", f'port = "{line.port}"', "repeat_s = 0")
        yield from ("[doors.lock]", f"pin = {SIDE_LOCKS[number]}")


def _door(number: int) -> str:
    return f"side-{number}"


class Refusals:
    """What the door's journal says of each side door's cards, as it is written."""

    def __init__(self, journal: Path, doors: int) -> None:
        self._journal = journal
        self._found: dict[str, SimpleQueue[Event]] = {_door(number): SimpleQueue() for number in range(doors)}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="journal", daemon=True)
        self._thread.start()

    def next(self, number: int) -> Event:
        """The next at this door. Raises queue.Empty."""
        return self._found[_door(number)].get(timeout=LIMIT_S)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        reader, seq = JournalReader(self._journal), 0
        while not self._stop.wait(LOOK_S):
            for event in reader.read(seq):
                seq = event.seq
                if event.type is EventType.ACCESS_REFUSED and event.subject in self._found:
                    self._found[event.subject].put(event)
        reader.close()


class Crowd:
    """Strangers, each with a card that nobody else has. lines: of the readers that they stand at."""

    def __init__(self, lines: Sequence[Line], refusals: Refusals) -> None:
        self._lines = lines
        self._refusals = refusals
        self._numbers = count()
        self._threads: list[threading.Thread] = []
        self._waited_us: SimpleQueue[tuple[float, str]] = SimpleQueue()

    def warm_up(self) -> None:
        for number in range(len(self._lines)):
            self._swipe(number)

    def come(self, strangers: int) -> None:
        """So many in all, at every reader one after the other."""
        cards = iter(range(strangers))

        def stand(number: int) -> None:
            while next(cards, None) is not None:
                self._waited_us.put(self._swipe(number))

        self._threads = [
            threading.Thread(target=stand, args=(number,), name="crowd", daemon=True)
            for number in range(len(self._lines))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def is_there(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def waited(self) -> tuple[Spread, Counter[str]]:
        """How long they did, and how many were told what."""
        found = [self._waited_us.get() for _ in range(self._waited_us.qsize())]
        return Spread.of([us for us, _ in found]), Counter(reason for _, reason in found)

    def _swipe(self, number: int) -> tuple[float, str]:
        readable_ns = self._lines[number].swipe(f"{90_000_000_000_000 + next(self._numbers)}")
        event = self._refusals.next(number)
        return event.stamp.mono_us - readable_ns / 1000, str(event.data["reason"])


def members(line: Line, writes: PinWrites, more: Callable[[int], bool]) -> Spread:
    """One after the other, as long as there are to be more than so many."""
    draw = random.Random(1)
    sample_us: list[float] = []
    while more(len(sample_us)):
        writes.drain()
        readable_ns = line.swipe(branch.card(draw.randrange(MEMBERS)))
        sample_us.append((writes.next(branch.LOCK_PIN, 1).mono_ns - readable_ns) / 1000)
        time.sleep(draw.uniform(*GAP_S))
    return Spread.of(sample_us)


@dataclass(frozen=True, slots=True)
class Held:
    """What a process has open."""

    threads: int
    files: int

    @classmethod
    def by(cls, one: Service) -> Held:
        return cls(one.threads(), one.open_files())

    def within(self, other: Held) -> bool:
        return self.threads <= other.threads and self.files <= other.files


def _settled(one: Service, before: Held) -> Held:
    """What it has open once that is no more than before, or does not come to it."""
    limit_s = time.monotonic() + LIMIT_S
    while not (held := Held.by(one)).within(before) and time.monotonic() < limit_s:
        time.sleep(0.1)
    return held
