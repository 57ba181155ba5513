"""A month of eight cameras: a day swept under holds against unlinking such files, and finding a minute."""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from benchmarks.options import Options
from benchmarks.rows import Row, Spread
from controller.core.event import Stamp, event_id
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.retention.footage import FootageRule
from controller.disk import sync_folder
from controller.footage.segment_name import SegmentName
from controller.recorder.keeping.disposal import Disposal
from controller.recorder.keeping.redating import redate, set_right
from controller.recorder.keeping.sweep import Sweep, Swept
from controller.store.footage import Clip, Footage, FootageReader, Segment
from controller.store.journal import Journal
from controller.store.registers import Registers, RegistersReader

CAMERAS = tuple(f"camera-{number}" for number in range(1, 9))
MINUTE_US = 60_000_000
RULE = FootageRule(29)
NOW = Stamp(1_795_219_200_000_000, 40 * DAY_US, "this-boot", True)
OLDEST_US = 30 * DAY_US
FILE_BYTES = 64 * 1024
HELD_EVENTS = 20
QUERIES = 2_000
WITHIN_S = 60.0
STEP_MS = 250.0
QUERY_MS = 5.0


def run(folder: Path, options: Options) -> Iterator[Row]:
    minutes = options.segments // len(CAMERAS)
    database = folder / "recorder" / "footage.db"
    footage = Footage.open(database)
    _fill(footage, minutes)
    yield Row(f"footage.db with {minutes * len(CAMERAS):,} rows", f"{database.stat().st_size / 1e6:.0f} MB")
    yield _finding(database, minutes)
    due = list(islice(_segments(minutes), 24 * 60 * len(CAMERAS)))
    _make_files(folder / "raw", due)
    raw_s = _unlink(folder / "raw", due)
    yield Row(f"unlinking {len(due):,} files, and their folders synced", _each(raw_s, len(due)))
    _make_files(folder / "footage", due)
    _place_holds(folder / "console" / "registers.db", footage, due)
    yield from _sweeping(folder, footage, raw_s / len(due))
    footage.close()


def _segments(minutes: int) -> Iterator[Segment]:
    """A minute each, the oldest first, of all cameras."""
    for minute in range(minutes):
        since_us = minute * MINUTE_US - OLDEST_US
        start_us, mono_us = NOW.wall_us + since_us, NOW.mono_us + since_us
        for camera in CAMERAS:
            name = SegmentName(camera, start_us, mono_us, NOW.boot_id, True)
            yield Segment(
                name.segment_id, camera, name.relative, start_us, start_us + MINUTE_US, mono_us, NOW.boot_id,
                True, FILE_BYTES, os.urandom(32),
            )  # fmt: skip


def _fill(footage: Footage, minutes: int) -> None:
    rows = _segments(minutes)
    while some := list(islice(rows, 20_000)):
        footage.rebuild(some, ())
    footage.checkpoint()


def _finding(database: Path, minutes: int) -> Row:
    """A minute of one camera, anywhere in the month."""
    reader, draw, sample_us = FootageReader(database), random.Random(1), []
    for _ in range(QUERIES):
        around_us = NOW.wall_us - OLDEST_US + draw.randrange(minutes) * MINUTE_US
        began_ns = time.perf_counter_ns()
        found = reader.segments("camera-2", around_us - MINUTE_US // 2, around_us + MINUTE_US // 2)
        sample_us.append((time.perf_counter_ns() - began_ns) / 1000)
        if not found:
            raise LookupError("no footage of camera 2")
    reader.close()
    spread = Spread.of(sample_us)
    p99_ms = spread.p99 / 1000
    return Row(
        '"camera 2 around 21:14": p50 / p99 / p99.9', str(spread), f"p99 < {QUERY_MS:g} ms", p99_ms < QUERY_MS
    )


def _make_files(folder: Path, segments: Sequence[Segment]) -> None:
    for camera in CAMERAS:
        (folder / camera).mkdir(parents=True)
    for segment in segments:
        with (folder / segment.name).open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, FILE_BYTES)
    os.sync()  # what is still in memory alone is destroyed for nothing


def _unlink(folder: Path, segments: Sequence[Segment]) -> float:
    began = time.perf_counter()
    for segment in segments:
        (folder / segment.name).unlink()
    for camera in CAMERAS:
        sync_folder(folder / camera)
    return time.perf_counter() - began


def _place_holds(register: Path, footage: Footage, due: Sequence[Segment]) -> None:
    """One on a camera for all that is due, and one each on events of which there are clips."""
    registers = Registers.open(register)
    registers.add_hold(_hold(Scope(Category.FOOTAGE, "branch", "camera-8", 1, NOW.wall_us)))
    for segment in random.Random(2).sample(due, min(HELD_EVENTS, len(due))):
        happened = event_id(segment.start_us + 1, random.getrandbits(74))
        footage.add_clip(
            Clip(str(uuid.uuid4()), segment.camera, "door", 1, happened, segment.start_us, segment.end_us)
        )
        registers.add_hold(_hold(Scope(Category.FOOTAGE, "branch", None, 1, 1, frozenset({happened}))))
    registers.close()


def _hold(scope: Scope) -> Hold:
    return Hold(str(uuid.uuid4()), "police", "CR/1", scope, NOW.wall_us, NOW.wall_us + DAY_US)


def _sweeping(folder: Path, footage: Footage, raw_s: float) -> Iterator[Row]:
    """raw_s: seconds that a file costs at least."""
    journal = Journal.open(folder / "recorder" / "journal.db", service="recorder", stamp=NOW)
    holds = RegistersReader(folder / "console" / "registers.db")
    disposal = Disposal(
        folder / "footage", footage, journal, holds.holds, RULE, site="branch", clock_source="assumed"
    )

    def sweep(stamp: Stamp) -> tuple[Swept, list[float]]:
        redate(footage, stamp)
        set_right(footage, stamp)
        whole = Sweep(disposal, 1 << 30)
        took: list[float] = []
        while True:
            swept, seconds = _timed(lambda: whole.step(stamp))
            took.append(seconds)
            if swept is not None:
                return swept, took

    swept, took = sweep(NOW)
    ratio = sum(took) / swept.destroyed / raw_s
    sweeping_s = sum(took)
    yield Row(
        f"sweep of a day: {swept.destroyed:,} destroyed, {swept.held:,} held",
        _each(sweeping_s, swept.destroyed),
        f"< {WITHIN_S:g} s",
        sweeping_s < WITHIN_S,
    )
    yield Row("  a file against only unlinking it", f"{ratio:.1f} x")
    longest_ms = max(took) * 1000
    yield Row(
        f"  the longest of its {len(took)} steps",
        f"{longest_ms:.0f} ms",
        f"< {STEP_MS:g} ms",
        longest_ms < STEP_MS,
    )
    again, took = sweep(replace(NOW, wall_us=NOW.wall_us + 1, mono_us=NOW.mono_us + 1))
    yield Row(f"  the next sweep: nothing due, {again.held:,} held", f"{sum(took) * 1000:.0f} ms")
    holds.close()
    journal.close()


def _timed(do: Callable[[], Swept | None]) -> tuple[Swept | None, float]:
    began = time.perf_counter()
    answer = do()
    return answer, time.perf_counter() - began


def _each(seconds: float, files: int) -> str:
    return f"{seconds:.2f} s, {seconds / files * 1e6:,.0f} us a file"
