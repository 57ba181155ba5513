"""What a branch writes to its disk: by service, for a swipe, for an hour of a camera, and for a day.

Each process is asked what it has had written (``write_bytes`` of /proc/PID/io: whole pages, given to the file
system), the disk what has reached it (its ``stat`` in /sys/dev/block: with the file system's own journal, and
with whatever else this machine writes meanwhile). In memory (tmpfs) there is nothing to measure.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from benchmarks.options import Options
from benchmarks.rows import Row
from simulator.branch import Branch, Plan
from simulator.members import crowd

SERVICES = ("door", "recorder", "membership", "console", "uplink")
SECTOR = 512
MOST_SWIPES = 100
"""More change nothing: each costs the same."""
HOUR_S = 3_600
SWIPES_A_DAY = 300
KB, MB, GB = 1_000, 1_000_000, 1_000_000_000

Written = Mapping[str, int]


def run(folder: Path, options: Options) -> Iterator[Row]:
    members = [member.card for member in crowd(50, datetime.now(UTC).date())]
    with Branch(folder / "branch", Plan(camera=True, pulse_s=0.5, repeat_s=0.2)) as branch:
        branch.import_members(list(crowd(50, datetime.now(UTC).date())))
        branch.start()
        branch.wait_for("camera.found", service="recorder")
        before, footage = _written(branch), _footage(branch)
        began_s = time.monotonic()
        time.sleep(options.seconds)
        lasted_s = time.monotonic() - began_s
        quiet = _difference(before, _written(branch))
        recorded = _footage(branch) - footage
        yield from _of_a_quiet_branch(quiet, recorded, lasted_s)
        before, count = _written(branch), min(options.swipes, MOST_SWIPES)
        began_s = time.monotonic()
        for card in islice(cycle(members), count):
            after = branch.last_seq("door")
            branch.swipe(card)
            branch.wait_for("door.unused", after=after)
        share = (time.monotonic() - began_s) / lasted_s
        busy = _difference(before, _written(branch))
        each = {name: max(0.0, busy[name] - quiet[name] * share) / count for name in busy}
        yield from _of_a_swipe(each, quiet, lasted_s)


def _of_a_quiet_branch(quiet: Written, recorded: int, lasted_s: float) -> Iterator[Row]:
    hours = lasted_s / HOUR_S
    yield Row("an hour of a camera: footage", f"{recorded / hours / MB:,.0f} MB")
    for service in SERVICES:
        yield Row(f"an hour without a swipe: {service}", f"{quiet[service] / hours / MB:,.1f} MB")
    if recorded:
        yield Row("written by the recorder for each byte of footage", f"{quiet['recorder'] / recorded:.2f}")
    yield Row(
        "the disk itself, of all that this machine does", f"{quiet['disk'] / hours / MB:,.0f} MB an hour"
    )


def _of_a_swipe(each: Mapping[str, float], quiet: Written, lasted_s: float) -> Iterator[Row]:
    yield Row("a swipe, six events: the door", f"{each['door'] / KB:,.0f} kB")
    others = sum(each[service] for service in ("membership", "console", "uplink"))
    yield Row("the same, what the others write of it", f"{others / KB:,.0f} kB")
    day = SWIPES_A_DAY * (each["door"] + others)
    day += sum(quiet[service] for service in SERVICES if service != "recorder") * 24 * HOUR_S / lasted_s
    yield Row(f"a day of {SWIPES_A_DAY} swipes, without footage", f"{day / MB:,.0f} MB")


def _written(branch: Branch) -> Written:
    found = {service: _by(branch.pid(service)) for service in SERVICES}
    return {**found, "disk": _by_the_disk(branch.layout.state)}


def _by(pid: int) -> int:
    lines = Path(f"/proc/{pid}/io").read_text(encoding="ascii").splitlines()
    fields = dict(line.split(": ") for line in lines)
    return int(fields["write_bytes"])


def _by_the_disk(folder: Path) -> int:
    """0 where the folder is on none of its own, as in memory."""
    device = folder.stat().st_dev
    stat = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat")
    return int(stat.read_text(encoding="ascii").split()[6]) * SECTOR if stat.exists() else 0


def _difference(before: Written, after: Written) -> Written:
    return {name: after[name] - before[name] for name in before}


def _footage(branch: Branch) -> int:
    total = 0
    for path in branch.paths.footage_dir.rglob("*.*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # renamed meanwhile
            continue
    return total
