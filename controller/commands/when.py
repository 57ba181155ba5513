"""Times as people write them on a command line, in the branch's local time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import click

from controller.core.local_time import EPOCH, local_time
from controller.settings.model import Settings

AGO = re.compile(r"(\d{1,5})([mhd])")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
MOMENT = 'a time such as "2026-11-21 18:00" (local)'


def zone(settings: Settings) -> ZoneInfo:
    return ZoneInfo(settings.branch.timezone)


def wall_us(text: str, local: tzinfo, now_us: int) -> int:
    """A time, or how long ago it was: microseconds since 1970 UTC. Raises click.BadParameter."""
    if ago := AGO.fullmatch(text):
        return now_us - int(ago[1]) * UNITS[ago[2]] // timedelta(microseconds=1)
    return _moment_us(text, local, f"{MOMENT}, or how long ago: 45m, 12h, 7d")


def moment_us(text: str, local: tzinfo) -> int:
    """A time, past or to come: microseconds since 1970 UTC. Raises click.BadParameter."""
    return _moment_us(text, local, MOMENT)


def _moment_us(text: str, local: tzinfo, shape: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f'"{text}" is not {shape}') from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=local)
    return (moment - EPOCH) // timedelta(microseconds=1)


def shown(us: int, local: tzinfo) -> str:
    """To the second, in local time."""
    return f"{local_time(us, local):%Y-%m-%d %H:%M:%S}"


def ago(age_us: int) -> str:
    """How long ago, in the largest unit of which it is at least two, or in minutes."""
    minutes = age_us // 60_000_000
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days ago"
