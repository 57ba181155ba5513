"""``unlocked staff``: the accounts of the staff pages, for the first one and for whoever is locked out.

Whoever may write the console's folder may do it: root, or the console's own user. A password is made or
typed, never an argument, which others could read. Never here: what is done to an account
(``console.accounts.changes``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.settings.staff import NEED_TRAINING, Role

if TYPE_CHECKING:
    from controller.console.accounts.changes import Record
    from controller.console.accounts.models import StaffAccount
    from controller.core.event import Event, EventType, JsonValue

role_option = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="May be given several times.",
)
until_option = click.option(
    "--trained-until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day on which training counts, such as 2027-03-31.",
)
ask_option = click.option("--ask-password", is_flag=True, help="Type a password instead of having one made.")


@click.group("staff")
def command() -> None:
    """The accounts with which staff log in to the console's pages."""


@command.command("add", short_help="Add an account.")
@click.argument("name")
@role_option
@until_option
@ask_option
@config_option
def add(
    name: str, roles: tuple[str, ...], trained_until: datetime | None, ask_password: bool, config: Path
) -> None:
    """Add the account NAME. Its password is shown once, and is for choosing another one."""
    given, until = frozenset(map(Role, roles)), _day(trained_until)
    with accounts(config) as record:
        from controller.console.accounts import changes
        from controller.console.accounts.names import NameUnusable

        typed = _typed(name) if ask_password else None
        try:
            account, password = changes.add(record, name, given, until, typed)
        except (NameUnusable, changes.NameTaken) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{account.name}: added, {', '.join(account.roles_held)}")
    if given & NEED_TRAINING and until is None:
        click.echo(
            "Without --trained-until the roles supervisor and cctv may do nothing that needs training."
        )
    told_password(password, made=typed is None)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each account.")
@config_option
def list_(as_json: bool, config: Path) -> None:
    """Show the accounts, their roles, and until when training counts."""
    with accounts(config):
        from controller.console.accounts.models import StaffAccount

        found = list(StaffAccount.objects.all())
    for one in found:
        until = one.trained_until.isoformat() if one.trained_until else None
        if as_json:
            said: dict[str, object] = {"account": one.name, "roles": one.roles_held, "trained_until": until}
            click.echo(json.dumps(said | {"active": one.is_active}))
        else:
            off = "" if one.is_active else "  (disabled)"
            click.echo(f"{one.name}  {', '.join(one.roles_held)}  trained until {until or '-'}{off}")
    if not found and not as_json:
        click.echo("There is no account yet: `unlocked staff add` makes the first one.")


@command.command("passwd", short_help="Give an account another password.")
@click.argument("name")
@ask_option
@config_option
def passwd(name: str, ask_password: bool, config: Path) -> None:
    """Give NAME another password. It is logged out, and may try at once if it was wrong too often."""
    with accounts(config) as record:
        from controller.console.accounts import changes

        account = _account(name)
        typed = _typed(name) if ask_password else None
        password = changes.new_password(record, account, typed)
    click.echo(f"{account.name}: the former password does not work any more")
    told_password(password, made=typed is None)


@command.command("roles", short_help="Change roles and training.")
@click.argument("name")
@role_option
@until_option
@config_option
def roles(name: str, roles: tuple[str, ...], trained_until: datetime | None, config: Path) -> None:
    """Give NAME these roles and no others. The last day of training stays unless it is given."""
    with accounts(config) as record:
        from controller.console.accounts import changes

        account = _account(name)
        until = _day(trained_until) or account.trained_until
        changed = changes.change(record, account, frozenset(map(Role, roles)), until)
    what = f"{', '.join(account.roles_held)}, trained until {until or '-'}"
    click.echo(f"{account.name}: {what}{'' if changed else ' already; nothing was changed'}")


@command.command("disable", short_help="Let nobody log in with an account.")
@click.argument("name")
@config_option
def disable(name: str, config: Path) -> None:
    """Disable NAME: it is logged out and cannot log in. Its name stays in the records."""
    _set_active(name, config, False)


@command.command("enable", short_help="Undo that.")
@click.argument("name")
@config_option
def enable(name: str, config: Path) -> None:
    """Let NAME log in again, with the password it had."""
    _set_active(name, config, True)


@command.command("forget-factors", short_help="Remove second factors that are lost.")
@click.argument("name")
@config_option
def forget_factors(name: str, config: Path) -> None:
    """Remove the second factors of NAME, when you have seen who asks. Only where [console.sso] is set."""
    if load_settings(config).console.sso is None:
        raise click.ClickException(f"{config}: there are no second factors without [console.sso]")
    with accounts(config) as record:
        from controller.console.accounts import changes

        account = _account(name)
        changes.forget_factors(record, account)
    click.echo(f"{account.name}: has no second factor any more")


def _set_active(name: str, config: Path, active: bool) -> None:
    with accounts(config) as record:
        from controller.console.accounts import changes

        account = _account(name)
        changes.set_active(record, account, active)
    click.echo(f"{account.name}: {'enabled' if active else 'disabled'}")


@contextmanager
def accounts(config: Path) -> Iterator[Record]:
    """The console's accounts at hand, and what journals a change of them. Raises click.ClickException."""
    from controller.commands.staff_journal import staff_journal
    from controller.console.sso.options import SsoMissing
    from controller.settings.paths import Paths
    from controller.staff.account import account
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    try:
        with staff_journal(settings) as journal:
            from controller.console.accounts.command_line import opened

            with opened(settings, Paths.of(settings).console):

                def record(type: EventType, subject: str, data: Mapping[str, JsonValue]) -> Event:
                    return journal.record(type, subject, {**data, **account().data})

                yield record
    except (DatabaseUnusable, JournalUnavailable, SsoMissing) as error:
        raise click.ClickException(str(error)) from error


def _account(name: str) -> StaffAccount:
    from controller.console.accounts.models import StaffAccount
    from controller.console.accounts.names import plain

    found: StaffAccount | None = StaffAccount.objects.filter(name=plain(name)).first()
    if found is None:
        raise click.ClickException(f"there is no account {name}; `unlocked staff list` shows them")
    return found


def _typed(name: str) -> str:
    from controller.console.accounts.command_line import fault_of_password

    typed = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    fault = fault_of_password(typed, name)
    if fault is not None:
        raise click.ClickException(fault)
    return typed


def told_password(password: str, *, made: bool) -> None:
    if made:
        click.echo(f"Password, shown this once, for choosing another one within a week: {password}")


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None
