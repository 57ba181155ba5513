"""Appends events to a journal for ever and says on standard output which are acknowledged: ``seq id``."""

import sys
import time
from itertools import count
from pathlib import Path

from controller.core.event import EventType, NewEvent, Stamp
from controller.secrets.journal_key import JournalKey
from controller.store.journal import Journal
from controller.store.signed_heads import Signing

path, synchronous = Path(sys.argv[1]), sys.argv[2]
assert synchronous in ("FULL", "NORMAL")
EVENTS_AT_ONCE = (1, 1, 2, 1, 3)
SIGN_AFTER = 3
CHECKPOINT_AFTER = 40


def stamp() -> Stamp:
    return Stamp(time.time_ns() // 1000, time.monotonic_ns() // 1000, "a-boot", clock_trusted=True)


signing = Signing(JournalKey.generate("org", "branch", "door"), stamp)
journal = Journal.open(path, service="door", stamp=stamp(), signing=signing, synchronous=synchronous)
for turn in count():
    events = [
        NewEvent(EventType.ACCESS_REFUSED, "front", stamp(), {"reason": "expired", "turn": turn})
        for _ in range(EVENTS_AT_ONCE[turn % len(EVENTS_AT_ONCE)])
    ]
    for event in journal.append(events):
        sys.stdout.write(f"{event.seq} {event.id}\n")
    sys.stdout.flush()
    if turn % SIGN_AFTER == 0:
        journal.sign_head(at_once=True)  # waits for no disk, and must not cost what comes after it
    if turn % CHECKPOINT_AFTER == CHECKPOINT_AFTER - 1:
        journal.checkpoint()
