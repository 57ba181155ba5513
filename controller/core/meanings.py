"""What each reason of a refusal means, to whoever was refused and to staff.

For pages and for ``unlocked explain``. Never here: what is told at the reader (``core.outcome``), which must
not say to the street whose membership has which fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.access import Reason


@dataclass(frozen=True, slots=True)
class Meaning:
    """member: what it means to whoever was refused. staff: what they do about it."""

    member: str
    staff: str


MEANINGS: Mapping[Reason, Meaning] = {
    Reason.NOT_READ: Meaning(
        "What was held to the reader is no library card.",
        "If it is every card, see which format the reader sends: `unlocked reader watch`.",
    ),
    Reason.HALF_READ: Meaning(
        "The reader read only part of the card: hold it there for longer.",
        "If it is every card, `[cards]` wants longer ones, or the line is bad: `unlocked reader watch`.",
    ),
    Reason.TOO_LATE: Meaning(
        "The controller was too slow to answer: hold the card to the reader again.",
        "More than one is a fault: see the door's log for what it was doing for five seconds.",
    ),
    Reason.LOCKDOWN: Meaning(
        "Staff have locked the door to everybody. The exit button still lets out.",
        "`unlocked door end-lockdown` ends it.",
    ),
    Reason.EVACUATION: Meaning(
        "The building is being evacuated; nobody goes in.", "It ends when the evacuation is ended."
    ),
    Reason.CLOCK_UNTRUSTED: Meaning(
        "The door does not know what time it is; it is out of order.",
        "Give the controller a network for its time, or fit a battery clock.",
    ),
    Reason.CLOSED_HOURS: Meaning(
        "The branch is closed now, or closed to this category of card.",
        "The hours are in `[hours]`, those of a category in `[categories]`.",
    ),
    Reason.CLEAR_OUT: Meaning(
        "Staff are leaving; the unstaffed hours begin in some minutes.",
        "`clear_out_min` in `[hours]` says how many.",
    ),
    Reason.LAST_ENTRY: Meaning(
        "The branch closes in some minutes and lets nobody in any more.",
        "`last_entry_min` in `[hours]` says how many.",
    ),
    Reason.LOCKED_OUT: Meaning(
        "Too many attempts have failed; wait, and try again.",
        "It ends by itself, see `[lockout]`. Look at the footage of the attempts.",
    ),
    Reason.BLOCKED: Meaning(
        "Staff at this branch have blocked the card.", "`unlocked members unblock` ends it."
    ),
    Reason.UNKNOWN_CARD: Meaning(
        "The library knows no such card here; perhaps it joined too recently.",
        "Is the card in the file that was imported last? Was it imported under this site key?",
    ),
    Reason.NOT_CHECKED: Meaning(
        "The library could not be asked about this card just now; try again later.",
        "Does the library management system answer? `unlocked lms status` says.",
    ),
    Reason.MEMBERSHIP_STALE: Meaning(
        "The branch's copy of the memberships is too old or cannot be read; it is out of order.",
        "Import the memberships again; `unlocked members status` says how old they are.",
    ),
    Reason.SUSPENDED: Meaning(
        "The membership is suspended; ask at the library.",
        "Only the library's own system can change it.",
    ),
    Reason.EXPIRED: Meaning("The membership has expired; renew it.", "Renew it, and import again."),
    Reason.NOT_ENROLLED: Meaning(
        "Unstaffed hours need an induction and an entitlement; one of them is missing.",
        "Record the day of the induction, or the entitlement, and import again.",
    ),
    Reason.ENTITLEMENT_NOT_BEGUN: Meaning(
        "The entitlement to unstaffed hours begins later.", "`granted_from` is the first day."
    ),
    Reason.ENTITLEMENT_ENDED: Meaning(
        "The entitlement to unstaffed hours has ended; the membership has not.",
        "Renew the entitlement (`granted_until`), and import again.",
    ),
    Reason.UNDER_AGE: Meaning(
        "Under the minimum age for unstaffed hours; come with a guardian, if this branch allows it.",
        "`adult_on` is the day from which it is reached; whoever has none counts as under age.",
    ),
    Reason.FULL: Meaning(
        "As many people are inside as may be; wait until somebody leaves.", "See `[capacity]`."
    ),
    Reason.PASSBACK: Meaning(
        "This card came in and has not left since.",
        "Somebody else may have it, or it left unseen; see `[anti_passback]`.",
    ),
    Reason.PIN_MISSING: Meaning("No PIN was entered in time.", "The member tries again."),
    Reason.PIN_WRONG: Meaning(
        "The PIN was wrong; too many of them lock the card out for a while.",
        "The library's own system can set a new one.",
    ),
    Reason.PIN_UNAVAILABLE: Meaning(
        "The PIN cannot be checked now; it is out of order.",
        "The library management system does not answer.",
    ),
    Reason.JOURNAL_UNAVAILABLE: Meaning(
        "The door cannot record what it does, and so opens to nobody; it is out of order.",
        "Is the disk full? `unlocked door status` says whether the journal can be written.",
    ),
}

IN_SHORT: Mapping[Reason, str] = {
    Reason.NOT_READ: "no library card was read",
    Reason.HALF_READ: "only part of the card was read",
    Reason.TOO_LATE: "the controller was too slow",
    Reason.LOCKDOWN: "lockdown",
    Reason.EVACUATION: "evacuation",
    Reason.CLOCK_UNTRUSTED: "the door did not know the time",
    Reason.CLOSED_HOURS: "closed at that hour",
    Reason.CLEAR_OUT: "staff were leaving",
    Reason.LAST_ENTRY: "too shortly before closing",
    Reason.LOCKED_OUT: "too many failed attempts",
    Reason.BLOCKED: "the card is blocked at this branch",
    Reason.UNKNOWN_CARD: "unknown card",
    Reason.NOT_CHECKED: "the card could not be checked",
    Reason.MEMBERSHIP_STALE: "the copy of the memberships was too old",
    Reason.SUSPENDED: "membership suspended",
    Reason.EXPIRED: "membership expired",
    Reason.NOT_ENROLLED: "no induction or entitlement",
    Reason.ENTITLEMENT_NOT_BEGUN: "entitlement not begun",
    Reason.ENTITLEMENT_ENDED: "entitlement ended",
    Reason.UNDER_AGE: "under the minimum age",
    Reason.FULL: "the branch was full",
    Reason.PASSBACK: "the card had not left",
    Reason.PIN_MISSING: "no PIN was entered",
    Reason.PIN_WRONG: "wrong PIN",
    Reason.PIN_UNAVAILABLE: "the PIN could not be checked",
    Reason.JOURNAL_UNAVAILABLE: "the door could not record it",
}
"""What had happened, for lists and tables. To staff alone: see ``core.outcome``."""
