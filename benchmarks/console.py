"""The staff pages: how soon the timeline and an event are there in a short and in a long journal, in one run.

The console is the shipped one, a process of its own, for each of the two; they are asked in turn, so that
what else the machine does falls on both alike. Then a door is used: how soon that is on Today, and whether it
takes longer while ten staff click, with Today open.
"""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks import branch, console_today, pins
from benchmarks.options import Options
from benchmarks.process import Service, service
from benchmarks.rows import Row, Spread
from benchmarks.swipe import listening, sample
from benchmarks.wire import PinWrites, serial_line
from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.settings.paths import Paths
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader

SMALL = 1_000
ROUNDS = 200
TIMES = 1.5
MEMORY_MB = 90
STAFF = 10
SLOWER = 1.2
TURNS = 10
"""With and without staff, in turn, so that what else the machine does falls on both alike."""
DAYS_US = 90 * 86_400_000_000
SHARES: Mapping[str, float] = {
    "door": 0.7,
    "recorder": 0.25,
    "membership": 0.01,
    "uplink": 0.02,
    "console": 0.02,
}
UNIT = {"MALLOC_ARENA_MAX": "2"}
"""As its unit for systemd sets it."""
PAGE = 500
CHECKPOINT_AFTER = 20
_READER: Mapping[str, JsonValue] = {"reader": "in"}
_PASSAGE: tuple[tuple[EventType, Mapping[str, JsonValue]], ...] = (
    (EventType.ACCESS_GRANTED, {"mode": "unstaffed", "age_s": 7_200, **_READER}),
    (EventType.DOOR_UNLOCKED, {"for": "grant", "duration_ms": 5_000}),
    (EventType.DOOR_OPENED, {}),
    (EventType.DOOR_LOCKED, {}),
    (EventType.DOOR_CLOSED, {}),
    (EventType.EXIT_REQUESTED, {}),
    (EventType.ACCESS_REFUSED, {"reason": "expired", "day": "2026-11-03", "age_s": 7_200, **_READER}),
)
_OTHERS: Mapping[str, tuple[tuple[EventType, str], ...]] = {
    "recorder": ((EventType.MOTION_STARTED, "entrance"), (EventType.MOTION_ENDED, "entrance")),
    "membership": ((EventType.MEMBERSHIP_IMPORTED, "members"),),
    "uplink": ((EventType.UPLINK_LOST, "uplink"), (EventType.UPLINK_CONNECTED, "uplink")),
    "console": ((EventType.CONSOLE_LOGGED_IN, "console"), (EventType.CONSOLE_LOGGED_OUT, "console")),
}
ALARMS = 60
"""In all of a door's journal, however long: what is rare fills a page in both."""


@dataclass(frozen=True, slots=True)
class Site:
    """A console, its address and who is logged in."""

    running: Service
    port: int
    cookies: list[str]
    paths: Paths


def run(folder: Path, options: Options) -> Iterator[Row]:
    with ExitStack() as open_things:
        small, large = (
            open_things.enter_context(_site(folder / name, events))
            for name, events in (("small", SMALL), ("large", options.events))
        )
        yield from _pages(small, large, options.events)
        memory = large.running.pss_mb()
        yield Row("console: memory after that", f"{memory:.0f} MB", f"< {MEMORY_MB} MB", memory < MEMORY_MB)
        yield Row("  what it shares with other services counted in full", f"{large.running.rss_mb():.0f} MB")
    yield from _beside_swipes(folder / "beside", options)


def _pages(small: Site, large: Site, events: int) -> Iterator[Row]:
    draw = random.Random(1)
    pages = {
        "timeline": lambda _: "/timeline/",
        "timeline, an old day": lambda _: f"/timeline/?until={_long_ago(draw)}",
        "timeline, around a time": lambda _: f"/timeline/?day={_day(draw)}&time=21:14",
        "timeline, door alarms": lambda _: "/timeline/?kind=alarm",
        "timeline, a door": lambda _: "/timeline/?place=door:front",
        "one event": lambda site: f"/events/{draw.choice(ids[site.port])}/",
    }
    ids = {site.port: [*_ids(site.paths)] for site in (small, large)}
    for what, address in pages.items():
        took_ms: dict[int, list[float]] = {small.port: [], large.port: []}
        for _ in range(ROUNDS):
            for site in (small, large):
                took_ms[site.port].append(_get(site, address(site)))
        p95 = [sorted(took_ms[site.port])[int(0.95 * ROUNDS)] for site in (small, large)]
        ratio = p95[1] / p95[0]
        yield Row(
            f"{what}: p95 of {SMALL:,} and {events:,} events",
            f"{p95[0]:.0f} / {p95[1]:.0f} ms = {ratio:.2f} x",
            f"<= {TIMES} x",
            ratio <= TIMES,
        )


