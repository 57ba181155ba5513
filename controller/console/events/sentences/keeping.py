"""What is kept, held and destroyed, by which policy, and by whom members are named: the sentences."""

from __future__ import annotations

from controller.console.events.kinds import Kind
from controller.console.events.saying import Sentences, by, many, number, phrase, plain, word
from controller.core.event import Event, EventType
from controller.core.states.backup import CAUSES

_KEPT = {
    "footage": ("file of footage", "files of footage"),
    "access_events": ("event of a door", "events of doors"),
    "device_events": ("event of a device", "events of devices"),
    "staff_actions": ("record of staff", "records of staff"),
    "memberships": ("answer about a member", "answers about members"),
    "registers": ("entry of a register", "entries of a register"),
}
_PURPOSES = {"event": "the member behind an event", "card": "the events of a card"}
_NAMING_REFUSALS = {
    "not_asked": "it was not asked for",
    "something_else": "something else was asked for",
    "somebody_else": "somebody else has to",
    "not_approved": "nobody approved it",
    "done_already": "it was done already",
    "too_late": "it was asked for too long ago",
    "restricted": "it is restricted",
    "restrictions_unknown": "nobody knows what is restricted",
    "no_need": "no need was given",
    "key": "the key or its passphrase was wrong",
    "no_role": "this role may not",
    "not_staff": "this account has no role",
    "training_lapsed": "training was out of date",
}


def _things(event: Event) -> str:
    one, more = _KEPT.get(word(event, "category"), ("thing", "things"))
    return many(number(event, "count"), one, more)


def _certificate(event: Event) -> str:
    failed = number(event, "failed")
    return f"Destroyed by the rules: {_things(event)}" + (f"; {failed} could not be" if failed else "")


def _asked(event: Event) -> str:
    return phrase(event, "purpose", _PURPOSES) or "a member"


def _opened(event: Event) -> str:
    return f"Sealed card numbers were opened{by(event)}: {_asked(event)}"


def _named_refused(event: Event) -> str:
    return f"Naming a member was refused{by(event)}: {phrase(event, 'cause', _NAMING_REFUSALS)}"


_FORGOTTEN = {
    "ended": "the session was ended",
    "idle": "it was not used for a quarter of an hour",
    "logged_out": "logged out",
    "not_allowed": "whoever had brought it may not name members any more",
    "replaced": "another was brought",
    "stopped": "the console stopped",
}


def _brought(event: Event) -> str:
    who = word(event, "user")
    return f", which {who} had brought" if who else ""


def _forgotten(event: Event) -> str:
    why = phrase(event, "cause", _FORGOTTEN)
    return f"The key that opens sealed card numbers was forgotten{_brought(event)}: {why}"


def _differs(event: Event) -> str:
    laxer = event.data.get("laxer")
    return (
        "The settings are laxer than the published notice" if laxer else "The published notice is out of date"
    )


def _verified(event: Event) -> str:
    journals = event.data.get("journals")
    found = journals.values() if isinstance(journals, dict) else ()
    verdicts = {one.get("verdict") for one in found if isinstance(one, dict)}
    good = bool(verdicts) and verdicts == {"ok"}
    return f"Journals were verified{by(event)}: {'nothing was found' if good else 'SOMETHING WAS FOUND'}"


def _moved(event: Event) -> str:
    return f"The {event.subject}'s journal was damaged and began anew"


def _restored(event: Event) -> str:
    return f"The {event.subject}'s journal was restored from a backup"


def _started(event: Event) -> str:
    return f"The {event.subject} service started"


_F, _R, _S = Kind.FAULT, Kind.RECORD, Kind.STAFF

SENTENCES: Sentences = {
    EventType.SERVICE_STARTED: (_R, _started),
    EventType.SERVICE_STOPPED: (_R, lambda event: f"The {event.subject} service stopped"),
    EventType.JOURNAL_RECOVERED: (_F, _moved),
    EventType.JOURNAL_RESTORED: (_F, _restored),
    EventType.BACKUP_MADE: (_R, "A backup was made"),
    EventType.BACKUP_FAILED: (
        _F,
        lambda event: f"No backup was made: {phrase(event, 'cause', CAUSES)}",
    ),
    EventType.DISPOSAL_STARTED: (_R, lambda event: f"Due to be destroyed: {_things(event)}"),
    EventType.DISPOSAL_CERTIFICATE: (_R, _certificate),
    EventType.RETENTION_OVERDUE: (_F, lambda event: f"Overdue and not destroyed: {_things(event)}"),
    EventType.RETENTION_HELD: (_R, lambda event: f"Kept by a hold or a restriction: {_things(event)}"),
    EventType.HOLD_ADDED: (_S, lambda event: f"A hold was placed{by(event)}"),
    EventType.HOLD_END_PROPOSED: (_S, lambda event: f"The end of a hold was proposed{by(event)}"),
    EventType.HOLD_ENDED: (_S, lambda event: f"A hold was ended{by(event)}"),
    EventType.HOLD_REVIEWED: (_S, lambda event: f"A hold was reviewed{by(event)}"),
    EventType.RESTRICTION_ADDED: (_S, lambda event: f"A restriction was placed{by(event)}"),
    EventType.RESTRICTION_SUBJECT_INFORMED: (
        _S,
        lambda event: f"The subject of a restriction was told of its end{by(event)}",
    ),
    EventType.RESTRICTION_LIFTED: (_S, lambda event: f"A restriction was lifted{by(event)}"),
    EventType.POLICY_IN_FORCE: (_R, lambda event: f"Policy in force: {plain(word(event, 'profile'))}"),
    EventType.POLICY_UNUSABLE: (_F, "The policy cannot be used"),
    EventType.BRANCH_DECOMMISSION_STARTED: (
        _S,
        lambda event: f"The branch began to be decommissioned{by(event)}: what it keeps is destroyed",
    ),
    EventType.BRANCH_DECOMMISSIONED: (_S, lambda event: f"The branch was decommissioned{by(event)}"),
    EventType.NOTICE_PUBLISHED: (_S, lambda event: f"The privacy notice was published{by(event)}"),
    EventType.NOTICE_DIFFERS: (_F, _differs),
    EventType.IDENTITY_ASKED: (_S, lambda event: f"Asked to be told{by(event)}: {_asked(event)}"),
    EventType.IDENTITY_APPROVED: (_S, lambda event: f"Approved{by(event)}: to be told {_asked(event)}"),
    EventType.IDENTITY_OPENED: (_S, _opened),
    EventType.IDENTITY_REFUSED: (_S, _named_refused),
    EventType.IDENTITY_KEY_BROUGHT: (
        _S,
        lambda event: f"The key that opens sealed card numbers was brought to the console{by(event)}",
    ),
    EventType.IDENTITY_KEY_FORGOTTEN: (_S, _forgotten),
    EventType.KEY_ROTATED: (_S, lambda event: f"The key that seals card numbers was changed{by(event)}"),
    EventType.JOURNAL_VERIFIED: (_S, _verified),
}
