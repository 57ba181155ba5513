"""What is done to accounts, by a supervisor on a page or by root on the command line, and the events of it.

Each function saves and then records; where recording fails, nothing was saved. It saves what it is about and
nothing else: of two people who act at once neither takes back what the other did. Never here: who may
(``web.access``, and on the command line whoever may write the file).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from controller.console.accounts import passwords, throttle
from controller.console.accounts.models import StaffAccount
from controller.core.event import Event, EventType, JsonValue
from controller.settings.staff import Role

Record = Callable[[EventType, str, Mapping[str, JsonValue]], Event]
"""Journals what was done, with the account that did it. Raises JournalUnavailable."""
SUBJECT = "staff"
PASSWORD = ("password", "made_until", "stamp")


class NameTaken(Exception):
    """There is an account of this name."""


class Overtaken(Exception):
    """Its sessions were ended meanwhile, also the one in which its owner asked for this."""


def add(
    record: Record,
    name: str,
    roles: Collection[Role],
    trained_until: date | None,
    password: str | None = None,
) -> tuple[StaffAccount, str]:
    """The account and its password, which is made unless it was typed; a typed one counts as chosen.

    Raises NameUnusable, NameTaken, JournalUnavailable.
    """
    made = passwords.made() if password is None else password
    until = timezone.now() + passwords.MADE_FOR if password is None else None
    try:
        with transaction.atomic():
            account = StaffAccount.objects.make(name, roles, trained_until, made, until)
            record(EventType.STAFF_ADDED, SUBJECT, {"account": account.name, **_standing(account)})
    except IntegrityError:
        raise NameTaken(f"There is an account called {name} already") from None
    return account, made


def change(
    record: Record, account: StaffAccount, roles: Collection[Role], trained_until: date | None
) -> bool:
    """Whether there was anything to change. Counts at once, also for sessions that are open."""
    if account.roles == frozenset(roles) and account.trained_until == trained_until:
        return False
    account.give_roles(roles)
    account.trained_until = trained_until
    _save(record, account, ("roles_held", "trained_until"), "roles", **_standing(account))
    return True


def set_active(record: Record, account: StaffAccount, active: bool) -> None:
    """One that is not active cannot log in, and is logged out at once."""
    account.is_active = active
    account.end_sessions()
    _save(record, account, ("is_active", "stamp"), "enabled" if active else "disabled")


def new_password(record: Record, account: StaffAccount, password: str | None = None) -> str:
    """The one that was typed, or one that is made, to be changed when its owner logs in."""
    made = passwords.made() if password is None else password
    account.give_password(made, timezone.now() + passwords.MADE_FOR if password is None else None)
    _save(record, account, PASSWORD, "password")
    throttle.forgive(account.name)
    return made


def choose_password(record: Record, account: StaffAccount, password: str) -> None:
    """By its owner. Raises Overtaken."""
    with transaction.atomic():
        _check_still_open(account)
        account.give_password(password, None)
        _save(record, account, PASSWORD, "own_password")


def end_other_sessions(record: Record, account: StaffAccount) -> None:
    """By its owner. Raises Overtaken."""
    with transaction.atomic():
        _check_still_open(account)
        end_sessions(record, account)


def forget_factors(record: Record, account: StaffAccount) -> None:
    """Second factors, of somebody who has lost theirs; only where there are such. Ends all sessions."""
    from controller.console.sso.flow import forget_factors

    with transaction.atomic():
        forget_factors(account)
        end_sessions(record, account, "factors")


def end_sessions(record: Record, account: StaffAccount, what: str = "sessions") -> None:
    account.end_sessions()
    _save(record, account, ("stamp",), what)


def _check_still_open(account: StaffAccount) -> None:
    """Whether its sessions are still those that there were when it was read. Raises Overtaken."""
    if not StaffAccount.objects.filter(pk=account.pk, stamp=account.stamp, is_active=True).exists():
        raise Overtaken


def _save(
    record: Record, account: StaffAccount, fields: Collection[str], what: str, **more: JsonValue
) -> None:
    with transaction.atomic():
        account.save(update_fields=fields)
        record(EventType.STAFF_CHANGED, SUBJECT, {"account": account.name, "change": what, **more})


def _standing(account: StaffAccount) -> dict[str, JsonValue]:
    until = account.trained_until
    return {"roles": list(account.roles_held), "trained_until": until.isoformat() if until else None}