def _beside_swipes(folder: Path, options: Options) -> Iterator[Row]:
    with ExitStack() as open_things:
        line = open_things.enter_context(serial_line())
        port = _free_port()
        made = branch.make(folder, line.port, options.members, tables=_console(port))
        _fill(made.paths, SMALL * 10)
        writes = PinWrites(folder / "pins")
        open_things.callback(writes.close)
        site = open_things.enter_context(_running(made, port))
        door = open_things.enter_context(
            service(
                ["-m", "controller", "door", "--config", str(made.file)],
                secrets=made.secrets,
                log=folder / "door.log",
                environment=pins.environment(folder, writes.fifo),
            )
        )
        with suppress(PermissionError):  # only root may
            door.comes_first()
        listening(line, writes, branch.LOCK_PIN)
        draw = random.Random(2)

        def swipe() -> int:
            writes.drain()
            return line.swipe(branch.card(draw.randrange(made.members)))

        yield from console_today.rows(port, site.cookies[0], swipe, max(2, options.swipes // 50))
        took_us: dict[bool, list[float]] = {False: [], True: []}
        count = max(1, options.swipes // TURNS)
        for _ in range(TURNS):
            for clicking in (False, True):
                with ExitStack() as while_measured:
                    if clicking:
                        while_measured.enter_context(_clicking(site))
                    took_us[clicking] += sample(line, writes, made.members, count, branch.LOCK_PIN)
    alone, beside = (Spread.of(took_us[clicking]) for clicking in (False, True))
    ratio = beside.p99 / alone.p99
    yield Row(
        f"swipe while {STAFF} staff click and have Today open, p50 / p99 / p99.9",
        str(beside),
    )
    yield Row("  while nobody does", str(alone))
    yield Row(
        "  p99 against that",
        f"{ratio:.2f} x",
        f"<= {SLOWER} x",
        ratio <= SLOWER,
    )


@contextmanager
def _site(folder: Path, events: int) -> Iterator[Site]:
    port = _free_port()
    made = branch.make(folder, "/dev/null", 0, tables=_console(port))
    _fill(made.paths, events)
    with _running(made, port) as site:
        yield site


@contextmanager
def _running(made: branch.Branch, port: int) -> Iterator[Site]:
    arguments = ["-m", "controller", "console", "--config", str(made.file)]
    log = made.folder / "console.log"
    with service(arguments, secrets=made.secrets, log=log, environment=UNIT) as running:
        session = [sys.executable, "-m", "benchmarks.console_session", str(made.file), str(STAFF)]
        cookies = subprocess.run(session, check=True, capture_output=True, text=True).stdout.split("\n")
        yield Site(running, port, [cookie for cookie in cookies if cookie], made.paths)


@contextmanager
def _clicking(site: Site) -> Iterator[None]:
    arguments = [sys.executable, "-m", "benchmarks.console_clicks", str(site.port)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, text=True) as clicks:
        assert clicks.stdin is not None
        clicks.stdin.write("\n".join(site.cookies))
        clicks.stdin.close()
        try:
            yield
            if clicks.poll() is not None:
                raise RuntimeError("the staff have stopped clicking")
        finally:
            clicks.terminate()


def _console(port: int) -> list[str]:
    return ["[console]", f"port = {port}"]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _get(site: Site, path: str) -> float:
    """Milliseconds until all of the page is there."""
    with closing(HTTPConnection("127.0.0.1", site.port, timeout=60)) as connection:
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": site.cookies[0], "Host": "localhost"})
        answer = connection.getresponse()
        body = answer.read()
        took_ms = 1000 * (time.perf_counter() - began)
    if answer.status != 200 or b"</html>" not in body:
        raise LookupError(f"{path} answers {answer.status}")
    return took_ms


def _ids(paths: Paths) -> Iterator[str]:
    """Some events of the door from all of its journal."""
    with closing(JournalReader(paths.journal("door"))) as reader:
        last = reader.last_seq()
        for number in range(1, last, max(1, last // ROUNDS)):
            yield reader.read(number, 1)[0].id


def _long_ago(draw: random.Random) -> int:
    return int(time.time() - draw.uniform(0.1, 0.9) * DAYS_US / 1e6)


def _day(draw: random.Random) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(_long_ago(draw)))


def _fill(paths: Paths, events: int) -> None:
    """Journals of the last 90 days."""
    end_us = time.time_ns() // 1000
    for service_, share in SHARES.items():
        count = max(2, round(share * events))
        path = paths.journal(service_)
        path.parent.mkdir(parents=True, exist_ok=True)
        stamp = Stamp(end_us - DAYS_US, 1, "then", clock_trusted=True)
        with closing(Journal.open(path, service=service_, stamp=stamp, synchronous="NORMAL")) as journal:
            for begin in range(0, count, PAGE):
                numbers = range(begin, min(count, begin + PAGE))
                journal.append(
                    [
                        _event(service_, n, end_us - DAYS_US + DAYS_US * n // count, count // ALARMS)
                        for n in numbers
                    ]
                )
                if begin // PAGE % CHECKPOINT_AFTER == 0:
                    journal.checkpoint()
            journal.checkpoint()


def _event(service_: str, number: int, wall_us: int, rare: int) -> NewEvent:
    stamp = Stamp(wall_us, number + 1, "then", clock_trusted=True)
    if service_ == "door":
        if number % rare == rare - 1:
            return NewEvent(EventType.DOOR_FORCED, "front", stamp)
        type, data = _PASSAGE[number % len(_PASSAGE)]
        return NewEvent(type, "front", stamp, data)
    type, subject = _OTHERS[service_][number % len(_OTHERS[service_])]
    return NewEvent(type, subject, stamp)
