"""What whoever stands at the reader is told, and in which words.

Here: what there is to tell, what each reason of a refusal is told as, and the texts for a display. Never
here: lamps and tones (``door.signals``), or when something is told.

Three rules. "Denied" (``REFUSED``) is never told as "not read", nor as "out of order": one means that this
card does not open the door, one that it may if it is held there again, one that no card would. What the
display says is read by everybody who passes: every refusal that lies in a membership has the same words,
and nobody learns from the street whose membership was suspended. And a text says what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from controller.core.access import Reason
from controller.core.door import IN_FORCE, LEAVE

COLUMNS = 16
"""Characters in a line of the smallest display that is common (16 by 2); every text here fits."""
ROWS = 2
MAX_COLUMNS = 32
MAX_LINES = 4
"""Of a text in settings: two languages, two lines each."""

Lines = tuple[str, ...]


class Outcome(StrEnum):
    """What there is to tell, as settings and messages name it."""

    GRANTED = "granted"
    GOODBYE = "goodbye"
    """Let out."""
    NOT_NEEDED = "not_needed"
    PIN_WANTED = "pin_wanted"
    CHECKING = "checking"
    """The card was read; the answer is on its way."""

    NOT_READ = "not_read"
    """Something was held at the reader, and it was no card of a library."""
    TRY_AGAIN = "try_again"
    """A card, but only half of it, or an answer too late or none, or another PIN than the card's."""
    REFUSED = "refused"
    """This card does not open the door."""
    LOCKED_OUT = "locked_out"
    """After too many attempts nothing is answered for a while."""
    CLOSED = "closed"
    """Nobody is let in now, whatever the card."""
    OUT_OF_ORDER = "out_of_order"
    """No card would be let in now, and it is our fault."""
    NO_READER = "no_reader"
    """There is nothing to hold a card to. Told for as long as that."""

    CLOSE_THE_DOOR = "close_the_door"
    """Open for long; the alarm comes next."""
    DOOR_ALARM = "door_alarm"
    """Open for too long, or opened by nobody who was let in."""
    HELP_ASKED = "help_asked"
    """The help button was pressed. Nothing is promised: nobody here knows who is listening."""
    EVACUATION = "evacuation"


OUTCOMES: Mapping[str, Outcome] = {
    Reason.NOT_READ: Outcome.NOT_READ,
    Reason.HALF_READ: Outcome.TRY_AGAIN,
    Reason.TOO_LATE: Outcome.TRY_AGAIN,
    Reason.PIN_MISSING: Outcome.TRY_AGAIN,
    Reason.PIN_WRONG: Outcome.TRY_AGAIN,
    # Nobody has said anything against this card.
    Reason.NOT_CHECKED: Outcome.TRY_AGAIN,
    Reason.UNKNOWN_CARD: Outcome.REFUSED,
    Reason.BLOCKED: Outcome.REFUSED,
    Reason.SUSPENDED: Outcome.REFUSED,
    Reason.EXPIRED: Outcome.REFUSED,
    Reason.NOT_ENROLLED: Outcome.REFUSED,
    Reason.ENTITLEMENT_NOT_BEGUN: Outcome.REFUSED,
    Reason.ENTITLEMENT_ENDED: Outcome.REFUSED,
    Reason.UNDER_AGE: Outcome.REFUSED,
    Reason.PASSBACK: Outcome.REFUSED,
    Reason.LOCKED_OUT: Outcome.LOCKED_OUT,
    Reason.CLOSED_HOURS: Outcome.CLOSED,
    Reason.CLEAR_OUT: Outcome.CLOSED,
    Reason.LAST_ENTRY: Outcome.CLOSED,
    Reason.FULL: Outcome.CLOSED,
    Reason.LOCKDOWN: Outcome.CLOSED,
    # It is not the card that is at fault.
    Reason.MEMBERSHIP_STALE: Outcome.OUT_OF_ORDER,
    Reason.CLOCK_UNTRUSTED: Outcome.OUT_OF_ORDER,
    Reason.JOURNAL_UNAVAILABLE: Outcome.OUT_OF_ORDER,
    Reason.PIN_UNAVAILABLE: Outcome.OUT_OF_ORDER,
    Reason.EVACUATION: Outcome.EVACUATION,
    # What the door itself says where a grant could not be carried out.
    **{mode.value: Outcome.EVACUATION for mode, in_force in IN_FORCE.items() if in_force & LEAVE},
}
"""Every reason of a refusal to what is told; and modes of the door, as they are journalled."""


def outcome_of(reason: str) -> Outcome:
    """What a refusal is told as. A reason that is not known here is told as a refusal."""
    return OUTCOMES.get(reason, Outcome.REFUSED)


IDLE = "idle"
"""The name of the text that is there while there is nothing to tell."""

TEXTS: Mapping[str, Lines] = {
    IDLE: ("Hold your card", "to the reader"),
    Outcome.GRANTED: ("Welcome", "Please come in"),
    Outcome.GOODBYE: ("Goodbye", "Door unlocked"),
    Outcome.NOT_NEEDED: ("Staff are here", "No card needed"),
    Outcome.PIN_WANTED: ("Enter your PIN", "and then press #"),
    Outcome.CHECKING: ("Please wait", "Checking card"),
    Outcome.NOT_READ: ("Card not read", "Please try again"),
    Outcome.TRY_AGAIN: ("Hold card longer", "and try again"),
    Outcome.REFUSED: ("Not valid here", "Please ask staff"),
    Outcome.LOCKED_OUT: ("Too many tries", "Wait, then retry"),
    Outcome.CLOSED: ("No entry now", "Please ask staff"),
    Outcome.OUT_OF_ORDER: ("Out of order", "Our fault, sorry"),
    Outcome.NO_READER: ("Card reader is", "out of order"),
    Outcome.CLOSE_THE_DOOR: ("Please close", "the door"),
    Outcome.DOOR_ALARM: ("Door alarm", "Close the door"),
    Outcome.HELP_ASKED: ("Help asked for", "Danger? Ring 999"),
    Outcome.EVACUATION: ("Leave by nearest", "exit. Stay out."),
    Reason.TOO_LATE: ("Sorry, too slow", "Please try again"),
    Reason.PIN_MISSING: ("No PIN entered", "Please try again"),
    Reason.PIN_WRONG: ("PIN not right", "Please try again"),
    Reason.NOT_CHECKED: ("Cannot check now", "Try again later"),
    Reason.CLOSED_HOURS: ("Library closed", "See posted hours"),
    Reason.CLEAR_OUT: ("Opening soon", "Please wait"),
    Reason.LAST_ENTRY: ("Closing soon", "No more entry"),
    Reason.FULL: ("Library is full", "Try again later"),
}
"""By outcome; by reason where that is not about the person and tells better what to do."""

TEXT_NAMES = frozenset({IDLE, *Outcome, *OUTCOMES})
"""What a text in settings may be for."""


def text(outcome: str, reason: str = "", *, own: Mapping[str, Lines] | None = None) -> Lines:
    """The lines to show. own: texts from settings, which come before those here.

    What is said of a reason comes before what is said of its outcome, whoever wrote it. Raises KeyError
    for an outcome that there is not.
    """
    for name in (reason, outcome):
        for texts in (own or {}, TEXTS):
            if name in texts:
                return texts[name]
    raise KeyError(outcome)
