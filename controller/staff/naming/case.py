"""A case in which a member is to be named: who wants what and why, and what is written down of it.

One person's naming or search is one event. Where two people are needed each of their steps is one: what was
asked for, that it was approved, that it was done. What is refused is one too. Never here: keys and boxes.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Protocol

from controller.core import naming
from controller.core.event import Event, EventType, JsonValue
from controller.core.naming import Refusal, Wanted
from controller.settings.paths import Paths
from controller.staff.naming import people
from controller.staff.refusal import Refused
from controller.store.journal_reader import JournalReader

if TYPE_CHECKING:
    from controller.core.event import Stamp
    from controller.settings.model import Settings
    from controller.staff.account import Account

SUBJECT = "identities"

SAID = {
    Refusal.NOT_ASKED: "nothing was asked for in an event {ask}",
    Refusal.SOMETHING_ELSE: "something else was asked for in {ask}: with another event, card, reason or need",
    Refusal.SOMEBODY_ELSE: "it takes two people: whoever asked does it, and somebody else approves",
    Refusal.NOT_APPROVED: "nobody has approved it yet",
    Refusal.DONE_ALREADY: "it was done already, and an approval counts once; ask again",
    Refusal.TOO_LATE: "it was asked for more than a day ago, or the clock is not set; ask again",
}

_one = threading.Lock()
"""Between looking whether something was done and writing down that it is: an approval counts once."""


class Recorder(Protocol):
    """What a ``staff.journal.StaffJournal`` does."""

    def now(self) -> Stamp: ...

    def record(
        self,
        type: EventType,
        subject: str,
        data: Mapping[str, JsonValue],
        *,
        private: Mapping[str, bytes] | None = None,
    ) -> Event: ...


class NotNamed(Refused):
    """It was refused, and that was written down. cause: in one word, as the event has it."""

    def __init__(self, cause: str, why: str) -> None:
        super().__init__(why)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Case:
    """journal: where each step is written down. ask_id: of the event in which it was asked for, where two
    people are needed.
    """

    settings: Settings
    journal: Recorder
    account: Account
    wanted: Wanted
    ask_id: str | None = None

    @property
    def paths(self) -> Paths:
        return Paths.of(self.settings)

    def ask(self, card: bytes | None = None) -> Event:
        """Ask somebody else to approve it. card: what is to be searched for; sealed to the authority."""
        data = {**self.wanted.data, **self.account.data}
        return self.journal.record(EventType.IDENTITY_ASKED, SUBJECT, data, private=_private(card))

    def check(self) -> Event | None:
        """In which event it was asked for; None where one person is enough. Raises NotNamed."""
        if self.ask_id is None:
            if people.needed(self.settings).people > 1:
                self.refuse(Refusal.NOT_APPROVED.value, SAID[Refusal.NOT_APPROVED])
            return None
        ask, since = asked(self.settings, self.ask_id)
        refusal = naming.may_open(ask, since, self.wanted, self.account.data, self.journal.now())
        if refusal is not None:
            self.refuse(refusal.value, SAID[refusal].format(ask=self.ask_id))
        return ask

    def opened(
        self,
        keys: Sequence[str],
        *,
        boxes: int,
        found: int,
        unreadable: int,
        card: bytes | None = None,
        cancelled: bool = False,
    ) -> Event:
        """Journal what was done; before any of it is shown. Raises NotNamed if it was done meanwhile.

        keys: their ids. card: what was searched for, sealed to the authority unless the asking has it.
        """
        data: dict[str, JsonValue] = {
            **self.wanted.data,
            "boxes": boxes,
            "found": found,
            "unreadable": unreadable,
            "keys": list(keys),
            **self.account.data,
        }
        if cancelled:
            data["cancelled"] = True
        with _one:
            if self.check() is not None:
                data, card = {"ask": self.ask_id, **data}, None
            return self.journal.record(EventType.IDENTITY_OPENED, SUBJECT, data, private=_private(card))

    def refuse(self, cause: str, why: str) -> NoReturn:
        """Journal that it was refused. Raises NotNamed."""
        refused(self.journal, self.account, cause, self.wanted.data)
        raise NotNamed(cause, why)


def asked(settings: Settings, ask_id: str) -> tuple[Event | None, list[Event]]:
    """What was asked for by this id in the console's journal, and all that came after it."""
    with closing(JournalReader(Paths.of(settings).journal("console"))) as reader:
        ask, since = reader.find(ask_id), []
        after = ask.seq if ask is not None else reader.last_seq()
        while page := reader.read(after):
            since += page
            after = page[-1].seq
        return ask, since


def refused(journal: Recorder, who: Account, cause: str, data: Mapping[str, JsonValue]) -> None:
    """Journal that somebody was refused, and why."""
    journal.record(EventType.IDENTITY_REFUSED, SUBJECT, {"cause": cause, **data, **who.data})


def _private(card: bytes | None) -> dict[str, bytes]:
    return {} if card is None else {"card": card}
