"""A branch's hours: staffed, unstaffed, clearing out or closed, and when that changes next.

Here: the tables of hours, and what they come to at an instant. Never here: files, clocks, or which days
are bank holidays; those days and the time zone come in as data.

A period begins at the first instant at which the clock on the wall shows its start, and ends at the
first at which it shows its end. So an hour that the clocks skip in spring opens nothing, and an hour that
they repeat in autumn opens nothing a second time. Periods of a kind that touch, also across midnight,
are one stretch.

"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import chain, pairwise

DAY_MIN = 24 * 60
MINUTE_US = 60_000_000
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FORESEEN_DAYS = 31
"""How far ahead a change is looked for: what lies beyond is nobody's next closing time."""
PAST_DAYS = 2
"""How far back a stretch is followed: further than any clear-out lasts."""
LONGEST_MIN = 12 * 60
"""The longest clear-out and last entry."""
LATE_US = MINUTE_US
"""An announcement that was missed by this much is not made any more: its number would be wrong."""


class Mode(StrEnum):
    """staffed: no card is needed. unstaffed: a valid card opens the door. closed: nobody is let in.

    clear_out: staff have left and unstaffed hours have begun, but nobody is let in by card yet.
    """

    STAFFED = "staffed"
    UNSTAFFED = "unstaffed"
    CLOSED = "closed"
    CLEAR_OUT = "clear_out"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``start_min`` to before ``end_min``: minutes on the wall's clock from midnight."""

    start_min: int
    end_min: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_min < self.end_min <= DAY_MIN:
            raise ValueError(f"{self} is not within a day")


@dataclass(frozen=True, slots=True)
class Day:
    """What is in neither is closed. Raises ValueError when spans overlap."""

    staffed: tuple[Span, ...] = ()
    unstaffed: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        for (earlier, _), (later, _) in pairwise(self.spans()):
            if later.start_min < earlier.end_min:
                raise ValueError(f"{earlier} and {later} overlap")

    def spans(self) -> list[tuple[Span, Mode]]:
        """All of them, from morning to night."""
        staffed = [(span, Mode.STAFFED) for span in self.staffed]
        unstaffed = [(span, Mode.UNSTAFFED) for span in self.unstaffed]
        return sorted(staffed + unstaffed)


@dataclass(frozen=True, slots=True)
class Hours:
    """week: from Monday. dated: days that go by hours of their own, whatever weekday they are.

    clear_out_min: how long unstaffed hours that follow staffed ones let nobody in. last_entry_min: how
    long before closing unstaffed hours let nobody in any more.
    """

    week: tuple[Day, ...]
    dated: Mapping[date, Day] = field(default_factory=dict)
    clear_out_min: int = 0
    last_entry_min: int = 0

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        if not (0 <= self.clear_out_min <= LONGEST_MIN and 0 <= self.last_entry_min <= LONGEST_MIN):
            raise ValueError(f"clear-out and last entry take at most {LONGEST_MIN} minutes")

    def on(self, day: date) -> Day:
        dated = self.dated.get(day)
        return self.week[day.weekday()] if dated is None else dated


