"""``unlocked members block``, ``unblock``, ``allow`` and ``disallow``: the branch's own lists of cards."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controller.core.membership import Listing
    from controller.settings.model import Settings
    from controller.staff.journal import StaffJournal
    from controller.store.members_owner import MembersOwner

DAY = click.DateTime(["%Y-%m-%d"])
UNTIL = "The last day on which it counts, such as 2026-12-24."


@click.command("block")
@click.option("--until", type=DAY, metavar="YYYY-MM-DD", help=f"{UNTIL} Unset: until `unblock`.")
@config_option
def block(until: datetime | None, config: Path) -> None:
    """Refuse a card, whatever the library says of it.

    Asks for the card number, or reads it from standard input, so that it is not in the shell's history.
    """
    from controller.core.membership import Listing

    _put(load_settings(config), Listing.BLOCKED, until.date() if until else None)


@click.command("allow")
@click.option("--until", type=DAY, metavar="YYYY-MM-DD", required=True, help=UNTIL)
@config_option
def allow(until: datetime, config: Path) -> None:
    """Let a card in without a membership and without a PIN, at the hours of the branch.

    Asks for the card number, or reads it from standard input, so that it is not in the shell's history.
    """
    from controller.core.membership import Listing

    _put(load_settings(config), Listing.ALLOWED, until.date())


@click.command("unblock")
@config_option
def unblock(config: Path) -> None:
    """Take a card off the list of the blocked. Asks for its number, or reads it from standard input."""
    from controller.core.membership import Listing

    _take(load_settings(config), Listing.BLOCKED)


@click.command("disallow")
@config_option
def disallow(config: Path) -> None:
    """Take a card off the list of the allowed. Asks for its number, or reads it from standard input."""
    from controller.core.membership import Listing

    _take(load_settings(config), Listing.ALLOWED)


def _put(settings: Settings, listing: Listing, until: date | None) -> None:
    from controller.commands import when
    from controller.core.event import EventType
    from controller.core.local_time import local_date
    from controller.core.membership import Listed

    with _opened(settings) as (journal, owner, member_ref, private):
        today = local_date(journal.now().wall_us, when.zone(settings))
        if until is not None and until < today:
            raise click.ClickException(f"{until} is over; it would never count")
        owner.put_on_list(member_ref, Listed(listing, until), today)
        journal.record(
            EventType.MEMBERSHIP_LISTED,
            "members",
            {"list": listing.value, "until": until.isoformat() if until else None},
            private=private,
        )
    click.echo(f"the card is {listing.value}, {f'until the end of {until}' if until else 'until unblocked'}")


def _take(settings: Settings, listing: Listing) -> None:
    from controller.core.event import EventType

    with _opened(settings) as (journal, owner, member_ref, private):
        if not owner.take_off_list(member_ref, listing):
            raise click.ClickException(f"the card was not {listing.value}")
        journal.record(EventType.MEMBERSHIP_UNLISTED, "members", {"list": listing.value}, private=private)
    click.echo(f"the card is {listing.value} no more")


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[StaffJournal, MembersOwner, bytes, dict[str, bytes]]]:
    """The journal, the lists, the card's reference, and the card as the journal seals it."""
    from controller.commands.card_input import card_number
    from controller.commands.staff_journal import staff_journal
    from controller.secrets import credentials, site_key
    from controller.secrets.credentials import SecretMissing
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable
    from controller.store.members_owner import MembersOwner

    paths = Paths.of(settings)
    try:
        key = credentials.read(credentials.SITE_KEY, paths.secrets)
        with staff_journal(settings, sealing=True) as journal:
            card = card_number(settings)
            owner = MembersOwner.open(paths.members)
            try:
                private = {"card": card.reveal().encode()}
                yield journal, owner, site_key.member_ref(key, card), private
            finally:
                owner.close()
    except (DatabaseUnusable, JournalUnavailable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error
