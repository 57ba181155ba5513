"""What ``unlocked check`` foresees of the footage disk, where it can see that disk.

How much each camera sends is measured in its footage; before there is any, a usual figure is taken.
Never here: the arithmetic (``core.forecast``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from controller.core.forecast import DAY_S, GIGABYTE, MEGABYTE, daily_bytes, needed
from controller.settings.paths import Paths

if TYPE_CHECKING:
    from controller.settings.model import Settings
    from controller.settings.recording import CameraSettings

USUAL_BITS_S = 1_500_000
USUAL_PIXELS_S = 1280 * 720 * 15
"""Of a picture of 1280 x 720, 15 times a second."""
BUT_SERVICES = 5
"""So many reserves are given up on a disk that all services share."""


def footage_hints(settings: Settings, now_us: int) -> Iterator[str]:
    """A line each. now_us: wall time."""
    paths = Paths.of(settings)
    disk = _existing(paths.footage_dir)
    if not settings.cameras or disk is None:
        return  # that disk is on another machine
    measured, kept = _measured(settings, paths.footage, now_us)
    daily = {camera.id: measured.get(camera.id, _usual(camera)) for camera in settings.cameras}
    yield from _too_small(settings, daily, len(measured), disk, kept)
    if (state := _existing(paths.state)) is None or state.stat().st_dev != disk.stat().st_dev:
        return
    yield (
        "footage.dir: footage and journals share a file system, so that whatever fills it keeps the journals "
        f"from being written once their reserve is used up; give {paths.footage_dir} a disk of its own"
    )
    footage = settings.footage
    if footage.min_free_mb <= (least := BUT_SERVICES * footage.reserve_mb):
        yield (
            f"footage.min_free_mb: the reserves of the journals are on this file system too, and what they "
            f"give up would be recorded over; set more than {least}"
        )


def _too_small(
    settings: Settings, daily: dict[str, int], measured: int, disk: Path, kept: int
) -> Iterator[str]:
    days = settings.footage.retention_days
    need = needed(daily, days)
    room = os.statvfs(disk)
    have = room.f_bavail * room.f_frsize + kept - settings.footage.min_free_mb * MEGABYTE
    if need <= have:
        return
    each = sum(daily.values()) * 8 / DAY_S / len(daily) / MEGABYTE
    cameras = f"{len(daily)} camera{'s' if len(daily) > 1 else ''}"
    known = "measured" if measured == len(daily) else "assumed" if not measured else "partly measured"
    yield (
        f"footage.retention_days: {cameras} x {each:.1f} Mb/s ({known}) x {days} days = "
        f"{need / GIGABYTE:.0f} GB; this disk has {max(0, have) / GIGABYTE:.0f}. Recording stops when it is "
        "full: take a larger disk, less of each camera, or fewer days"
    )


def _measured(settings: Settings, database: Path, now_us: int) -> tuple[dict[str, int], int]:
    """Bytes a day by camera, and the bytes of all footage there is, as far as it may be looked at."""
    from controller.recorder.keeping.forecasting import MEASURED_US, daily
    from controller.store.engine import DatabaseUnusable
    from controller.store.footage import FootageReader
    from controller.store.footage_sums import bytes_by_day, recorded_since

    ids = [camera.id for camera in settings.cameras]
    with suppress(DatabaseUnusable), closing(FootageReader(database)) as reader:
        recorded = reader.read(lambda connection: recorded_since(connection, now_us - MEASURED_US))
        kept = reader.read(lambda connection: bytes_by_day(connection, 0))
        return daily(recorded, ids, now_us), sum(kept.values())
    return {}, 0


def _usual(camera: CameraSettings) -> int:
    pixels_s = USUAL_PIXELS_S if camera.kind == "rtsp" else camera.width * camera.height * camera.fps
    return daily_bytes(USUAL_BITS_S * pixels_s // USUAL_PIXELS_S)


def _existing(folder: Path) -> Path | None:
    """The folder, or the one that it will be made in."""
    with suppress(OSError):
        return next((one for one in (folder, folder.parent) if one.is_dir()), None)
    return None
