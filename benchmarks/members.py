"""Importing members as a feed brings them, and the door's look-ups meanwhile: a process for each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks import branch
from benchmarks.branch import Branch
from benchmarks.options import Options
from benchmarks.rows import Row, Spread

CHANGES = 10_000
MEMORY_MB = 150
WITHIN = 2.0
QUIET_S = 10.0
LOOKED_AT_S = 0.05


@dataclass(frozen=True, slots=True)
class Import:
    """began_ns, ended_ns: by the clock that the look-ups are timed with."""

    began_ns: int
    ended_ns: int
    peak_mb: float

    @property
    def seconds(self) -> float:
        return (self.ended_ns - self.began_ns) / 1e9


def run(folder: Path, options: Options) -> Iterator[Row]:
    made = branch.make(folder / "branch", "/dev/null", options.members)
    feed = folder / "feed"
    feed.mkdir()
    # Newer than the members there are, and past when they are imported.
    as_of = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)
    csv, json_lines = as_of - timedelta(seconds=2), as_of - timedelta(seconds=1)
    files = {
        f"{options.members:,} members, CSV": _csv(feed, csv, options.members),
        f"{options.members:,} members, JSON Lines": _json(feed, json_lines, options.members),
        f"{CHANGES:,} changes to them": _delta(feed, as_of, options.members),
    }
    for what, file in files.items():
        with _looking_up(made) as samples:
            time.sleep(min(QUIET_S, options.seconds))
            done = _import(made, file)
        yield Row(f"import of {what}", f"{done.seconds:.1f} s, {file.stat().st_size / 1e6:.0f} MB")
        small = done.peak_mb < MEMORY_MB
        yield Row("  memory at its height", f"{done.peak_mb:.0f} MB", f"< {MEMORY_MB} MB", small)
        quiet = Spread.of([took for at, took in samples if at < done.began_ns])
        during = Spread.of([took for at, took in samples if done.began_ns <= at < done.ended_ns])
        yield Row("  look-up before it: p50 / p99 / p99.9", str(quiet))
        ratio = during.p99 / quiet.p99
        yield Row("  look-up during it", str(during), f"p99 <= {WITHIN:g} x: {ratio:.2f} x", ratio <= WITHIN)


def _import(made: Branch, file: Path) -> Import:
    command = [sys.executable, "-m", "controller", "members", "import", str(file)]
    began_ns = time.monotonic_ns()
    process = subprocess.Popen(
        command,
        env=os.environ | {"UNLOCKED_CONFIG": str(made.file)},
        stdout=subprocess.DEVNULL,
    )
    peak_kb = 0
    while process.poll() is None:
        peak_kb = max(peak_kb, _high_water_kb(process.pid))
        time.sleep(LOOKED_AT_S)
    ended_ns = time.monotonic_ns()
    if process.returncode:
        raise RuntimeError(f"{command!r} ended with {process.returncode}")
    return Import(began_ns, ended_ns, peak_kb / 1000)


def _high_water_kb(pid: int) -> int:
    # Not ru_maxrss, which counts what the process had before it became another program.
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


@contextmanager
def _looking_up(made: Branch) -> Iterator[list[tuple[int, float]]]:
    """When each look-up began, and how many microseconds it took; filled in at the end."""
    samples: list[tuple[int, float]] = []
    told = made.folder / "look-ups"
    command = [sys.executable, "-m", "benchmarks.look_ups", str(made.file), str(made.members), str(told)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield samples
    finally:
        process.communicate()
    for line in told.read_text().splitlines():
        at, took = line.split()
        samples.append((int(at), float(took)))


def _days() -> dict[str, str]:
    today = date.today()  # noqa: DTZ011 -- of no zone in particular
    before, after = (today - timedelta(days=400)).isoformat(), (today + timedelta(days=400)).isoformat()
    return {"induction": before, "granted_from": before, "expires": after, "category": "adult"}


def _time(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _csv(folder: Path, as_of: datetime, members: int) -> Path:
    file = folder / f"members-full-{_time(as_of)}.csv"
    days = _days()
    with file.open("w") as out:
        out.write(f"card_number,status,surname,{','.join(days)}\n")
        rest = ",".join(days.values())
        out.writelines(f"{branch.card(n)},active,Nobody,{rest}\n" for n in range(members))
    return file


def _json(folder: Path, as_of: datetime, members: int) -> Path:
    file = folder / f"members-full-{_time(as_of)}.jsonl"
    rest = {"status": "active", "surname": "Nobody", **_days()}
    with file.open("w") as out:
        out.writelines(json.dumps({"card_number": branch.card(n), **rest}) + "\n" for n in range(members))
    return file


def _delta(folder: Path, as_of: datetime, members: int) -> Path:
    """Spread over all members: nine in ten changed, the others replaced by new ones."""
    file = folder / f"members-delta-{_time(as_of - timedelta(minutes=5))}-{_time(as_of)}.csv"
    rest = ",".join(_days().values())
    step = max(1, members // CHANGES)
    with file.open("w") as out:
        out.write(f"change,card_number,status,{','.join(_days())}\n")
        for n in range(0, members, step):
            if n // step % 20 == 0:
                out.write(f"remove,{branch.card(n)},,,,,\n")
            elif n // step % 20 == 1:
                out.write(f"put,{branch.card(members + n)},active,{rest}\n")
            else:
                out.write(f"put,{branch.card(n)},suspended,{rest}\n")
    return file
