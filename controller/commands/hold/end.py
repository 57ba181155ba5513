"""``unlocked hold end``: one supervisor ends a hold, or proposes it and a second one confirms."""

from __future__ import annotations

import json
from pathlib import Path

import click

from controller.commands.common import config_option, load_settings
from controller.commands.hold.words import LONGEST_REASON, text_option


@click.command("end", short_help="End a hold.")
@click.argument("hold_id", metavar="ID")
@text_option("--reason", LONGEST_REASON, help="Why it is no longer needed; no names.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@config_option
def end(hold_id: str, reason: str | None, as_json: bool, config: Path) -> None:
    """End the hold ID. What it covered stays for some days more: seven, or as the policy profile says.

    For a supervisor whose training is in date ([[staff]] in branch.toml). Where the profile asks for two
    people, the first gives the reason and the second, another account, runs it again to confirm. Also for a
    hold that the register has lost: until it is ended or restored, nothing is destroyed.

    Exits with 1 if it is not in force, or if you may not.
    """
    from controller.commands.staff_journal import staff_journal
    from controller.settings.paths import Paths
    from controller.staff import roles
    from controller.staff.desk import desk
    from controller.staff.holds import ending
    from controller.staff.holds.rules import hold_rules
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.registers import NotInForce

    settings = load_settings(config)
    rules = hold_rules(settings, strict=True)
    try:
        with staff_journal(settings) as journal:
            who = roles.check(settings, ending.MAY_END, journal.now(), config)
            with desk(Paths.of(settings), journal, who) as at:
                if (proposal := ending.proposed(at, hold_id)) is None:
                    done = ending.end(at, rules, hold_id, reason or "")
                else:
                    ending.confirm(at, rules, proposal, reason)
                    done = True
    except ending.NoReason as error:
        raise click.UsageError(f"{error}: --reason") from error
    except (DatabaseUnusable, JournalUnavailable, NotInForce) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"id": hold_id, "ended": done, "by": who.user}))
    elif done:
        click.echo(f"hold {hold_id} ended; what it covered stays for {rules.cooling_off_days} days more")
    else:
        click.echo(f"the end of hold {hold_id} is proposed; another supervisor confirms it with")
        click.echo(f"  unlocked hold end {hold_id}")
