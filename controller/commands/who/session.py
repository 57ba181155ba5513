"""A key session: who asks, why, with which keys; each step of it is journalled before it is taken.

Never here: what is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from controller.commands import authority_key
from controller.commands.needs import need_option
from controller.commands.staff_journal import staff_journal
from controller.core import naming
from controller.core.event import Event, EventType, JsonValue
from controller.core.naming import Reason, Refusal, Wanted
from controller.settings.staff import Role
from controller.staff import roles
from controller.staff.journal import StaffJournal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from controller.settings.model import Settings
    from controller.store.boxes import Box

REFUSED = {
    Refusal.NOT_ASKED: "nothing was asked for in an event {ask}; run it without --approved first",
    Refusal.SOMETHING_ELSE: "something else was asked for in {ask}: with another event, card, reason or need",
    Refusal.SOMEBODY_ELSE: "it takes two people: whoever asked does it, and somebody else approves",
    Refusal.NOT_APPROVED: "nobody has approved it yet: `unlocked who approve {ask}`",
    Refusal.DONE_ALREADY: "it was done already, and an approval counts once; ask again",
    Refusal.TOO_LATE: "it was asked for more than a day ago, or the clock is not set; ask again",
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


class Keys:
    """The private keys that were brought, by id. Their content is in no ``repr``."""

    def __init__(self, keys: Mapping[str, X25519PrivateKey]) -> None:
        self._keys = dict(keys)

    @property
    def ids(self) -> list[str]:
        return sorted(self._keys)

    def open(self, box: Box) -> bytes | None:
        """What is in it; None where its key was not brought. Raises BoxNotOpened."""
        from controller.secrets import identity

        key = self._keys.get(box.key_id)
        return None if key is None else identity.open_box(key, box.content, box.info)

    def __repr__(self) -> str:
        return f"Keys({', '.join(self.ids)})"


@dataclass(frozen=True, slots=True)
class Session:
    """ask: the event in which it was asked for."""

    keys: Keys
    journal: StaffJournal
    ask: Event
    wanted: Wanted
    account: Mapping[str, JsonValue] = field(repr=False)
    still_approved: Callable[[], object] = field(repr=False)

    def opened(self, *, boxes: int, found: int, unreadable: int) -> None:
        """Journal what was done; before it is shown. Raises ClickException if it was done meanwhile."""
        self.still_approved()
        data: dict[str, JsonValue] = {
            "ask": self.ask.id,
            **self.wanted.data,
            "boxes": boxes,
            "found": found,
            "unreadable": unreadable,
            "keys": list(self.keys.ids),
            **self.account,
        }
        self.journal.record(EventType.IDENTITY_OPENED, "identities", data)


@contextmanager
def session(
    settings: Settings,
    config: Path,
    wanted: Wanted,
    key_files: Sequence[Path],
    passphrase_file: Path | None,
    approved: str | None,
    card: bytes | None = None,
) -> Iterator[Session | None]:
    """Open, once all is in order; None where a second person must approve first. card: what is searched for.

    Raises ClickException, JournalUnavailable, DatabaseUnusable, SecretMissing.
    """
    from controller.secrets import identity

    with staff_journal(settings, sealing=True) as journal:
        try:
            account = roles.check(settings, [Role.SUPERVISOR], journal.now(), config)
        except roles.NotAllowed as error:
            refused(journal, error.lack.value, wanted.data)
            raise
        two = people(settings) > 1
        if approved is None:
            private = {} if card is None else {"card": card}
            data = {**wanted.data, **account.data}
            ask = journal.record(EventType.IDENTITY_ASKED, "identities", data, private=private)
            if two:
                click.echo(f"asked for in {ask.id}; another supervisor approves it within a day:", err=True)
                click.echo(f"    unlocked who approve {ask.id}", err=True)
                click.echo(f"Then run the same again with --approved {ask.id}", err=True)
                yield None
                return
        else:
            ask = _approved(settings, journal, approved, wanted, account.data)
        if not key_files:
            raise click.UsageError("bring the authority's key file: --key FILE")
        try:
            keys = _keys(key_files, passphrase_file)
        except identity.PrivateKeyUnusable as error:
            refused(journal, "key", wanted.data)
            raise click.ClickException(str(error)) from error
        if approved is not None and card is not None:
            _same_card(settings, journal, ask, keys, card, wanted)

        def still_approved() -> None:
            if approved is not None:  # while a passphrase was typed, the same may have been run a second time
                _approved(settings, journal, approved, wanted, account.data)

        yield Session(keys, journal, ask, wanted, account.data, still_approved)


def people(settings: Settings) -> int:
    """How many the policy wants for naming a member; two where it cannot be known."""
    from controller.settings.load import SettingsError
    from controller.settings.policy.load import load_profile

    if settings.policy.profile is None:
        return 1
    try:
        return load_profile(settings.policy.profile).identities.people
    except SettingsError as error:
        click.echo(f"{error}; two people are needed until it is mended", err=True)
        return 2


def restricted(settings: Settings, reason: Reason) -> frozenset[str]:
    """The events that are not to be named for this reason. Raises click.ClickException if nobody knows."""
    from controller.settings.paths import Paths
    from controller.staff import hidden

    if reason.reaches_restricted:
        return frozenset()
    found = hidden.look_up(Paths.of(settings))
    found.check_known()
    return found.event_ids


def asked(settings: Settings, ask_id: str) -> tuple[Event | None, list[Event]]:
    """What was asked for by this id in the console's journal, and all that came after it."""
    from controller.settings.paths import Paths
    from controller.store.journal_reader import JournalReader

    with closing(JournalReader(Paths.of(settings).journal("console"))) as reader:
        ask, since = reader.find(ask_id), []
        after = ask.seq if ask is not None else reader.last_seq()
        while page := reader.read(after):
            since += page
            after = page[-1].seq
        return ask, since


