"""A wall time, microseconds since 1970 UTC, as people at the branch see it. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_time(wall_us: int, zone: tzinfo) -> datetime:
    # Not by a float of seconds: after 2106 that cannot tell two microseconds apart.
    return (EPOCH + timedelta(microseconds=wall_us)).astimezone(zone)


def local_date(wall_us: int, zone: tzinfo) -> date:
    return local_time(wall_us, zone).date()
