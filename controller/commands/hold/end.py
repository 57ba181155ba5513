"""``unlocked hold end``: one supervisor ends a hold, or proposes it and a second one confirms."""

from __future__ import annotations

import json
import secrets
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.hold.words import LONGEST_REASON, text_option
from controller.core.proposal import Outcome
from controller.settings.staff import Role
from controller.staff import roles
from controller.staff.lost import lost

if TYPE_CHECKING:
    from controller.core.event import Stamp
    from controller.core.proposal import Proposal
    from controller.settings.paths import Paths
    from controller.staff.account import Account
    from controller.staff.journal import StaffJournal
    from controller.store.registers import Registers


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
    from controller.commands.hold.rules import hold_rules
    from controller.commands.staff_journal import staff_journal
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.registers import NotInForce, Registers

    settings = load_settings(config)
    rules = hold_rules(settings, strict=True)
    try:
        with (
            staff_journal(settings) as journal,
            closing(Registers.open(Paths.of(settings).registers, journal.reserve)) as registers,
        ):
            now = journal.now()
            if not now.clock_trusted:
                raise click.ClickException("the clock is not set: the cooling off cannot be counted from now")
            who = roles.check(settings, {Role.SUPERVISOR}, now, config)
            desk = _Desk(Paths.of(settings), registers, journal, who, now)
            proposal = desk.proposed(hold_id)
            if rules.people_to_end == 2 and proposal is None:
                desk.propose(hold_id, _given(reason))
                done = False
            else:
                desk.end(hold_id, _given(reason, proposal), proposal, rules.cooling_off_days)
                done = True
    except (DatabaseUnusable, JournalUnavailable, NotInForce) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"id": hold_id, "ended": done, "by": who.user}))
    elif done:
        click.echo(f"hold {hold_id} ended; what it covered stays for {rules.cooling_off_days} days more")
    else:
        click.echo(f"the end of hold {hold_id} is proposed; another supervisor confirms it with")
        click.echo(f"  unlocked hold end {hold_id}")


def _given(reason: str | None, proposal: Proposal | None = None) -> str:
    if reason is None and proposal is None:
        raise click.UsageError("say why it is no longer needed: --reason")
    return reason or (proposal.reason if proposal else "")


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where somebody ends a hold, or proposes it. Its methods raise NotInForce."""

    paths: Paths
    registers: Registers
    journal: StaffJournal
    who: Account
    now: Stamp

    def proposed(self, hold_id: str) -> Proposal | None:
        from controller.core.proposal import Kind

        return next(
            (
                one
                for one in self.registers.proposals()
                if one.open and (one.kind, one.about) == (Kind.HOLD_END, hold_id)
            ),
            None,
        )

    def propose(self, hold_id: str, reason: str) -> None:
        from controller.core.event import EventType, event_id
        from controller.core.proposal import Kind, Proposal
        from controller.store.registers import NotInForce

        in_force = any(hold.id == hold_id and hold.ended_us is None for hold in self.registers.holds())
        if not in_force and not lost(self.paths, self.registers, hold_id):
            raise NotInForce(f"there is no hold {hold_id} in force")
        made = event_id(self.now.wall_us, secrets.randbits(74))
        self.registers.propose(
            Proposal(made, Kind.HOLD_END, hold_id, reason, self.now.wall_us, self.who.user)
        )
        self.journal.record(EventType.HOLD_END_PROPOSED, "registers", {"hold": hold_id, **self.who.data})

    def end(self, hold_id: str, reason: str, proposal: Proposal | None, cooling_off_days: int) -> None:
        from controller.core.event import EventType
        from controller.store.registers import NotInForce

        if proposal is not None and not proposal.second_person(self.who.user):
            raise click.ClickException(f"{self.who.user} has proposed this; another supervisor confirms it")
        try:
            self.registers.end_hold(
                hold_id,
                self.now.wall_us,
                reason,
                by=self.who.user,
                cooling_off_days=cooling_off_days,
                proposal=proposal,
            )
        except NotInForce:
            if not lost(self.paths, self.registers, hold_id):
                raise
            if proposal is not None:
                self.registers.decide(proposal.id, self.now.wall_us, self.who.user, Outcome.CONFIRMED)
        proposed = {"proposal": proposal.id} if proposal else {}
        self.journal.record(EventType.HOLD_ENDED, "registers", {"hold": hold_id, **proposed, **self.who.data})
