"""The need for which footage is looked at, as an option, and who may on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.settings.staff import Role
from controller.staff import roles, viewing
from controller.staff.account import Account, account
from controller.staff.needs import SHAPE

if TYPE_CHECKING:
    from controller.settings.model import Settings
    from controller.staff.journal import StaffJournal

need_option = click.option("--need", help="Reference of the need that was raised, such as INC-2026-014.")
"""Gives the command ``need: str | None``, for ``check_viewing``, which journals that there is none."""


def check_viewing(
    settings: Settings, journal: StaffJournal, config: Path, need: str | None, what: str
) -> tuple[Account, str]:
    """The account that may look at footage now, and the need. what: see ``staff.viewing.check_viewing``.

    Raises NotAllowed, or click.UsageError without a need; both are journalled.
    """
    who = account()
    try:
        given = viewing.check_viewing(
            journal, who, lambda now: roles.check(settings, {Role.CCTV}, now, config), need, what
        )
    except viewing.NoNeed as error:
        raise click.UsageError(f"say which need was raised: --need, {SHAPE}") from error
    return who, given
