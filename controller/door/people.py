"""Who comes and goes, as far as doors and counters tell: evidence of passages, occupancy, anti-passback.

Here: what the events at all doors mean for the rules in ``core``. Never here: whether somebody may come in
(``admission`` asks this), or a name. For the acting thread alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from controller.core.access import Side
from controller.core.door import RESTING_AFTER, STANDING_MODES, Contact, Input, State
from controller.core.event import EventType, JsonValue, Stamp
from controller.core.hours import Mode as HoursMode
from controller.core.local_time import local_time
from controller.core.occupancy import Basis, DailyReset, Occupancy
from controller.core.passage import Evidence, Limits, Opening, Passages
from controller.core.passback import Inside, Policy
from controller.door.event_log import EventLog
from controller.door.machine import Cause
from controller.settings.model import Settings

PUBLISH_US = 60_000_000
"""The coarse figure is told at most this often."""

LETS: Mapping[Input, Side] = {Input.GRANT: Side.IN, Input.LET_OUT: Side.OUT}


@dataclass(frozen=True, slots=True)
class _Pass:
    """Somebody may go through at the next opening. member_ref: None where no card is known."""

    side: Side
    member_ref: bytes | None = field(repr=False)


@dataclass(slots=True)
class _DoorWatch:
    """What is known of one door. contact: one is fitted. last_grant: what evidence refers to."""

    contact: bool
    passages: Passages | None
    waiting: list[_Pass] = field(default_factory=list)
    last_grant: Cause | None = None


class People:
    """Told by the doors what happens; asked by the admission and by staff."""

    def __init__(self, settings: Settings, log: EventLog, zone: tzinfo, key: bytes) -> None:
        """key: 32 random bytes, made at the start and kept nowhere."""
        self._log = log
        self._zone = zone
        limits = Limits(
            round(settings.passages.long_s * 1e6), reopened_us=round(settings.passages.reopened_s * 1e6)
        )
        self._doors = {
            door.id: _DoorWatch(
                door.contact is not None,
                Passages(limits) if settings.passages.evidence and door.contact is not None else None,
            )
            for door in settings.doors
        }
        self._settings = settings.occupancy
        self._limit = settings.capacity.limit
        self._occupancy = Occupancy(_basis(settings)) if settings.occupancy.estimate else None
        empty_at = settings.occupancy.empty_time
        self._reset = None if empty_at is None else DailyReset(empty_at)
        self._policy = settings.anti_passback.policy
        self._inside = Inside(key, settings.anti_passback.expires_h * 3_600_000_000)
        self._off = not settings.passages.evidence and self._occupancy is None and self._policy is Policy.OFF
        """Nothing is set: then nothing is done, nor looked at."""
        self._hours: HoursMode | None = None
        self._published: int | None = None
        self._publish_from_us = 0

    # --- asked ----------------------------------------------------------------------------------

    @property
    def full(self) -> bool:
        """Whether as many are inside, or about to come in, as may be.

        By the likely number: the upper bound would keep people out for a miscount, and the lower hardly ever
        fill. While nobody knows, nobody is kept out for it.
        """
        estimate = self._occupancy.estimate if self._occupancy is not None else None
        if self._limit is None or estimate is None:
            return False
        coming = sum(each.side is Side.IN for door in self._doors.values() for each in door.waiting)
        return estimate.likely + coming >= self._limit

    def passback(self, member_ref: bytes, side: Side) -> Policy:
        """What is done about this card, if it came in and has not left; OFF if it is not so."""
        if self._policy is Policy.OFF or side is Side.OUT:
            return Policy.OFF
        return self._policy if self._inside.has(member_ref, self._log.now_us()) else Policy.OFF

    def empty_us(self, now_us: int) -> int | None:
        """How long nobody has been inside; None while somebody is, or nobody knows."""
        return None if self._occupancy is None else self._occupancy.empty_for_us(now_us)

    def status(self) -> dict[str, JsonValue]:
        """For staff. The exact figure goes no further."""
        if self._occupancy is None:
            return {}
        estimate = self._occupancy.estimate
        said: dict[str, JsonValue] = {"basis": self._occupancy.basis.value, "known": estimate is not None}
        if estimate is not None:
            said |= {"likely": estimate.likely, "at_least": estimate.low, "at_most": estimate.high}
        if self._limit is not None:
            said |= {"limit": self._limit, "full": self.full}
        return {"occupancy": said}

    # --- told -----------------------------------------------------------------------------------

    def happened(
        self, door_id: str, happened: Input, before: State, after: State, cause: Cause | None
    ) -> None:
        """A door's machine has done a row of its table."""
        if self._off:
            return
        door, now_us = self._doors[door_id], self._log.now_us()
        if cause is not None and happened in LETS and after.mode in RESTING_AFTER:
            self._granted(door, LETS[happened], cause)
        if before.contact is Contact.CLOSED and after.contact is not Contact.CLOSED:
            self._opened(door_id, door, _opening(before, after, door.waiting), now_us)
        elif after.contact is Contact.CLOSED and before.contact is not Contact.CLOSED:
            if door.passages is not None:
                door.passages.closed(now_us)
        elif not door.contact and happened in (Input.EXIT_REQUEST, Input.EXIT_REQUEST_DRIVING):
            self._count(lambda occupancy: occupancy.let_out(now_us))
        if after.mode not in RESTING_AFTER:  # no pulse runs: whoever has not used theirs will not
            door.waiting.clear()
            if door.passages is not None:
                door.passages.unused()
        if after.mode in STANDING_MODES and before.mode not in STANDING_MODES:
            if door.passages is not None:
                door.passages.may_stand_open()
            if after.contact is not Contact.CLOSED:
                self._count(Occupancy.lose)

    def counted(self, door_id: str, *, inward: bool) -> None:
        """A counter saw somebody."""
        door, now_us = self._doors[door_id], self._log.now_us()
        if self._occupancy is not None and self._occupancy.basis is Basis.COUNTERS:
            (self._occupancy.came_in if inward else self._occupancy.left)(now_us)
        if door.passages is not None:
            self._tell(door_id, door.passages.counted(inward=inward, now_us=now_us))

    def tick(self, stamp: Stamp, hours: HoursMode | None) -> None:
        """Once a second or so. hours: those of now, None while the clock cannot be believed."""
        if self._off:
            return
        for door_id, door in self._doors.items():
            if door.passages is not None:
                self._tell(door_id, door.passages.due(stamp.mono_us))
        if hours is None:
            return
        cleared = self._settings.empty_after_clear_out and self._hours is HoursMode.CLEAR_OUT
        if cleared and hours in (HoursMode.UNSTAFFED, HoursMode.CLOSED):
            self.empty(stamp.mono_us)
        self._hours = hours
        if self._reset is not None:
            local = local_time(stamp.wall_us, self._zone)
            if self._reset.due(stamp.wall_us, local):
                self.empty(stamp.mono_us)
        if self._occupancy is not None:
            if hours is HoursMode.STAFFED and self._occupancy.basis is not Basis.COUNTERS:
                self._occupancy.lose()
            self._publish(stamp)

    def empty(self, now_us: int) -> None:
        """The building is known to be empty."""
        self._inside.forget()
        if self._occupancy is not None:
            self._occupancy.reset(now_us)

    # --- how ------------------------------------------------------------------------------------

    def _granted(self, door: _DoorWatch, side: Side, cause: Cause) -> None:
        somebody = _Pass(side, cause.member_ref)
        if side is Side.IN:
            door.last_grant = cause
            if door.passages is not None:
                door.passages.granted()
        if door.contact:
            door.waiting.append(somebody)
        else:
            self._went_through(somebody)

    def _opened(self, door_id: str, door: _DoorWatch, opening: Opening, now_us: int) -> None:
        waiting, door.waiting = door.waiting, []
        for somebody in waiting:
            self._went_through(somebody)
        match opening:
            case Opening.LEAVING if not any(somebody.side is Side.OUT for somebody in waiting):
                self._count(lambda occupancy: occupancy.let_out(now_us))
            case Opening.UNEXPECTED:
                self._count(Occupancy.unseen)
            case Opening.FREE:
                self._count(Occupancy.lose)
            case _:
                pass
        if door.passages is not None:
            self._tell(door_id, door.passages.opened(opening, now_us))

    def _went_through(self, somebody: _Pass) -> None:
        now_us = self._log.now_us()
        came_in = somebody.side is Side.IN
        if somebody.member_ref is not None and self._policy is not Policy.OFF:
            if came_in:
                self._inside.came_in(somebody.member_ref, now_us)
            else:
                self._inside.left(somebody.member_ref)
        move = Occupancy.came_in if came_in else Occupancy.left
        self._count(lambda occupancy: move(occupancy, now_us))

    def _count(self, count: Callable[[Occupancy], None]) -> None:
        """What doors tell counts only where there are no counters."""
        if self._occupancy is not None and self._occupancy.basis is not Basis.COUNTERS:
            count(self._occupancy)

    def _tell(self, door_id: str, evidence: tuple[Evidence, ...]) -> None:
        for each in evidence:
            grant = self._doors[door_id].last_grant
            about = (grant.field, grant.ticket) if each.granted and grant is not None else None
            self._log.write(each.type, each.data, subject=door_id, about=about)

    def _publish(self, stamp: Stamp) -> None:
        if not self._settings.publish or self._occupancy is None or stamp.mono_us < self._publish_from_us:
            return
        estimate = self._occupancy.estimate
        people = None if estimate is None else estimate.published
        if people != self._published:
            self._published = people
            self._publish_from_us = stamp.mono_us + PUBLISH_US
            self._log.write(EventType.OCCUPANCY_CHANGED, {"people": people})


def _basis(settings: Settings) -> Basis:
    """Counters count only if there are some at every door."""
    if all(door.counter_in is not None for door in settings.doors):
        return Basis.COUNTERS
    if any(reader.side is Side.OUT for _, reader in settings.readers()):
        return Basis.READERS
    return Basis.GRANTS


def _opening(before: State, after: State, waiting: list[_Pass]) -> Opening:
    if after.contact is Contact.FORCED:
        return Opening.UNEXPECTED
    if before.mode in STANDING_MODES:
        return Opening.FREE
    if any(somebody.side is Side.IN for somebody in waiting):
        return Opening.GRANTED
    if waiting or before.leaving or before.mode in RESTING_AFTER:
        return Opening.LEAVING
    return Opening.FREE  # staff are in, and open the door by their own means
