"""The machine's clocks: the only place of the product that asks what time of day it is.

The kernel says whether wall time was set from a time source: ``adjtimex`` (2) reports STA_UNSYNC until
a time daemon has disciplined the clock in this boot, and again once its error may exceed 16 s.
"""

from __future__ import annotations

import ctypes
import time
from pathlib import Path

from controller.devices import ClockReading

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
STA_UNSYNC = 0x0040
TIME_ERROR = 5


class _Timex(ctypes.Structure):
    """``struct timex`` of <sys/timex.h>; ctypes pads as the C compiler does."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time_s", ctypes.c_long),
        ("time_us", ctypes.c_long),
        ("tick", ctypes.c_long),
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("reserved", ctypes.c_int * 11),
    )


class SystemClock:
    """A ``controller.devices.Clock``. Costs a few microseconds a reading."""

    def __init__(self) -> None:
        self._boot_id = BOOT_ID.read_text(encoding="ascii").strip()
        self._adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex

    def read(self) -> ClockReading:
        return ClockReading(
            wall_us=time.time_ns() // 1000,
            mono_us=self.since_boot_us(),
            boot_id=self._boot_id,
            synchronised=self._synchronised(),
        )

    def since_boot_us(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000

    def _synchronised(self) -> bool:
        """False as well where the call is forbidden: a clock that cannot be asked is not believed."""
        answer = _Timex()
        state = int(self._adjtimex(ctypes.byref(answer)))
        return state not in (-1, TIME_ERROR) and not answer.status & STA_UNSYNC
