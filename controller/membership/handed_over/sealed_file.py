"""A file that was handed over in memory: nobody can change it any more, and it is on no disk.

Never here: what is in it.
"""

from __future__ import annotations

import fcntl
import os
from typing import BinaryIO

SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW
"""memfd_create(2), fcntl(2): with these its content stays what it is, whoever still holds it."""


class NotSealed(Exception):
    """It is no file in memory, or somebody could still change it."""


def opened(descriptor: int) -> BinaryIO:
    """From its start, its position nobody else's; ``descriptor`` is closed. Raises NotSealed, OSError."""
    try:
        try:
            seals = fcntl.fcntl(descriptor, fcntl.F_GET_SEALS)
        except OSError as error:
            raise NotSealed("it is no file in memory") from error
        if seals & SEALS != SEALS:
            raise NotSealed("it could still be changed")
        return open(f"/proc/self/fd/{descriptor}", "rb", buffering=1 << 16)  # noqa: PTH123
    finally:
        os.close(descriptor)
