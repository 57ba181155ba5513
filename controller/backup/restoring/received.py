"""What a receiver of the branch's messages has stored, for where the journal is lost: certificates, holds.

CloudEvents, one a line, as the uplink sends them. Never here: who is to be believed; whoever restores has
chosen the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from controller.backup.restoring.journals import CARRIED, Since
from controller.core.event import Event, EventType, Stamp

LONGEST = 1024 * 1024
"""Characters of a line."""
_PREFIX = "unlocked."


class NotReceived(Exception):
    """A line is no message of a branch. The message names file and line."""


def add(file: Path, source: str, journal_id: str, after: int, to: Since) -> None:
    """What this journal told after this number, unless it is there already. source: of its messages.

    Raises NotReceived, OSError.
    """
    known = {one.id for one in (*to.certificates, *to.carried)}
    for event in _events(file, source, journal_id):
        if event.seq > after and event.id not in known:
            known.add(event.id)
            certificate = event.type is EventType.DISPOSAL_CERTIFICATE
            (to.certificates if certificate else to.carried).append(event)
    to.certificates.sort(key=lambda one: one.seq)
    to.carried.sort(key=lambda one: one.seq)


def _events(file: Path, source: str, journal_id: str) -> Iterator[Event]:
    wanted = {f"{_PREFIX}{type}": type for type in (EventType.DISPOSAL_CERTIFICATE, *CARRIED)}
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line[:LONGEST])
                match found:
                    case {"specversion": "1.0", "type": str() as type, "source": str() as of}:
                        if type in wanted and of == source and found["journal"] == journal_id:
                            yield _event(found, wanted[type])
                    case _:
                        raise ValueError("it is no CloudEvent")  # noqa: TRY301
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise NotReceived(f"{file}, line {number}: it is no message of a branch: {error}") from None


def _event(found: dict[str, object], type: EventType) -> Event:
    data, trusted = found["data"], found["clocktrusted"]
    if not isinstance(data, dict) or not isinstance(trusted, bool):
        raise TypeError("its data or clocktrusted is of another kind")
    wall_us = round(datetime.fromisoformat(str(found["time"])).timestamp() * 1_000_000)
    stamp = Stamp(wall_us, 0, "", trusted)
    return Event(int(str(found["sequence"])), str(found["id"]), type, stamp, str(found["subject"]), data)
