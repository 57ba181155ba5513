"""``unlocked explain``: why a card is let in or refused, now or at another time."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from controller.core.card import CardNumber
    from controller.core.event import JsonValue
    from controller.door.admission import Here, Known
    from controller.door.explained.explanation import Question
    from controller.settings.door import Door
    from controller.settings.model import Settings
    from controller.settings.reader import Reader

NOT_CONSIDERED = "lock-outs, anti-passback and companions, which only the door itself knows"
NOT_KNOWN = "the door does not answer, so neither are lockdown and evacuation"
SUPPOSED = (
    "supposing that there is no lockdown and no evacuation then, that staff have opened up in staffed hours, "
    "and that memberships are as fresh as they are now"
)


@click.command("explain")
@click.option(
    "--card", default="-", help="The number. Better unset: it is then asked for, or read from stdin."
)
@click.option("--at", help='Such as "2026-12-24 18:30" (local). Unset: now, and as the door is now.')
@click.option("--door", "door_id", help="Which door. Unset: the first.")
@click.option("--reader", "reader_id", help="Which of its readers. Unset: its first.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@click.option("--table", is_flag=True, help="Print what can be the case and what comes of it, as Markdown.")
@config_option
def command(
    card: str,
    at: str | None,
    door_id: str | None,
    reader_id: str | None,
    as_json: bool,
    table: bool,
    config: Path,
) -> None:
    """Say why a card is let in or refused, by which rule, and when it would be let in next.

    That it was asked is journalled, with the card sealed to the authority.
    """
    if table:
        from controller.door.explained.decision_table import markdown

        click.echo(markdown(), nl=False)
        return
    settings = load_settings(config)
    door, reader = _which(settings, door_id, reader_id)
    told = _told(settings, door, reader, card, at)
    if as_json:
        click.echo(json.dumps(told.data))
        return
    click.echo(f"{told.at}, door {door.id}, reader {reader.id}: {told.verdict}.")
    click.echo(told.why)
    if told.next_time:
        click.echo(f"Next: {told.next_time}.")
    for name, value in told.known.items():
        click.echo(f"  {name.replace('_', ' ') + ':':15}{value}")
    click.echo(f"Not considered: {told.caveat}.")


@dataclass(frozen=True, slots=True)
class _Told:
    """What is said, in words; data: the same for programs."""

    at: str
    verdict: str
    why: str
    next_time: str
    known: Mapping[str, str]
    caveat: str
    data: Mapping[str, JsonValue]


def _which(settings: Settings, door_id: str | None, reader_id: str | None) -> tuple[Door, Reader]:
    try:
        door = settings.doors[0] if door_id is None else settings.door(door_id)
        return door, door.readers[0] if reader_id is None else door.reader(reader_id)
    except (LookupError, StopIteration):
        there = "; ".join(
            f"{door.id} ({', '.join(reader.id for reader in door.readers)})" for door in settings.doors
        )
        raise click.BadParameter(
            f"there is no such door or reader; the settings have these doors (readers): {there}"
        ) from None


def _told(settings: Settings, door: Door, reader: Reader, card: str, at: str | None) -> _Told:
    from controller.commands import when
    from controller.commands.card_input import card_number
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.secrets.credentials import SecretMissing
    from controller.store.journal import JournalUnavailable

    try:
        with staff_journal(settings, sealing=True) as journal:
            number = card_number(settings, card)
            now = journal.now()
            at_us = now.wall_us if at is None else when.moment_us(at, when.zone(settings))
            known, fault = _look_up(settings, number)
            journal.record(
                EventType.ACCESS_EXPLAINED,
                door.id,
                {"reader": reader.id, "at_us": None if at is None else at_us},
                private={"card": number.reveal().encode()} if known.anything else {},
            )
    except (JournalUnavailable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error
    here, trusted, caveat = _as_it_is(settings, door, reader) if at is None else _supposed(reader)
    question = _question(settings, known, here, at_us, now.wall_us, trusted)
    return _in_words(question, fault, caveat)


def _look_up(settings: Settings, card: CardNumber) -> tuple[Known, str]:
    """What is known of the card, and what is wrong with the memberships. Raises SecretMissing."""
    from controller.door.admission import NOTHING, Known
    from controller.secrets import credentials, site_key
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.members import Members

    paths = Paths.of(settings)
    member_ref = site_key.member_ref(credentials.read(credentials.SITE_KEY, paths.secrets), card)
    members = Members(paths.members)
    try:
        return Known(member_ref, members.find(member_ref)), ""
    except DatabaseUnusable as error:
        return Known(member_ref, NOTHING, readable=False), str(error)
    finally:
        members.close()


def _as_it_is(settings: Settings, door: Door, reader: Reader) -> tuple[Here, bool, str]:
    """The door as it says it is now: its state, whether the clock is trusted, and what is left out."""
    from controller.commands.staff_journal import now
    from controller.core.door import IN_FORCE, LEAVE, Emergency, Mode
    from controller.door.admission import Here
    from controller.ipc.client import NoAnswer, WrongServer, ask
    from controller.ipc.door_commands import server_uids
    from controller.ipc.messages import Request
    from controller.settings.paths import Paths

    try:
        reply = ask(Paths.of(settings).socket("door"), Request("status", {}), server_uids=server_uids())
    except (NoAnswer, WrongServer):
        trusted = now(settings).clock_trusted
        return Here(lockdown=False, side=reader.side), trusted, f"{NOT_CONSIDERED}, and capacity; {NOT_KNOWN}"
    mode = Mode(str(_table(_table(reply.data, "doors"), door.id)["mode"]))
    emergencies = IN_FORCE[mode]
    here = Here(
        lockdown=Emergency.LOCKDOWN in emergencies,
        side=reader.side,
        evacuation=bool(emergencies & LEAVE),
        awaits_first_person=door.unlocked_when_staffed and mode is not Mode.HOLD_OPEN,
        full=_table(reply.data, "occupancy").get("full") is True,
    )
    return here, bool(reply.data["clock_trusted"]), NOT_CONSIDERED


def _table(data: Mapping[str, JsonValue], name: str) -> Mapping[str, JsonValue]:
    found = data.get(name, {})
    assert isinstance(found, dict)
    return found


def _supposed(reader: Reader) -> tuple[Here, bool, str]:
    from controller.door.admission import Here

    return Here(lockdown=False, side=reader.side), True, f"{NOT_CONSIDERED}, and capacity; {SUPPOSED}"


def _question(
    settings: Settings, known: Known, here: Here, at_us: int, now_us: int, trusted: bool
) -> Question:
    from controller.commands import when
    from controller.door.admission_rules import admission_rules
    from controller.door.branch_hours import BranchHours
    from controller.door.explained.explanation import Question
    from controller.settings.rules import pin_needed

    with closing(BranchHours(settings)) as hours:
        rules = admission_rules(settings, hours.schedule())
    return Question(
        rules,
        known,
        here,
        at_us,
        now_us,
        clock_trusted=trusted,
        pin_needed=pin_needed(settings.pin, when.zone(settings)),
    )


def _in_words(question: Question, fault: str, caveat: str) -> _Told:
    from controller.commands.membership_words import of_listing, of_membership
    from controller.core.access import Refused
    from controller.door.explained import explanation

    decision = question.decision(question.at_us)
    reason = decision.reason.value if isinstance(decision, Refused) else None
    why = fault[:1].upper() + fault[1:] if fault else explanation.why(question)
    next_us = explanation.next_time(question) if reason else None
    asks_first = question.would_ask(question.at_us)
    if asks_first:
        why = f"{why} {explanation.ASKS_FIRST}"
    known: dict[str, str] = {}
    if (membership := question.known.found.membership) is not None:
        known = of_membership(membership, question.day(question.at_us))
        known["copied"] = question.shown(membership.as_of_us)
    if (listed := question.known.found.listed) is not None:
        known["list"] = of_listing(listed)
    known["hours"] = question.hours(question.at_us).mode.value.replace("_", " ")
    next_time = ""
    if reason:
        next_time = "not as things stand" if next_us is None else question.shown(next_us)
    return _Told(
        question.shown(question.at_us),
        explanation.verdict(decision),
        why,
        next_time,
        known,
        caveat,
        {
            "at_us": question.at_us,
            "opens": reason is None,
            "verdict": explanation.verdict(decision),
            "reason": reason,
            "why": why,
            "asks_first": asks_first,
            "next_us": next_us,
            "known": dict(known),
            "not_considered": caveat,
        },
    )
