"""Footage is looked at by those who may, as and when a need has been raised; whoever may not is journalled.

Never here: what is then shown or exported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from controller.core.event import EventType
from controller.staff.needs import SHAPE, is_need
from controller.staff.refusal import Refused
from controller.staff.roles import NotAllowed

if TYPE_CHECKING:
    from controller.core.event import Stamp
    from controller.staff.account import Account
    from controller.staff.hidden import Hidden
    from controller.staff.journal import StaffJournal
    from controller.store.footage import FootageReader


class NoNeed(Refused):
    """No need reference was given, or none that can be one."""

    def __init__(self) -> None:
        super().__init__(f"say which need was raised: {SHAPE}")


def check_viewing(
    journal: StaffJournal, who: Account, may: Callable[[Stamp], object], need: str | None, what: str
) -> str:
    """The need for which this account looks at footage now.

    may: raises NotAllowed where the account may not. what: is wanted, in one word, for the journal. Raises
    NotAllowed or NoNeed; both are journalled, and never what was typed.
    """
    try:
        may(journal.now())
    except NotAllowed as error:
        refused(journal, who, error.lack.value, what)
        raise
    return check_need(journal, who, need, what)


def check_need(journal: StaffJournal, who: Account, need: str | None, what: str) -> str:
    """The need. Raises NoNeed, which is journalled as a viewing that was refused."""
    if need is None or not is_need(need):
        refused(journal, who, "no_need", what)
        raise NoNeed
    return need


def refused(journal: StaffJournal, who: Account, cause: str, what: str) -> None:
    """Journal that footage was not shown to somebody. cause: in one word."""
    journal.record(EventType.FOOTAGE_VIEW_REFUSED, "footage", {"cause": cause, "asked": what, **who.data})


def check_range(
    restricted: Hidden, footage: FootageReader, camera: str, begins_us: int, ends_us: int
) -> None:
    """Whether what a camera saw then may be shown: the clip of a restricted event may not.

    Raises Refused, DatabaseUnusable.
    """
    restricted.check_known()
    for clip in footage.clips(camera, begins_us, ends_us):
        restricted.check_clip(clip)
