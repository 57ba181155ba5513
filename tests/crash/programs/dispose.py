"""A door's journal and what disposes of it, on a folder.

``plant FOLDER``: leaves events there of which most are due, with a hold on some.
``sweep FOLDER``: destroys what is due, in batches of 20. The clock stands still.
"""

import sys
from datetime import UTC
from pathlib import Path

from controller.core.event import EventType, NewEvent, Stamp
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.retention.due import Conventions
from controller.keeping import journal_disposal
from controller.keeping.edge_rules import ACCESS_LOG_RULE, EdgeRule
from controller.keeping.journal_disposal import JournalDisposal
from controller.keeping.journal_keeper import JournalKeeper
from controller.store.journal import Journal
from controller.store.registers import Registers, RegistersReader

mode, root = sys.argv[1], Path(sys.argv[2])
START_US, SECOND = 1_790_000_000_000_000, 1_000_000
DUE, NOT_DUE, HELD = 60, 5, (10, 15)


class Box:
    key_id = "0123abcd"

    def seal(self, _plaintext: bytes, _info: bytes) -> bytes:
        return bytes(62)


def at(wall_us: int) -> Stamp:
    return Stamp(wall_us, wall_us - START_US + 1, "a-boot", clock_trusted=True)


def add(since_us: int, count: int) -> None:
    stamps = [at(since_us + n * SECOND) for n in range(count)]
    journal.append([NewEvent(EventType.ACCESS_GRANTED, "front", one, {}, {"card": b"1"}) for one in stamps])


journal = Journal.open(root / "door" / "journal.db", service="door", stamp=at(START_US), seal=Box())
journal_disposal.PAGE = 20
if mode == "plant":
    add(START_US, DUE)
    add(START_US + 99 * DAY_US, NOT_DUE)
    registers = Registers.open(root / "console" / "registers.db")
    first, last = (START_US + n * SECOND for n in HELD)
    scope = Scope(Category.ACCESS_EVENTS, "branch", None, first, last)
    registers.add_hold(Hold("0" * 36, "police", "22/1", scope, START_US, START_US + DAY_US))
    registers.close()
else:
    rule = EdgeRule(Category.ACCESS_EVENTS, ACCESS_LOG_RULE, Conventions(UTC, None))
    held = RegistersReader(root / "console" / "registers.db")
    disposal = JournalDisposal(journal, rule, "branch", "assumed", held.protections)
    JournalKeeper(disposal).sweep(at(START_US + 100 * DAY_US))
journal.close()
