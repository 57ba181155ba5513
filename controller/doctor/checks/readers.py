"""The card readers: is each at its port, and does the door hear it? Never here: which cards they read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from controller.core.states.reader import BABBLING, SILENT, ReaderState
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok, unknown
from controller.settings.door import Door
from controller.settings.reader import Reader

PART = "reader"
CABLE = "look at its plug, its cable and its power; `ls -l /dev/serial/by-id` shows what is there"


def look(context: Context) -> Iterator[Finding]:
    states = {(state.door, state.reader): state for state in context.journals["door"].all_of(ReaderState)}
    for door, reader in context.settings.readers():
        yield _one(context, door, reader, states[door.id, reader.id])
        if reader.display is not None and not Path(reader.display.port).exists():
            yield fault(
                PART,
                f"display of reader {reader.id} of door {door.id}: {reader.display.port} is not there",
                CABLE,
            )


def _one(context: Context, door: Door, reader: Reader, state: ReaderState) -> Finding:
    name = f"reader {reader.id} of door {door.id}"
    if not Path(reader.port).exists():
        return fault(PART, f"{name}: {reader.port} is not there", CABLE)
    if context.door is None:
        return unknown(PART, f"{name}: not known, since {context.silence}", "see services")
    said = context.door.doors.get(door.id)
    if said is None or reader.id not in said.readers:
        return fault(
            PART,
            f"{name}: the door that runs does not know it",
            "it was started with other settings: `systemctl restart unlocked-door`",
        )
    if BABBLING in state.faults:
        return fault(
            PART,
            f"{name}: it sends noise without end, and is not listened to",
            f"look at cable and earth, and at baud = {reader.baud}; `unlocked reader watch` shows what comes",
        )
    if not said.readers[reader.id]:
        return fault(PART, f"{name}: it does not answer", CABLE)
    if SILENT in state.faults:
        return hint(
            PART,
            f"{name}: no card was read for long, in hours in which cards count",
            f"try a card: `unlocked reader test --door {door.id} --reader {reader.id}`",
        )
    return ok(PART, f"{name}: there, and the door listens to it")
