"""How long the footage disk lasts, measured and journalled once a day.

What each camera sends is taken from the last seven days, which have a weekend in them. What is held falls due
never: of what is not yet due, that is counted by the holds of now. Used by the acting thread.
Never here: the arithmetic (``core.forecast``).
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field

from controller.core.event import EventType, NewEvent, Stamp
from controller.core.forecast import GIGABYTE, MEGABYTE, DiskUse, forecast
from controller.core.hold import DAY_US, Category, Hold
from controller.core.protection import event_ids, hidden_ids, in_force
from controller.recorder.keeping.disposal import Disposal
from controller.recorder.keeping.space import Floor
from controller.store.footage_sums import CameraBytes, Selection, bytes_by_day, recorded_since

HOUR_US = 3_600_000_000
MEASURED_US = 7 * DAY_US

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Forecasting:
    """cameras: the ids of all that are recorded."""

    disposal: Disposal
    floor: Floor
    cameras: Collection[str]
    _next_us: int | None = field(default=None, init=False)

    def due(self, now: Stamp) -> bool:
        """First an hour after the start, when there is something to measure."""
        if self._next_us is None:
            self._next_us = now.mono_us + HOUR_US
        return now.clock_trusted and now.mono_us >= self._next_us

    def look(self, now: Stamp) -> NewEvent | None:
        """Today's forecast, if any camera has been recorded for an hour. Raises DatabaseUnusable, OSError."""
        self._next_us = now.mono_us + DAY_US
        measured = self._measure(now)
        if not measured.daily:
            return None
        days = self.disposal.rule.days
        found = forecast(measured, days)
        if found.days_left is not None:
            log.warning(
                "the footage disk is full in %d days: %d days need %d GB, and there are %d",
                found.days_left,
                days,
                found.need // GIGABYTE,
                found.have // GIGABYTE,
            )
        return NewEvent(
            EventType.STORAGE_FORECAST,
            "recorder",
            now,
            {
                "days_left": found.days_left,
                "need_mb": found.need // MEGABYTE,
                "have_mb": found.have // MEGABYTE,
            },
        )

    def _measure(self, now: Stamp) -> DiskUse:
        footage, days = self.disposal.footage, self.disposal.rule.days
        origin_us = now.wall_us - days * DAY_US
        parts = self._held_parts(now)
        recorded = footage.transact(lambda connection: recorded_since(connection, now.wall_us - MEASURED_US))
        kept = footage.transact(lambda connection: bytes_by_day(connection, origin_us))
        held = footage.transact(lambda connection: bytes_by_day(connection, origin_us, parts))
        # What is in two holds was counted twice.
        held = {day: min(size, kept.get(day, 0)) for day, size in held.items() if day >= 0}
        return DiskUse(
            daily=daily(recorded, self.cameras, now.wall_us),
            due=[kept.get(day, 0) - held.get(day, 0) for day in range(days)],
            # What was due already and is still there stays.
            held=sum(held.values()) + kept.get(-1, 0),
            kept=sum(kept.values()),
            free=self.floor.above_bytes(),
        )

    def _held_parts(self, now: Stamp) -> list[Selection]:
        found = in_force(self.disposal.holds(), now.wall_us)
        holds = [one for one in found if isinstance(one, Hold) and one.scope.category is Category.FOOTAGE]
        events = event_ids(holds) | hidden_ids(found)
        clips = self.disposal.footage.clips_of(events) if events else []
        return [
            *(Selection(clip.camera, clip.start_us, clip.end_us) for clip in clips),
            *(_part(hold) for hold in holds if hold.scope.start_us < hold.scope.end_us),
        ]


def daily(recorded: dict[str, CameraBytes], cameras: Collection[str], now_us: int) -> dict[str, int]:
    """Bytes a day of each of these cameras that has been recorded for an hour."""
    return {
        camera: one.size_bytes * DAY_US // (now_us - one.start_us)
        for camera, one in recorded.items()
        if camera in cameras and now_us - one.start_us >= HOUR_US
    }


def _part(hold: Hold) -> Selection:
    return Selection(hold.scope.device, hold.scope.start_us, hold.scope.end_us)
