"""Footage is looked at by those who may, as and when a need has been raised; whoever may not is journalled.

Never here: what is then shown or exported.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands import roles
from controller.commands.account import Account, account
from controller.commands.needs import NEED
from controller.settings.staff import Role

if TYPE_CHECKING:
    from controller.commands.hidden import Hidden
    from controller.commands.staff_journal import StaffJournal
    from controller.settings.model import Settings
    from controller.store.footage import FootageReader

NO_NEED = "say which need was raised: --need, a reference such as INC-2026-014, without spaces; no names"

need_option = click.option("--need", help="Reference of the need that was raised, such as INC-2026-014.")
"""Gives the command ``need: str | None``, for ``check_viewing``, which journals that there is none."""


def check_viewing(
    settings: Settings, journal: StaffJournal, config: Path, need: str | None, what: str
) -> tuple[Account, str]:
    """The account that may look at footage now, and the need. what: is wanted, in one word, for the journal.

    Raises NotAllowed, or click.UsageError without a need; both are journalled, and never what was typed.
    """
    from controller.core.event import EventType

    def refused(cause: str) -> None:
        data = {"cause": cause, "asked": what, **account().data}
        journal.record(EventType.FOOTAGE_VIEW_REFUSED, "footage", data)

    try:
        who = roles.check(settings, {Role.CCTV}, journal.now(), config)
    except roles.NotAllowed as error:
        refused(error.lack.value)
        raise
    if need is None or not NEED.fullmatch(need):
        refused("no_need")
        raise click.UsageError(NO_NEED)
    return who, need


def check_range(
    restricted: Hidden, footage: FootageReader, camera: str, begins_us: int, ends_us: int
) -> None:
    """Whether what a camera saw then may be shown: the clip of a restricted event may not.

    Raises click.ClickException, DatabaseUnusable.
    """
    restricted.check_known()
    for clip in footage.clips(camera, begins_us, ends_us):
        restricted.check_clip(clip)
