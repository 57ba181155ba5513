"""Finding a member among a million, against finding one among a thousand: the door's own look-up."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import branch
from benchmarks.options import Options
from benchmarks.rows import Row, Spread
from controller.core.card import parse_card
from controller.secrets import credentials, site_key
from controller.store.members import Members

FEW = 1_000
WITHIN = 2.0
LOOK_UPS = 5_000


def measure(folder: Path, members: int) -> Spread:
    made = branch.make(folder, "/dev/null", members)
    key = credentials.read(credentials.SITE_KEY, made.secrets)
    reader = Members(made.paths.members)
    draw = random.Random(1)
    sample_us: list[float] = []
    for _ in range(LOOK_UPS):
        reference = site_key.member_ref(key, parse_card(branch.card(draw.randrange(members)), branch.RULES))
        began_ns = time.perf_counter_ns()
        found = reader.find(reference)
        sample_us.append((time.perf_counter_ns() - began_ns) / 1000)
        if found.membership is None:
            raise LookupError("a member was not found")
    reader.close()
    return Spread.of(sample_us)


def run(folder: Path, options: Options) -> Iterator[Row]:
    few = measure(folder / "few", FEW)
    yield Row(f"look-up among {FEW:,}: p50 / p99 / p99.9", str(few))
    many = measure(folder / "many", options.members)
    yield Row(f"look-up among {options.members:,}", str(many))
    ratio = many.p50 / few.p50
    yield Row("  p50 against the few", f"{ratio:.2f} x", f"<= {WITHIN:g} x", ratio <= WITHIN)
