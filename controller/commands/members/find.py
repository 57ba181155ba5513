"""``unlocked members find``: what the branch knows of one card. Neither its number nor a name is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.core.card import CardNumber
    from controller.core.event import JsonValue, Stamp
    from controller.door.admission import Known
    from controller.settings.model import Settings
    from controller.store.members_view import Told

LEFT_ASIDE = "Left aside: hours, lockdown, PIN and whatever else `unlocked explain` considers."


@click.command("find", short_help="What is known of one card, from whom, and how old it is.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def find(as_json: bool, config: Path) -> None:
    """Say what the branch knows of a card, who told it and when, and whether the membership is in order.

    Asks for the card number, or reads it from standard input, so that it is not in the shell's history. The
    library management system is not asked. That somebody looked is journalled, and of a card that is known
    also which one, sealed to the authority.
    """
    from controller.commands.card_input import card_number
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.secrets.credentials import SecretMissing
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    try:
        with staff_journal(settings, sealing=True) as journal:
            card = card_number(settings)
            known, told = _look_up(settings, card)
            now = journal.now()
            journal.record(
                EventType.MEMBERSHIP_SHOWN,
                "members",
                {"known": known.anything},
                private={"card": card.reveal().encode()} if known.anything else {},
            )
    except (DatabaseUnusable, JournalUnavailable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error
    words = _words(settings, known, told, now)
    verdict, why = _verdict(settings, known, told, now)
    if as_json:
        membership = known.found.membership
        data: dict[str, JsonValue] = {
            "known": dict(words),
            "as_of_us": None if membership is None else membership.as_of_us,
            "live": told is not None,
            "gone_us": None if told is None or told.known else told.as_of_us,
            "verdict": verdict,
            "why": why,
        }
        click.echo(json.dumps(data))
        return
    for name, value in words.items():
        click.echo(f"{name.replace('_', ' ') + ':':15}{value}")
    click.echo(f"In unstaffed hours: {verdict}. {why}")
    click.echo(LEFT_ASIDE)


def _look_up(settings: Settings, card: CardNumber) -> tuple[Known, Told | None]:
    """What is known of the card, and the live answer that counts, if any. Raises SecretMissing."""
    from controller.door.admission import NOTHING, Known
    from controller.secrets import credentials, site_key
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseMissing
    from controller.store.members import Members
    from controller.store.members_view import MembersView

    paths = Paths.of(settings)
    member_ref = site_key.member_ref(credentials.read(credentials.SITE_KEY, paths.secrets), card)
    members, view = Members(paths.members), MembersView(paths.members)
    try:
        return Known(member_ref, members.find(member_ref)), view.told_live(member_ref)
    except DatabaseMissing:
        return Known(member_ref, NOTHING), None
    finally:
        members.close()
        view.close()


def _words(settings: Settings, known: Known, told: Told | None, now: Stamp) -> dict[str, str]:
    from controller.commands import when
    from controller.commands.membership_words import of_listing, of_membership
    from controller.core.local_time import local_date

    zone, words = when.zone(settings), {}
    membership, listed = known.found.membership, known.found.listed
    if membership is not None:
        words = of_membership(membership, local_date(now.wall_us, zone))
        words["told_by"] = "the import" if told is None else "a live answer"
        age = when.ago(now.wall_us - membership.as_of_us)
        words["as_of"] = f"{when.shown(membership.as_of_us, zone)}, {age}"
    if listed is not None:
        words["list"] = of_listing(listed)
    return words


def _verdict(settings: Settings, known: Known, told: Told | None, now: Stamp) -> tuple[str, str]:
    """What the door would decide in unstaffed hours if nothing but the card mattered, and why."""
    from controller.commands import when
    from controller.core.hours import Mode, Now
    from controller.door.admission import Here, Rules
    from controller.door.explained import explanation

    class _Unstaffed:
        def at(self, wall_us: int) -> Now:  # noqa: ARG002 -- whenever it is
            return Now(Mode.UNSTAFFED, until_us=None, entry=True)

    rules = Rules(
        hours=_Unstaffed(),
        zone=when.zone(settings),
        max_age_us=settings.membership.max_age_us,
        minimum_age=settings.access.minimum_age,
        categories={},
    )
    question = explanation.Question(
        rules,
        known,
        Here(lockdown=False),
        now.wall_us,
        now.wall_us,
        clock_trusted=now.clock_trusted,
        pin_needed=lambda _at_us: False,
    )
    why = explanation.why(question)
    if told is not None and not told.known:
        at = when.shown(told.as_of_us, when.zone(settings))
        why += f" The library management system said at {at} that it has no such card any more."
    return explanation.verdict(question.decision(now.wall_us)), why
