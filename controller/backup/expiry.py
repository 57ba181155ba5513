"""Until when a backup may exist: the shortest of the rules for what is in it, and of what the settings say.

What was journalled at the moment of the backup is due after the period of its rule, and by then the whole
file is gone. A rule that destroys at once would leave no backup at all: it has a day.
"""

from __future__ import annotations

from contextlib import suppress

from controller.backup.name import SECOND_US
from controller.core.hold import DAY_US, Category
from controller.keeping.opening import edge_rule
from controller.settings.backup import Backup
from controller.settings.model import Settings

INSIDE = (Category.ACCESS_EVENTS, Category.DEVICE_EVENTS, Category.STAFF_ACTIONS, Category.REGISTERS)
"""The kinds of things that a backup holds and that fall due."""


def until_us(settings: Settings, backup: Backup, made_us: int) -> int:
    """Whole seconds, in microseconds."""
    found = [made_us + backup.keep_days * DAY_US]
    for category in INSIDE:
        with suppress(LookupError):  # it never falls due
            found.append(edge_rule(settings, category).due_us(made_us))
    return max(min(found), made_us + DAY_US) // SECOND_US * SECOND_US
