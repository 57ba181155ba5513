"""What makes films for the pages of this process: one of each kind, and one film at a time between them.

Never here: making them.
"""

from __future__ import annotations

import threading

from controller.console.footage.exporting import Exporting
from controller.console.footage.preparing import Preparing
from controller.console.web.branch import Branch


class Workshop:
    """stills: whoever has it may have a picture made."""

    def __init__(self, branch: Branch) -> None:
        """What an earlier run left is removed."""
        turn = threading.Lock()
        self.branch = branch
        self.preparing = Preparing(branch.paths.prepared, turn)
        self.exporting = Exporting(branch, turn)
        self.stills = threading.Lock()

    def close(self) -> None:
        """Nothing that was made is left."""
        self.preparing.close()
        self.exporting.close()


_open: list[Workshop] = []
_lock = threading.Lock()


def workshop_of(branch: Branch) -> Workshop:
    """The one of this branch, made with the first page that needs it."""
    with _lock:
        if not _open or _open[0].branch is not branch:
            while _open:
                _open.pop().close()
            _open.append(Workshop(branch))
        return _open[0]


def close() -> None:
    """At the end of the process."""
    with _lock:
        while _open:
            _open.pop().close()
