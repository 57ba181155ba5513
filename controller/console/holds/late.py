"""What a hold came too late for, as a page has it: the first certificates, and how many there are.

Certificates of what went before a hold was placed do not change. Finding them means reading all since the
beginning of what it covers, so what was found for a hold is kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from controller.core.hold import Hold
from controller.settings.paths import Paths
from controller.staff.holds.fate import Gone, fate_of

SHOWN = 20
"""Certificates that are told of one by one."""
KEPT = 200
"""Holds of which it is remembered."""


@dataclass(frozen=True, slots=True)
class Late:
    """first: by the times of what went. certificates, count: of all of them; count at most. unfinished: see
    ``Fate``.
    """

    first: Sequence[Gone]
    certificates: int
    count: int
    unfinished: int


_found: OrderedDict[tuple[Paths, str], Late] = OrderedDict()
_one = threading.Lock()


def late(paths: Paths, hold: Hold) -> Late:
    """Raises DatabaseUnusable."""
    key = (paths, hold.id)
    with _one:
        known = _found.get(key)
    if known is not None:
        return known
    fate = fate_of(paths, hold)
    count = sum(gone.count for gone in fate.gone)
    told = Late(fate.gone[:SHOWN], len(fate.gone), count, fate.unfinished)
    if not told.unfinished:
        with _one:
            _found[key] = told
            while len(_found) > KEPT:
                _found.popitem(last=False)
    return told
