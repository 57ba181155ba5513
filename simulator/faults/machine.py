"""The machine that a branch's services run on, whose disk and clock can be made to fail.

``machine.c`` is compiled when it is first needed and preloaded into every process of the branch: it stands
between them and the C library, and looks at a page of shared memory for how the machine is. Without root,
and on one folder only. Never here: what the services make of it.
"""

from __future__ import annotations

import mmap
import struct
import subprocess
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from simulator.closing import Closing

SOURCE = Path(__file__).with_name("machine.c")
LAYOUT = struct.Struct("=5q")
"""Of ``struct control``: disk, room, stall_ms, ahead_us, synchronised."""
STALL_MS = 3_000
"""How long a sync takes on a disk that stalls: longer than a swipe may wait."""


class Disk(StrEnum):
    """How the disk is, in the order of the C source."""

    FINE = "fine"
    FULL = "full"
    READ_ONLY = "read-only"
    STALLING = "stalling"


class ClockIs(StrEnum):
    """How the wall clock is. unset: nothing has vouched for it since it was set back by a day."""

    RIGHT = "right"
    UNSET = "unset"


AHEAD_US = {ClockIs.RIGHT: 0, ClockIs.UNSET: -86_400_000_000}


class Machine(Closing):
    """In use from construction until ``close``. folder: for its own files. root: what its disk holds.

    writable: the folders outside which nothing may be written, as with a root that is mounted read-only;
    none: everything may.
    """

    def __init__(self, folder: Path, root: Path, writable: Sequence[Path] = ()) -> None:
        library, control = folder / "machine.so", folder / "machine"
        compiler = ("gcc", "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl")
        subprocess.run(compiler, check=True)
        control.write_bytes(bytes(LAYOUT.size))
        with control.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), LAYOUT.size)
        self._refused = folder / "machine-refused"
        self.environment = {
            "LD_PRELOAD": str(library),
            "MACHINE_CONTROL": str(control),
            "MACHINE_ROOT": str(root),
        }
        if writable:
            allowed = ":".join(map(str, (*writable, folder)))
            self.environment |= {"MACHINE_WRITABLE": allowed, "MACHINE_REFUSED": str(self._refused)}
        self._disk, self._clock = Disk.FINE, ClockIs.RIGHT
        self._tell()

    def disk(self, disk: Disk) -> None:
        """The disk is so from now on. A full one has not a byte left."""
        self._disk = disk
        self._tell()

    def clock(self, clock: ClockIs) -> None:
        """The clock is so from now on."""
        self._clock = clock
        self._tell()

    def refused(self) -> list[str]:
        """What was to be written outside the folders that may be."""
        return self._refused.read_text().splitlines() if self._refused.exists() else []

    def close(self) -> None:
        self._page.close()

    def _tell(self) -> None:
        disk = list(Disk).index(self._disk)
        right = self._clock is ClockIs.RIGHT
        LAYOUT.pack_into(self._page, 0, disk, 0, STALL_MS, AHEAD_US[self._clock], right)
