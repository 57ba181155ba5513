"""What recording costs: ours, ffmpeg and Motion side by side, on the same live stream at the same time.

CPU time and bytes are counted from when all are under way. Memory is the proportional set size: what
processes share, such as the libraries of several ffmpegs, counts once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cameras import camera, smaller
from benchmarks.contenders import (
    COPY,
    FFMPEG,
    KEYFRAMES,
    PASSTHROUGH,
    SUB_STREAM,
    Contender,
    Streams,
    contenders,
)
from benchmarks.options import Options
from benchmarks.process import cpu_s, pss_mb
from benchmarks.rows import Row

WITHIN = 1.6
SETTLED_S = 2.0
UNDER_WAY_S = 60.0
LEAST_BYTES = 50_000
"""What a contender must have written of each camera to be under way."""
VIDEO = (".mp4", ".mkv", ".part")


@dataclass(frozen=True, slots=True)
class Running:
    contender: Contender
    folder: Path
    pids: Sequence[int]

    def cpu_s(self) -> float:
        return sum(map(cpu_s, self.pids))

    def bytes(self) -> int:
        files = (file for file in self.folder.rglob("*") if file.suffix in VIDEO)
        return sum(file.stat().st_size for file in files)


@dataclass(frozen=True, slots=True)
class Cost:
    """cpu: share of a core a camera. memory_mb: of all together. kbps: recorded a camera."""

    cpu: float
    memory_mb: float
    kbps: float

    def __str__(self) -> str:
        return f"{self.cpu:.2%} of a core, {self.memory_mb:.0f} MB, {self.kbps:,.0f} kb/s"


def run(folder: Path, options: Options) -> Iterator[Row]:
    with camera() as main, smaller() as sub:
        for count in options.cameras:
            costs = side_by_side(Streams(main.url, sub.url), count, folder / str(count), options.seconds)
            yield from _rows(count, costs)


def side_by_side(streams: Streams, count: int, folder: Path, seconds: float) -> dict[str, Cost]:
    """What each contender cost, by its name. Raises TimeoutError when one does not record."""
    folder.mkdir()
    with ExitStack() as open_things:
        running = []
        for number, contender in enumerate(contenders()):
            own = folder / str(number)
            pids = open_things.enter_context(contender.begin(streams, count, own))
            running.append(Running(contender, own, pids))
        for one in running:
            _wait_until_under_way(one, count)
        time.sleep(SETTLED_S)
        before = [(one.cpu_s(), one.bytes()) for one in running]
        began_s = time.monotonic()
        time.sleep(seconds)
        took_s = time.monotonic() - began_s
        return {
            one.contender.name: Cost(
                (one.cpu_s() - cpu_before_s) / took_s / count,
                sum(map(pss_mb, one.pids)),
                (one.bytes() - bytes_before) * 8 / 1000 / took_s / count,
            )
            for one, (cpu_before_s, bytes_before) in zip(running, before, strict=True)
        }


def _wait_until_under_way(running: Running, count: int) -> None:
    limit_s = time.monotonic() + UNDER_WAY_S
    while running.bytes() < LEAST_BYTES * count:
        if time.monotonic() > limit_s:
            raise TimeoutError(f"{running.contender.name} records nothing: see the log in {running.folder}")
        time.sleep(0.1)


def _rows(count: int, costs: dict[str, Cost]) -> Iterator[Row]:
    cameras = "1 camera" if count == 1 else f"{count} cameras"
    for name, cost in costs.items():
        yield Row(f"{cameras}, {name}", str(cost))
    yield _against("copy against ffmpeg", costs[COPY], costs[FFMPEG], WITHIN)
    if (theirs := costs.get(PASSTHROUGH)) is not None:
        yield _against("motion on keyframes against Motion's passthrough", costs[KEYFRAMES], theirs, 1.0)
        yield _against("on the smaller stream against the same", costs[SUB_STREAM], theirs, 1.0)


def _against(what: str, ours: Cost, theirs: Cost, within: float) -> Row:
    ratio = ours.cpu / max(theirs.cpu, 0.0001)
    return Row(f"  {what}", f"{ratio:.2f} x", f"<= {within:g} x", ratio <= within)
