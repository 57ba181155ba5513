"""What whoever stands at the reader sees and hears, in words: for the help page and the printed sheet.

Never here: the steps of lamps and buzzer (``door.signals``); a test holds the two together. The texts of a
display are in ``outcome``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Sign:
    """lamps, tones: what is seen and heard. means: to whoever stands there. staff: what you do about it."""

    lamps: str
    tones: str
    means: str
    staff: str


SIGNS: Mapping[Outcome, Sign] = {
    Outcome.GRANTED: Sign("green", "long", "Come in: the door is unlocked for a few seconds.", "Nothing."),
    Outcome.GOODBYE: Sign("green, with a pause", "short long", "The door is unlocked to leave.", "Nothing."),
    Outcome.NOT_NEEDED: Sign(
        "green, blinking", "short short", "Staff are in; no card is needed now.", "Nothing."
    ),
    Outcome.PIN_WANTED: Sign(
        "green, and red blinking", "short short long", "Type the PIN, then #.", "Nothing."
    ),
    Outcome.CHECKING: Sign(
        "red, and green blinking", "four ticks", "Wait: the card is being checked.", "Nothing."
    ),
    Outcome.NOT_READ: Sign(
        "both",
        "short",
        "What was held to the reader is no library card.",
        "Ask them to hold the card flat to the reader. If it is so with every card, call whoever looks after "
        "the readers.",
    ),
    Outcome.TRY_AGAIN: Sign(
        "both, blinking",
        "long short",
        "Once more, and slower: half a card, another PIN, or an answer that came too late.",
        "Ask them to hold the card to the reader for a full second.",
    ),
    Outcome.REFUSED: Sign(
        "red",
        "short short short",
        "This card does not open the door.",
        "The timeline has the reason. Say it to the member alone: it may be about their membership.",
    ),
    Outcome.LOCKED_OUT: Sign(
        "red, blinking quickly",
        "long short short",
        "Too many attempts; nothing is answered for a while.",
        "It ends by itself. Look at the timeline: was somebody trying cards?",
    ),
    Outcome.CLOSED: Sign(
        "red, twice",
        "long long",
        "Nobody is let in now, whatever the card: closed, full, or locked down.",
        "Compare with the hours on the door, and see Today.",
    ),
    Outcome.OUT_OF_ORDER: Sign(
        "in turn, uneven",
        "long short long short",
        "No card would be let in now, and it is our fault.",
        "See Today for what is wrong, and call whoever looks after the controller.",
    ),
    Outcome.NO_READER: Sign(
        "in turn, slowly",
        "none",
        "The card reader is out of order, for as long as the lamps do this.",
        "Call whoever looks after the readers.",
    ),
    Outcome.CLOSE_THE_DOOR: Sign(
        "red, very quick",
        "short, again and again",
        "The door has been open for long: close it.",
        "Close the door. If it is shut and the tones go on, its contact is out of place.",
    ),
    Outcome.DOOR_ALARM: Sign(
        "red, slower",
        "long, again and again",
        "The door has been open for too long, or was opened although nobody was let in.",
        "See Today which of the two. If it was forced, see to people first, then look at the timeline.",
    ),
    Outcome.HELP_ASKED: Sign(
        "green and both, in turn",
        "long long long",
        "The call for help was noticed. Whoever is in danger rings 999.",
        "Go there, or call somebody who is near. The button unlocks nothing.",
    ),
    Outcome.EVACUATION: Sign(
        "both, uneven",
        "short long, again and again",
        "Leave by the nearest exit, and stay out.",
        "Follow the evacuation plan. Doors let nobody in until it is ended.",
    ),
}
"""By what there is to tell."""
