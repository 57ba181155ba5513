"""The decision on a card with every rule on: the time between what is known of it and the answer.

All sorts of cards, in turn, while a week goes by. The look-up of the card has a benchmark of its own.
"""

from __future__ import annotations

import gc
import random
import secrets
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from benchmarks.options import Options
from benchmarks.rows import Row, Spread
from controller.core.attempts import Attempts
from controller.core.event import Stamp
from controller.core.membership import Listed, Listing
from controller.core.passback import Inside, Policy
from controller.door.admission import Here, Known, decide_by
from controller.door.admission_rules import admission_rules
from controller.door.branch_hours import BranchHours
from controller.settings.model import Settings
from controller.settings.rules import card_lockout, pin_needed, reader_lockout
from controller.store.members import Found
from simulator.members import cast

AIM_US = 50.0
DECISIONS = 50_000
TODAY = date(2026, 11, 23)
WEEK_US = 7 * 86_400_000_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RULES = {
    "branch": {"authority": "benchmark", "branch": "benchmark", "name": "Benchmark"},
    "cards": {"min_length": 10, "max_length": 10},
    "doors": [
        {
            "readers": [{"port": "/dev/null", "format": "wiegand-26", "keypad": "4-bit"}],
            "lock": {"pin": 17},
        }
    ],
    "hours": {
        "staffed": {day: ["10:00-17:00"] for day in DAYS},
        "unstaffed": {day: ["08:00-10:00", "17:00-22:00"] for day in DAYS},
        "bank_holidays": {"nation": "england-and-wales", "unstaffed": ["10:00-16:00"]},
        "clear_out_min": 10,
        "last_entry_min": 15,
    },
    "access": {"minimum_age": True, "companions": True},
    "categories": {
        "cleaner": {"hours": {day: ["05:00-08:00", "21:00-23:00"] for day in DAYS}},
        "staff": {"opens_up": True},
    },
    "pin": {"require": "hours", "offline": True, "hours": {day: ["20:00-22:00"] for day in DAYS}},
}


def run(_folder: Path, _options: Options) -> Iterator[Row]:
    settings = Settings.model_validate(RULES)
    with closing(BranchHours(settings)) as hours:
        rules = admission_rules(settings, hours.schedule())
    wanted = pin_needed(settings.pin, rules.zone)
    now_us = time.time_ns() // 1000
    readers: Attempts[str] = Attempts(reader_lockout(settings.lockout))
    cards: Attempts[bytes] = Attempts(card_lockout(settings.lockout))
    inside = Inside(secrets.token_bytes(32), WEEK_US)
    known = [Known(secrets.token_bytes(32), Found(None, None))]
    for member in cast(TODAY).values():
        found = Found(replace(member.membership, as_of_us=now_us), None)
        known.append(Known(secrets.token_bytes(32), found))
    known.append(replace(known[1], found=Found(None, Listed(Listing.ALLOWED, TODAY + timedelta(days=9)))))
    gc.collect()
    gc.freeze()  # as the door does when it is ready
    draw = random.Random(1)
    for card in known[::2]:
        inside.came_in(card.member_ref, now_us)
        cards.failed(card.member_ref, now_us)
    wall_us: list[float] = []
    cpu_us: list[float] = []
    for number in range(DECISIONS):
        card, at_us = draw.choice(known), now_us + number * WEEK_US // DECISIONS
        began_ns, began_cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
        here = Here(
            lockdown=False,
            guardian_admitted=False,
            passback=Policy.WARN if inside.has(card.member_ref, now_us) else Policy.OFF,
            locked_out=readers.is_locked_out("in", now_us) or cards.is_locked_out(card.member_ref, now_us),
            pin_needed=wanted(at_us),
        )
        decide_by(rules, card, Stamp(at_us, now_us, "boot", clock_trusted=True), here)
        cpu_us.append((time.thread_time_ns() - began_cpu_ns) / 1000)
        wall_us.append((time.perf_counter_ns() - began_ns) / 1000)
    wall, cpu = Spread.of(wall_us), Spread.of(cpu_us)
    yield Row(
        "decision, every rule on: p50 / p99 / p99.9", str(wall), f"p99 < {AIM_US:g} us", wall.p99 < AIM_US
    )
    yield Row("  the same in CPU time, whoever else is running", str(cpu))
