"""Asked about the authority's key, and about who is the first to log in to the staff pages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from controller.commands.setup.answers import Account
from controller.commands.setup.guided.conversation import SECRETS, Conversation, field, tell, yes
from controller.secrets import credentials
from controller.settings.staff import Role

STATE = "/var/lib/unlocked"
NEW, BROUGHT, NONE = "private_key_to", "public_key", "throw_away"


def authority_key(asked: Conversation) -> None:
    folder = Path(str(asked.table("branch").get("secrets_dir", SECRETS)))
    if credentials.stored_as(credentials.AUTHORITY_PUBLIC_KEY, folder).exists():
        click.echo("The authority's public key is there already.")
        return
    tell(
        "Card numbers in events are sealed to the authority's key. Its private half opens them, is locked "
        "with a passphrase that is asked for at the end, and must leave this machine."
    )
    table = asked.table("setup", "authority_key")
    ways = [
        (NEW, "make a new pair of keys"),
        (BROUGHT, "take the public key that another branch of the authority has"),
        (NONE, "a demo: nobody keeps a private key"),
    ]
    chosen = asked.choose("Key of the authority", ways, next((way for way, _ in ways if way in table), NEW))
    for way, _ in ways:
        if way != chosen:
            table.pop(way, None)
    if chosen == NONE:
        table[NONE] = True
    elif chosen == NEW:
        usual = "/media/stick/authority-private-key.pem"
        asked.ask("Where the private key goes, such as a USB stick", table, NEW, _new_file, usual)
        table.setdefault(NEW, usual)
    else:
        asked.ask("File of the public key", table, BROUGHT, _file)
    asked.save()


def _new_file(typed: str) -> str:
    file = Path(typed)
    if not file.parent.is_dir() or file.exists():
        why = "is there already" if file.exists() else "lies in no folder that is there"
        raise click.BadParameter(f"{file} {why}")
    return str(file.absolute())


def _file(typed: str) -> str:
    if not Path(typed).is_file():
        raise click.BadParameter(f"{typed} is not there")
    return str(Path(typed).absolute())


def account(asked: Conversation) -> None:
    if _accounts(asked).exists() and "account" not in asked.table("setup"):
        click.echo("There are accounts already: `unlocked staff list` shows them.")
        return
    tell("The first account of the staff pages is a supervisor's, who adds all others there.")
    console, setup = asked.table("console"), asked.table("setup")
    if not yes("Are the staff pages wanted", default=bool(console.get("pages", True))):
        console["pages"] = False
        setup.pop("account", None)
        asked.save()
        return
    console.pop("pages", None)
    table = asked.table("setup", "account")
    asked.ask("Name to log in with, such as j.smith", table, "name", field(Account, "name"))
    table["roles"] = [Role.SUPERVISOR.value]
    tell("Supervisors count only while their training is in date.")
    typed = click.prompt(
        "Last day of the training, such as 2027-03-31",
        default=str(table.get("trained_until", "")) or None,
        value_proc=_day,
    )
    table["trained_until"] = typed
    asked.save()
    tell("The password is made and shown once, at the end.")


def _accounts(asked: Conversation) -> Path:
    return Path(str(asked.table("branch").get("state_dir", STATE))) / "console" / "console.db"


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(str(typed))
    except ValueError as error:
        raise click.BadParameter("write it as 2027-03-31") from error
