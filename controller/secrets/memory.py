"""What is in this process's memory stays there: keys, passwords, card numbers.

Never here: keeping it from swap, which the units do.
"""

from __future__ import annotations

import ctypes
import os
import resource

PR_SET_DUMPABLE = 4  # prctl(2)


def keep_private() -> None:
    """No core dump of this process, and no look into its memory or environment by others of the same user.

    The limit passes to what is started from here; the other does not, and begins anew with each program. A
    core dump that is piped to a program is not kept back by the limit, but by the other. Raises OSError.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
