"""What the recorder's own journal still knows when it starts: how the last run ended and what it left undone.

Read once, before anything new is journalled.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from controller.core.camera_health import Fault
from controller.core.event import Event, EventType, Stamp
from controller.core.hold import DAY_US, Category
from controller.keeping.jump_guard import JumpGuard
from controller.recorder.happenings import GapCause, Reason
from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalMissing, JournalReader

log = logging.getLogger(__name__)

LOOK_BACK = 10_000
"""How many events are looked at: more than a day of a busy branch."""
STRIDE = 2_000
MOST_STRIDES = 200
"""Where those are of less than a day (a camera can make many), the time is looked up further back."""
FAULTS = (EventType.CAMERA_FAULT_STARTED, EventType.CAMERA_FAULT_ENDED)
PAUSES = (EventType.RECORDING_PAUSED, EventType.RECORDING_RESUMED)
"""What can stand for longer than that: a camera covered for weeks, or off while the branch is closed."""


@dataclass(frozen=True, slots=True)
class History:
    """gap_cause: why nothing was recorded since the last run. unfinished: disposals of
    footage without certificate.

    announced: ids of the clips that clip.recorded has told of. last_trusted_wall_us: None if no event
    was ever written under a trusted clock. By camera id: paused: why it was not being recorded at the end;
    accounted_us: up to when, wall time, that was so, or since when it was recorded again. faults: those that
    had begun and not ended.
    """

    gap_cause: GapCause
    unfinished: tuple[Event, ...]
    announced: frozenset[str]
    guard: JumpGuard
    last_trusted_wall_us: int | None
    paused: Mapping[str, Reason]
    accounted_us: Mapping[str, int]
    faults: Mapping[str, frozenset[Fault]]

    @classmethod
    def read(cls, reader: JournalReader, cameras: Collection[str] = ()) -> Self:
        """cameras: ids of those whose past matters."""
        events: list[Event] = []
        earlier: list[Event] = []
        stamps: list[Stamp] = []
        try:
            after = max(0, reader.last_seq() - LOOK_BACK)
            events = reader.read(after, LOOK_BACK)
            earlier = _earlier(reader, after, cameras)
            stamps = _stamps(reader, after, events)
        except JournalMissing:
            pass
        except DatabaseUnusable as error:
            # Whether it can be opened at all is for Journal.open to say, which moves damage aside.
            log.warning("the journal's past cannot be read: %s", error)
        return cls.of(events, earlier, stamps)

    @classmethod
    def of(cls, events: Sequence[Event], earlier: Sequence[Event] = (), stamps: Sequence[Stamp] = ()) -> Self:
        """earlier: of the events before those, the ones whose effect lasts. stamps: of some of them."""
        guard = JumpGuard()
        trusted = [event.stamp.wall_us for event in events if event.stamp.clock_trusted]
        cause = GapCause.SERVICE_DIED
        unfinished: dict[str, Event] = {}
        announced: set[str] = set()
        paused: dict[str, Reason] = {}
        resumed: dict[str, int] = {}
        faults: dict[str, frozenset[Fault]] = {}
        before_us = known_us = 0
        for stamp in (*stamps, *(event.stamp for event in events)):
            guard.saw(stamp)
        for event in (*earlier, *events):
            match event.type:
                case EventType.SERVICE_STARTED:
                    # A run that might not record knew nothing of what there was to be recorded.
                    before_us, cause = known_us, GapCause.SERVICE_DIED
                case EventType.SERVICE_STOPPED if cause is not GapCause.POLICY:
                    cause = GapCause.SERVICE_STOPPED
                case EventType.RECORDING_STOPPED if event.data.get("cause") == GapCause.POLICY.value:
                    known_us, cause = before_us, GapCause.POLICY
                case EventType.DISPOSAL_STARTED if event.data["category"] == Category.FOOTAGE.value:
                    unfinished[event.id] = event
                case EventType.DISPOSAL_CERTIFICATE:
                    unfinished.pop(str(event.data.get("started")), None)
                case EventType.CLIP_RECORDED:
                    announced.add(str(event.data["clip"]))
                case EventType.RECORDING_PAUSED:
                    off = event.data["cause"] == Reason.OFF.value
                    paused[event.subject] = Reason.OFF if off else Reason.QUIET
                case EventType.RECORDING_RESUMED:
                    paused.pop(event.subject, None)
                    resumed[event.subject] = int(str(event.data["from_us"]))
                case EventType.CAMERA_FAULT_STARTED | EventType.CAMERA_FAULT_ENDED:
                    named = {fault for fault in Fault if fault.value == event.data["fault"]}
                    others = faults.get(event.subject, frozenset()) - named
                    begun = event.type is EventType.CAMERA_FAULT_STARTED
                    faults[event.subject] = others | named if begun else others
                case _:
                    pass
            if cause is not GapCause.POLICY:
                known_us = event.stamp.wall_us
        # A run that died while a camera was paused knew of nothing to record when it last wrote anything.
        quiet = dict.fromkeys(paused, known_us) if events else {}
        return cls(
            cause,
            tuple(unfinished.values()),
            frozenset(announced),
            guard,
            max(trusted, default=None),
            paused,
            {**resumed, **quiet},
            faults,
        )


def _earlier(reader: JournalReader, upto: int, cameras: Collection[str]) -> list[Event]:
    """What may still be in force of all that stands in the journal up to there."""
    if not upto:
        return []
    # The last of each: a camera can make any number of them.
    faults = {
        (event.subject, str(event.data["fault"])): event
        for event in reader.since(0, FAULTS)
        if event.seq <= upto
    }
    found = sorted(faults.values(), key=lambda event: event.seq)
    last = (reader.last(*PAUSES, subject=camera) for camera in cameras)
    return found + [event for event in last if event is not None and event.seq <= upto]


def _stamps(reader: JournalReader, upto: int, events: Sequence[Event]) -> list[Stamp]:
    """Of the day before ``events``, and of one event before it: a jump of the clock stands for a day."""
    found: list[Stamp] = []
    first = events[0].stamp if events else None
    while upto > 0 and len(found) < MOST_STRIDES and events and first is not None:
        if first.wall_us < events[-1].stamp.wall_us - DAY_US:
            break
        upto = max(0, upto - STRIDE)
        first = reader.read(upto, 1)[0].stamp
        found.append(first)
    return found[::-1]
