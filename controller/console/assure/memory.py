"""The examination of this process, which remembers what was found. Never here: examining."""

from __future__ import annotations

import threading

from controller.console.assure.examination import Examination, command_of
from controller.console.web.branch import Branch

_lock = threading.Lock()
_kept: list[tuple[Branch, Examination]] = []
"""The one of this process."""


def examination(branch: Branch) -> Examination:
    """Made when it is first asked for."""
    with _lock:
        if not _kept or _kept[0][0] is not branch:
            _kept[:] = [(branch, Examination(command_of(branch.config)))]
        return _kept[0][1]


def close() -> None:
    """Stop what goes on: the process ends."""
    with _lock:
        left = list(_kept)
        _kept.clear()
    for _, one in left:
        one.close()
