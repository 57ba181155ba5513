"""On whose word something is done: an account of the machine, also behind ``sudo``, or one of the console.

Never here: what that account may do (``roles``), or passwords.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from controller.core.event import JsonValue
from controller.ipc.peer import user_name

LOGIN_UID = Path("/proc/self/loginuid")
"""Set by the kernel's audit when somebody logs in, and not to be changed afterwards (pam_loginuid(8))."""
NOBODY_LOGGED_IN = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Account:
    """user: its name, or its number where it has none. uid: None for an account of the console.

    Two accounts are taken for the same person if their names are equal, wherever they logged in
    (``core.naming``, ``core.proposal``).
    """

    uid: int | None
    user: str

    @property
    def data(self) -> dict[str, JsonValue]:
        """As events have it."""
        return (
            {"user": self.user, "console": True} if self.uid is None else {"uid": self.uid, "user": self.user}
        )


def account() -> Account:
    """Who logged in on the machine; where nobody did, as in a container, whom the process runs as."""
    try:
        uid = int(LOGIN_UID.read_text())
    except (OSError, ValueError):
        uid = NOBODY_LOGGED_IN
    uid = os.getuid() if uid == NOBODY_LOGGED_IN else uid
    return Account(uid, user_name(uid))
