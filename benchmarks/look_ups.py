"""``python -m benchmarks.look_ups SETTINGS MEMBERS FILE``: looks members up as the door does.

One each millisecond, so that what it finds in the processor's caches is as seldom as at a door.

Says when it begins, ends when standard input does, and writes to FILE when each look-up began (ns) and how
long it took (microseconds).
"""

from __future__ import annotations

import os
import random
import select
import sys
import time
from contextlib import suppress
from pathlib import Path

from benchmarks import branch
from controller.core.card import parse_card
from controller.secrets import credentials, site_key
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.store.members import Members

PAUSE_S = 0.001


def main(settings: str, members: str, told: str) -> None:
    paths = Paths.of(load(Path(settings)))
    key = credentials.read(credentials.SITE_KEY, paths.secrets)
    reader = Members(paths.members)
    draw = random.Random(1)
    samples: list[tuple[int, float]] = []
    with suppress(PermissionError):
        # As the door's unit asks for.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    print("looking up", flush=True)
    while not select.select([sys.stdin], [], [], PAUSE_S)[0]:
        card = parse_card(branch.card(draw.randrange(int(members))), branch.RULES)
        reference = site_key.member_ref(key, card)
        began_ns = time.monotonic_ns()
        reader.find(reference)
        samples.append((began_ns, (time.monotonic_ns() - began_ns) / 1000))
    reader.close()
    Path(told).write_text("".join(f"{at} {took:.1f}\n" for at, took in samples))


main(*sys.argv[1:])