@dataclass(frozen=True, slots=True)
class Now:
    """The hours at an instant. Times are microseconds since 1970 UTC; None: not within FORESEEN_DAYS.

    until_us: when ``mode`` changes next. entry: False in the last minutes before closing, when nobody is
    let in any more. closes_us: when the branch, open now, closes next; None while it is closed.
    """

    mode: Mode
    until_us: int | None
    entry: bool
    closes_us: int | None = None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From one instant to before another, in one of the modes that the tables know."""

    start_us: int
    end_us: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class _Stage:
    """How long one answer holds."""

    start_us: int
    end_us: int
    now: Now


class Schedule:
    """Hours in a time zone. ``at`` is cheap: it plans anew once a day.

    zone: must know by ``fold`` what clocks skip and what they repeat (PEP 495), as zoneinfo's do.
    """

    def __init__(self, hours: Hours, zone: tzinfo) -> None:
        self._hours = hours
        self._zone = zone
        self._periods: dict[date, list[_Stretch]] = {}
        self._today: tuple[_Stage, ...] = ()
        self._stage: _Stage | None = None

    def at(self, wall_us: int) -> Now:
        """The hours at an instant: microseconds since 1970 UTC."""
        stage = self._stage
        if stage is None or not stage.start_us <= wall_us < stage.end_us:
            stage = self._stage = self._find(wall_us)
        return stage.now

    def _find(self, wall_us: int) -> _Stage:
        if not self._today or not self._today[0].start_us <= wall_us < self._today[-1].end_us:
            self._today = tuple(self._plan(wall_us))
        return self._today[bisect_right(self._today, wall_us, key=lambda stage: stage.start_us) - 1]

    def _plan(self, wall_us: int) -> Iterator[_Stage]:
        """The stages of the day that this instant lies in, without a gap."""
        day = (EPOCH + timedelta(microseconds=wall_us)).astimezone(self._zone).date()
        if wall_us >= self._first_shown(day + DAY, 0):
            day += DAY  # clocks put back across midnight show yesterday's date once more
        start_us, end_us = self._first_shown(day, 0), self._first_shown(day + DAY, 0)
        stretches = self._stretches(day)
        closings = [stretch.start_us for stretch in stretches[1:] if stretch.mode is Mode.CLOSED]
        for before, stretch, after in zip(
            [None, *stretches], stretches, [*stretches[1:], None], strict=False
        ):
            if stretch.end_us <= start_us or end_us <= stretch.start_us:
                continue
            closes_us = next((closing for closing in closings if closing >= stretch.end_us), None)
            for stage in _stages(before, stretch, after, closes_us, self._hours):
                if stage.start_us < end_us and start_us < stage.end_us:
                    yield _Stage(max(stage.start_us, start_us), min(stage.end_us, end_us), stage.now)

    def _stretches(self, day: date) -> list[_Stretch]:
        """From PAST_DAYS before this day to FORESEEN_DAYS after it, without a gap."""
        first, last = day - PAST_DAYS * DAY, day + FORESEEN_DAYS * DAY
        found = [_Stretch(self._first_shown(first, 0), self._first_shown(first, 0), Mode.CLOSED)]

        def add(start_us: int, end_us: int, mode: Mode) -> None:
            before = found[-1]
            if before.mode is mode:
                found[-1] = _Stretch(before.start_us, end_us, mode)
            elif start_us < end_us:
                found.append(_Stretch(start_us, end_us, mode))

        days = [first + number * DAY for number in range((last - first).days + 1)]
        self._periods = {each: self._periods.get(each) or self._periods_of(each) for each in days}
        for period in chain.from_iterable(self._periods.values()):
            if found[-1].end_us < period.start_us:
                add(found[-1].end_us, period.start_us, Mode.CLOSED)
            add(period.start_us, period.end_us, period.mode)
        add(found[-1].end_us, self._first_shown(last + DAY, 0), Mode.CLOSED)
        return found

    def _periods_of(self, day: date) -> list[_Stretch]:
        """Without those that the clocks skip."""
        spans = self._hours.on(day).spans()
        found = [
            _Stretch(self._first_shown(day, span.start_min), self._first_shown(day, span.end_min), mode)
            for span, mode in spans
        ]
        return [period for period in found if period.start_us < period.end_us]

    def _first_shown(self, day: date, minute: int) -> int:
        """The first instant at which the clock shows this minute of this day, or what it skips it for."""
        local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001
        since_epoch = local - EPOCH.replace(tzinfo=None)
        first, second = (
            (since_epoch - (local.replace(tzinfo=self._zone, fold=fold).utcoffset() or timedelta()))
            // MICROSECOND
            for fold in (0, 1)
        )
        if first <= second:  # shown once, or twice
            return first
        # Skipped: fold=0 reckons with the offset before the change and so lands after it, fold=1 the reverse.
        before_us, after_us = second, first
        while after_us - before_us > 1:
            middle_us = (before_us + after_us) // 2
            shown = (EPOCH + timedelta(microseconds=middle_us)).astimezone(self._zone).replace(tzinfo=None)
            if shown < local:
                before_us = middle_us
            else:
                after_us = middle_us
        return after_us


def _stages(
    before: _Stretch | None, stretch: _Stretch, after: _Stretch | None, closes_us: int | None, hours: Hours
) -> Iterator[_Stage]:
    """A stretch, cut where clear-out ends and where last entry was. after: None where that is not known."""
    until_us = stretch.end_us if after else None
    if stretch.mode is Mode.CLOSED:
        yield _Stage(stretch.start_us, stretch.end_us, Now(Mode.CLOSED, until_us, entry=True))
        return
    cleared_us, last_entry_us = stretch.start_us, stretch.end_us
    if stretch.mode is Mode.UNSTAFFED:
        if before and before.mode is Mode.STAFFED:
            cleared_us = min(stretch.start_us + hours.clear_out_min * MINUTE_US, stretch.end_us)
        if after and after.mode is Mode.CLOSED:
            last_entry_us = max(stretch.end_us - hours.last_entry_min * MINUTE_US, stretch.start_us)
    for start_us, end_us in pairwise(sorted({stretch.start_us, cleared_us, last_entry_us, stretch.end_us})):
        mode, mode_until_us = stretch.mode, until_us
        if start_us < cleared_us:
            mode, mode_until_us = Mode.CLEAR_OUT, cleared_us
        entry = start_us < last_entry_us
        yield _Stage(start_us, end_us, Now(mode, mode_until_us, entry, closes_us))


def due_announcement(
    schedule: Schedule, minutes: Collection[int], after_us: int, until_us: int
) -> int | None:
    """How many minutes before closing it is to be announced now, if that is due.

    Due is what came due after ``after_us`` and up to ``until_us``, less than LATE_US ago. minutes: at
    least 1 each. Times are microseconds since 1970 UTC.
    """
    closes_us = schedule.at(until_us).closes_us
    if closes_us is None:
        return None
    for minutes_left in minutes:
        moment_us = closes_us - minutes_left * MINUTE_US
        if max(after_us, until_us - LATE_US) < moment_us <= until_us:
            return minutes_left
    return None
