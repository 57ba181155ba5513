"""What the C library's allocator keeps of memory that was used for a moment: nothing, here.

Checking a password takes some 20 MB for a moment. By itself the allocator keeps as much for the next
time, once for each thread that has checked one.
"""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
"""Names in glibc's malloc.h."""
GIVEN_BACK_BYTES = 128 * 1024


def give_memory_back() -> None:
    """From now on, what is large goes back to the machine when it is freed. Only with glibc."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(MMAP_THRESHOLD, GIVEN_BACK_BYTES)
    mallopt(TRIM_THRESHOLD, GIVEN_BACK_BYTES)
    mallopt(ARENA_MAX, 2)
