"""What the commands that open boxes have in common: their options, who runs them, and the keys they bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from controller.commands import authority_key
from controller.commands.needs import need_option
from controller.commands.staff_journal import staff_journal
from controller.core.naming import Reason, Refusal, Wanted
from controller.settings.staff import Role
from controller.staff import account, roles
from controller.staff.naming import people
from controller.staff.naming.case import Case, NotNamed, refused

if TYPE_CHECKING:
    from controller.settings.model import Settings
    from controller.staff.naming.keys import Keys

HINTS = {
    Refusal.NOT_ASKED.value: "run it without --approved first",
    Refusal.NOT_APPROVED.value: "`unlocked who approve {ask}`",
}


def who_options(command: Any) -> Any:
    """The options of a command that opens boxes."""
    for option in reversed(
        (
            click.option(
                "--key",
                "key_files",
                type=click.Path(path_type=Path, exists=True, dir_okay=False),
                multiple=True,
                help="The authority's key file; once for each, where keys were changed.",
            ),
            click.option(
                "--passphrase-file",
                type=click.Path(path_type=Path, exists=True, dir_okay=False),
                help="The passphrase of the key files, instead of asking for each.",
            ),
            click.option(
                "--reason", type=click.Choice([reason.value for reason in Reason]), required=True, help="Why."
            ),
            need_option,
            click.option("--approved", metavar="ID", help="What was asked for before, and approved since."),
            click.option("--json", "as_json", is_flag=True, help="Lines of JSON."),
        )
    ):
        command = option(command)
    return command


@contextmanager
def case(settings: Settings, config: Path, wanted: Wanted, approved: str | None) -> Iterator[Case]:
    """Of the account that logged in, a supervisor in training.

    Raises Refused, JournalUnavailable, DatabaseUnusable, SecretMissing.
    """
    with staff_journal(settings, sealing=True) as journal:
        try:
            who = roles.check(settings, [Role.SUPERVISOR], journal.now(), config)
        except roles.NotAllowed as error:
            refused(journal, account.account(), error.lack.value, wanted.data)
            raise
        try:
            yield Case(settings, journal, who, wanted, approved)
        except NotNamed as error:
            if hint := HINTS.get(error.cause):
                raise click.ClickException(f"{error}: {hint.format(ask=approved)}") from error
            raise


def wait_for_approval(asking: Case, card: bytes | None = None) -> None:
    """Where two people are needed: ask, and end with exit code 3. card: what is searched for."""
    needed = people.needed(asking.settings)
    if needed.problem is not None:
        click.echo(needed.problem, err=True)
    if asking.ask_id is not None or needed.people == 1:
        return
    ask = asking.ask(card)
    click.echo(f"asked for in {ask.id}; another supervisor approves it within a day:", err=True)
    click.echo(f"    unlocked who approve {ask.id}", err=True)
    click.echo(f"Then run the same again with --approved {ask.id}", err=True)
    raise SystemExit(3)


def keys(asking: Case, files: Sequence[Path], passphrase_file: Path | None) -> Keys:
    """Of the files that were brought, once it was approved; the passphrase of each is asked for.

    Raises NotNamed, which is journalled, for a file that is no key, or not with this passphrase.
    """
    from controller.secrets.identity import PrivateKeyUnusable
    from controller.staff.naming.keys import Keys, open_key

    asking.check()
    if not files:
        raise click.UsageError("bring the authority's key file: --key FILE")
    found = []
    for file in files:
        passphrase = authority_key.known_passphrase(file, passphrase_file)
        try:
            found.append(open_key(str(file), file.read_bytes(), passphrase))
        except OSError as error:
            asking.refuse("key", f"{file}: {error.strerror}")
        except PrivateKeyUnusable as error:
            asking.refuse("key", str(error))
    return Keys(found)
