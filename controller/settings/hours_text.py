"""The hours of a week in a line, as people type them: ``mon-fri 08:00-20:00, sat 09:00-12:00 13:00-17:00``.

Never here: dates and bank holidays, which are written in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from controller.settings.hours import Weekday, minutes_of, refuse_overlaps

DAYS: tuple[str, ...] = get_args(Weekday)
NONE = "none"
HOW = 'write days and periods, such as "mon-fri 08:00-20:00, sat 09:00-12:00 13:00-17:00", or "none"'


def parsed(line: str) -> dict[str, list[str]]:
    """Day to its periods, as ``[hours.staffed]`` has them. Raises ValueError, which says what is wrong."""
    found: dict[str, list[str]] = {}
    if line.strip().lower() in ("", NONE):
        return found
    for part in line.lower().split(","):
        days, *periods = part.split() or [""]
        if not periods:
            raise ValueError(HOW)
        for period in periods:
            minutes_of(period)
        for day in _days(days):
            if day in found:
                raise ValueError(f"{day} is there twice; write all its periods in one place")
            refuse_overlaps(periods, on=f"on {day} ")
            found[day] = list(periods)
    return {day: found[day] for day in DAYS if day in found}


def _days(text: str) -> tuple[str, ...]:
    first, _, last = text.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(first) > DAYS.index(last or first):
        raise ValueError(f'"{text}" is no day, such as mon, nor days in their order, such as mon-fri')
    return DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


def written(hours: Mapping[str, Iterable[str]]) -> str:
    """The line for it, with equal days that follow each other as one."""
    runs: list[tuple[list[str], list[str]]] = []
    for day in DAYS:
        periods = list(hours.get(day, ()))
        if runs and periods == runs[-1][1] and runs[-1][0][-1] == DAYS[DAYS.index(day) - 1]:
            runs[-1][0].append(day)
        elif periods:
            runs.append(([day], periods))
    parts = (
        f"{days[0]}-{days[-1]} {' '.join(periods)}" if len(days) > 1 else f"{days[0]} {' '.join(periods)}"
        for days, periods in runs
    )
    return ", ".join(parts) or NONE
