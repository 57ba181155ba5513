"""The second person: what waits for one, and approving it.

The console's journal alone says what was asked for, approved and done: there is no other list. Never here:
who may ask or approve (``staff.roles``).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.core import naming
from controller.core.event import Event, EventType
from controller.core.naming import Refusal, Wanted
from controller.settings.paths import Paths
from controller.staff.naming.case import SAID, SUBJECT, NotNamed, Recorder, asked, refused
from controller.store.journal_reader import JournalMissing, JournalReader

if TYPE_CHECKING:
    from controller.core.event import Stamp
    from controller.settings.model import Settings
    from controller.staff.account import Account

STEPS = (EventType.IDENTITY_ASKED, EventType.IDENTITY_APPROVED, EventType.IDENTITY_OPENED)


@dataclass(frozen=True, slots=True)
class Pending:
    """What was asked for and is neither done nor too old. approved_by: None while nobody has."""

    ask: Event
    wanted: Wanted
    approved_by: str | None

    @property
    def asked_by(self) -> str:
        return str(self.ask.data["user"])

    @property
    def until_us(self) -> int:
        """Until when it can be done."""
        return self.ask.stamp.wall_us + naming.APPROVED_FOR_US

    def is_of(self, account: Account) -> bool:
        """Whether this account asked, and so is the one that does it."""
        return self.asked_by == account.user

    def may_be_approved_by(self, account: Account, now: Stamp) -> bool:
        return self.approved_by is None and naming.may_approve(self.ask, account.data, now) is None


def pending(settings: Settings, now: Stamp) -> list[Pending]:
    """All that waits, oldest first. Raises DatabaseUnusable."""
    asks: dict[str, Event] = {}
    approved: dict[str, str] = {}
    with closing(JournalReader(Paths.of(settings).journal("console"))) as reader:
        try:
            for event in reader.since(now.wall_us - naming.APPROVED_FOR_US, STEPS):
                ask_id = str(event.data.get("ask"))
                if event.type is EventType.IDENTITY_ASKED:
                    asks[event.id] = event
                elif event.type is EventType.IDENTITY_APPROVED:
                    approved[ask_id] = str(event.data["user"])
                else:
                    asks.pop(ask_id, None)
        except JournalMissing:
            return []
    return [
        Pending(ask, wanted, approved.get(ask.id))
        for ask in asks.values()
        if (wanted := naming.wanted_in(ask)) is not None and naming.in_time(ask, now)
    ]


def approve(settings: Settings, journal: Recorder, account: Account, ask_id: str) -> Event:
    """Approve what was asked for in this event, which is returned. Raises NotNamed."""
    ask = may_approve(settings, journal, account, ask_id)
    data = {
        "ask": ask_id,
        **{key: ask.data[key] for key in ("purpose", "reason", "need")},
        **account.data,
    }
    journal.record(EventType.IDENTITY_APPROVED, SUBJECT, data)
    return ask


def may_approve(settings: Settings, journal: Recorder, account: Account, ask_id: str) -> Event:
    """What was asked for in this event, if this account may approve it. Raises NotNamed."""
    ask, since = asked(settings, ask_id)
    refusal = naming.may_approve(ask, account.data, journal.now())
    if refusal is None and any(_about(event, ask_id, EventType.IDENTITY_OPENED) for event in since):
        refusal = Refusal.DONE_ALREADY
    if refusal is not None or ask is None:
        refusal = refusal or Refusal.NOT_ASKED
        refused(journal, account, refusal.value, {"ask": ask_id})
        raise NotNamed(refusal.value, SAID[refusal].format(ask=ask_id))
    return ask


def _about(event: Event, ask_id: str, type: EventType) -> bool:
    return event.type is type and event.data.get("ask") == ask_id