def refused(journal: StaffJournal, cause: str, data: Mapping[str, JsonValue]) -> None:
    """Journal that somebody was refused, and why."""
    from controller.staff.account import account

    journal.record(EventType.IDENTITY_REFUSED, "identities", {"cause": cause, **data, **account().data})


def _approved(
    settings: Settings,
    journal: StaffJournal,
    ask_id: str,
    wanted: Wanted,
    account: Mapping[str, JsonValue],
) -> Event:
    ask, since = asked(settings, ask_id)
    refusal = naming.may_open(ask, since, wanted, account, journal.now())
    if refusal is not None or ask is None:
        refusal = refusal or Refusal.NOT_ASKED
        refused(journal, refusal.value, wanted.data)
        raise click.ClickException(REFUSED[refusal].format(ask=ask_id))
    return ask


def _keys(files: Sequence[Path], passphrase_file: Path | None) -> Keys:
    """Raises PrivateKeyUnusable, which names the file."""
    from controller.secrets import identity

    found = {}
    for file in files:
        passphrase = authority_key.known_passphrase(file, passphrase_file)
        try:
            key = identity.open_key_file(file.read_bytes(), passphrase)
        except OSError as error:
            raise identity.PrivateKeyUnusable(f"{file}: {error.strerror}") from error
        except identity.PrivateKeyUnusable as error:
            raise identity.PrivateKeyUnusable(f"{file}: {error}") from error
        found[identity.key_id(key.public_key())] = key
    return Keys(found)


def _same_card(
    settings: Settings, journal: StaffJournal, ask: Event, keys: Keys, card: bytes, wanted: Wanted
) -> None:
    """The approval is for the card that was asked for, which is sealed in the asking itself."""
    from controller.settings.paths import Paths
    from controller.store.boxes import BoxReader

    with closing(BoxReader(Paths.of(settings).journal("console"))) as reader:
        if any(keys.open(box) == card for box in reader.of_event(ask.id)):
            return
    refused(journal, Refusal.SOMETHING_ELSE.value, wanted.data)
    raise click.ClickException(REFUSED[Refusal.SOMETHING_ELSE].format(ask=ask.id))
