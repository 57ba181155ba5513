"""Everything that the page of today shows, from what is known: what is the matter comes first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from controller.console.today.cameras_shown import camera_matters, camera_rows
from controller.console.today.doors_shown import door_matters, door_rows, orders
from controller.console.today.happenings import happenings
from controller.console.today.inside_shown import inside_shown
from controller.console.today.known import Known
from controller.console.today.registers_shown import register_matters
from controller.console.today.shown import Board, Matter, Rank
from controller.console.today.systems_shown import system_matters, system_rows
from controller.core.hours import Mode
from controller.core.local_time import local_date

HOURS = {
    Mode.STAFFED: "Staffed hours",
    Mode.UNSTAFFED: "Unstaffed hours: members come in by card",
    Mode.CLEAR_OUT: "Clear-out: staff are leaving, and nobody is let in",
    Mode.CLOSED: "Closed: no card opens the door",
}
UNKNOWN_HOURS = "Not known"
ORDER = tuple(Rank)


def board_of(known: Known) -> Board:
    matters = (
        *door_matters(known),
        *system_matters(known),
        *camera_matters(known),
        *register_matters(known),
    )
    hours = known.answer.hours if known.answer else None
    return Board(
        matters=_sorted(matters),
        orders=orders(known),
        doors=door_rows(known),
        hours=HOURS[Mode(hours)] if hours in set(Mode) else UNKNOWN_HOURS,
        inside=inside_shown(known),
        happenings=happenings(known),
        hidden=known.hidden,
        cameras=camera_rows(known),
        systems=system_rows(known),
        midnight_us=_midnight_us(known),
    )


def _midnight_us(known: Known) -> int:
    """Of the local day, whatever its clocks have done since."""
    zone = ZoneInfo(known.settings.branch.timezone)
    midnight = datetime.combine(local_date(known.now_us, zone), time(), zone)
    return int(midnight.timestamp()) * 1_000_000


def _sorted(matters: Iterable[Matter]) -> tuple[Matter, ...]:
    """What is of the whole building, every door tells: once is enough."""
    once: dict[str, Matter] = {}
    for matter in matters:
        once.setdefault(matter.key, matter)
    return tuple(sorted(once.values(), key=lambda matter: ORDER.index(matter.rank)))


def to_say(before: Board, after: Board) -> tuple[str, ...]:
    """What has changed that whoever cannot see the page wants to hear at once, the most pressing first."""
    were, are = {one.key: one for one in before.matters}, {one.key: one for one in after.matters}
    begun = [f"{one.rank}: {one.title}." for key, one in are.items() if key not in were]
    return (*begun, *(f"Over: {one.title}." for key, one in were.items() if key not in are))
