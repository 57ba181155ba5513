"""Asked about the branch itself: its names, its hours, what it promises."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from controller.commands.setup.answers import NO_POLICY
from controller.commands.setup.guided.conversation import Conversation, Table, field, tell
from controller.settings import hours_text
from controller.settings.bank_holidays import Nation
from controller.settings.model import Branch
from controller.settings.policy.load import PolicyUnusable, load_profile
from controller.settings.shipped import profiles


def names(asked: Conversation) -> None:
    table = asked.table("branch")
    tell("Authority and branch are in the topics of messages: small letters, digits and hyphens.")
    asked.ask("Authority, such as worcestershire", table, "authority", field(Branch, "authority"))
    asked.ask("Branch, such as droitwich", table, "branch", field(Branch, "branch"))
    asked.ask("Its name for people, such as Droitwich Library", table, "name", field(Branch, "name"))


def hours(asked: Conversation) -> None:
    tell(
        "Local times. In staffed hours nobody needs a card; in unstaffed hours a valid card opens the door; "
        "the rest is closed.\nSuch as: mon-fri 08:00-20:00, sat 09:00-12:00 13:00-17:00. Or: none"
    )
    for kind in ("staffed", "unstaffed"):
        found = asked.table("hours").get(kind)
        before = hours_text.written(found) if isinstance(found, dict) else hours_text.NONE
        typed = click.prompt(f"{kind.capitalize()} hours", default=before, value_proc=_hours)
        asked.table("hours")[kind] = hours_text.parsed(str(typed))
        asked.save()
    if not asked.table("hours")["unstaffed"]:
        click.echo("Without unstaffed hours no card opens the door, at any time.")
    tell("Bank holidays are closed all day; other hours for them, and for single dates, go into the file.")
    nations: list[tuple[Nation | None, str]] = [
        ("england-and-wales", "England and Wales"),
        ("scotland", "Scotland"),
        ("northern-ireland", "Northern Ireland"),
        (None, "none: bank holidays are days like any other"),
    ]
    table = asked.table("hours", "bank_holidays")
    chosen = asked.choose("Whose bank holidays?", nations, _nation(table))
    if chosen is None:
        table.pop("nation", None)
    else:
        table["nation"] = chosen
    asked.save()


def _nation(table: Table) -> Nation:
    found = table.get("nation")
    return next((one for one in get_args(Nation) if one == found), "england-and-wales")


def _hours(typed: str) -> str:
    try:
        hours_text.parsed(typed)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return typed


def promises(asked: Conversation) -> None:
    tell(
        "What the privacy notice promises: how long what is kept. Choose what is most like yours; it is a "
        "draft until your data protection officer has accepted what it assumes. Without one nothing is "
        "recorded."
    )
    setup, policy = asked.table("setup"), asked.table("policy")
    own = "a file of your own"
    there = policy.get("profile")
    options: list[tuple[str, str]] = [(name, name) for name in profiles()]
    options += [(own, own), (NO_POLICY, "none for now: nothing is recorded")]
    if there is not None:
        options.insert(0, ("", f"{there}, as set"))
    before = str(setup.get("policy", options[0][0]))
    chosen = asked.choose("Policy profile", options, before if before in dict(options) else own)
    if chosen == own:
        chosen = str(
            click.prompt(
                "Its file", default=before if before not in dict(options) else None, value_proc=_profile
            )
        )
    if chosen:
        policy.pop("profile", None)
        setup["policy"] = chosen
    else:
        setup.pop("policy", None)
    asked.save()


def _profile(typed: str) -> str:
    try:
        load_profile(Path(typed))
    except PolicyUnusable as error:
        raise click.BadParameter(str(error)) from error
    return str(Path(typed).absolute())
