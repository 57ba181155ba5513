"""Who may do what: the roles of an account and its training, in branch.toml or in the console.

Placing a hold protects, and may be urgent: on the command line it needs no role, on a page no training.
Never here: what a role is asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from controller.core.local_time import local_time
from controller.settings.staff import NEED_TRAINING, Role
from controller.staff.account import Account, account
from controller.staff.refusal import Refused

if TYPE_CHECKING:
    from controller.core.event import Stamp
    from controller.settings.model import Settings


class Standing(Protocol):
    """What is known of an account: ``settings.staff.Staff``, or an account of the console."""

    @property
    def roles(self) -> Collection[Role]: ...

    @property
    def trained_until(self) -> date | None:
        """The last day on which training counts."""


class Lack(StrEnum):
    """Why somebody may not do a thing, as events say it."""

    NOT_STAFF = "not_staff"
    NO_ROLE = "no_role"
    TRAINING_LAPSED = "training_lapsed"
    CLOCK_UNTRUSTED = "clock_untrusted"


class NotAllowed(Refused):
    """The text says what is missing and who can mend it."""

    def __init__(self, lack: Lack, message: str) -> None:
        super().__init__(message)
        self.lack = lack


def lacking(
    staff: Standing | None, wanted: Collection[Role], today: date | None, *, trained: bool = True
) -> Lack | None:
    """What somebody lacks to act in any one of these roles. today: None while the clock is not trusted.

    trained: False for what is done without training, whatever the role needs else.
    """
    if staff is None:
        return Lack.NOT_STAFF
    held = frozenset(staff.roles) & frozenset(wanted)
    if not held:
        return Lack.NO_ROLE
    if not trained or held - NEED_TRAINING:
        return None
    if today is None:
        return Lack.CLOCK_UNTRUSTED
    if staff.trained_until is None or staff.trained_until < today:
        return Lack.TRAINING_LAPSED
    return None


def today(settings: Settings, now: Stamp) -> date | None:
    """In which training is in date or not; None while the clock is not trusted."""
    return local_time(now.wall_us, ZoneInfo(settings.branch.timezone)).date() if now.clock_trusted else None


def check(settings: Settings, wanted: Collection[Role], now: Stamp, config: Path) -> Account:
    """The account that logged in on the machine, if it may act in one of these roles. Raises NotAllowed.

    config: the file with the ``[[staff]]`` tables, for the remedy.
    """
    who = account()
    staff = settings.staff_of(who.user)
    lack = lacking(staff, wanted, today(settings, now))
    if lack is None:
        return who
    roles = " or ".join(f'"{role}"' for role in sorted(wanted))
    match lack:
        case Lack.NOT_STAFF:
            said = f'{who.user} is in no [[staff]] table; add account = "{who.user}" with the role {roles}'
        case Lack.NO_ROLE:
            said = f"{who.user} does not have the role {roles}; add it to roles in the [[staff]] table"
        case Lack.TRAINING_LAPSED:
            until = staff.trained_until if staff else None
            last = f"ended on {until}" if until else "is not recorded"
            said = f"the training of {who.user} {last}; train, then set trained_until in the [[staff]] table"
        case Lack.CLOCK_UNTRUSTED:
            raise NotAllowed(lack, "the clock is not set: nobody knows whether training is in date")
    raise NotAllowed(lack, f"{config}: {said}")
