"""What the lamps and the buzzer at the reader say: steps as data, for each thing to tell.

Rule: whoever stands in the rain can tell them apart without looking (by the sound) and without hearing
(by the lamps). A refusal never looks like "not read" (try again) nor like "out of order" (call somebody).
Sounds are made of short and long tones, like letters of the Morse code, since people cannot count to five
beeps nor tell one pitch of a buzzer from another. Never here: when something is told.
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.outcome import Outcome
from controller.devices import SignalStep

Steps = tuple[SignalStep, ...]

SHORT_S, LONG_S, GAP_S = 0.12, 0.5, 0.12
TICK_S = 0.04


def _on(duration_s: float, *, green: bool = False, red: bool = False, buzzer: bool = False) -> Steps:
    return (SignalStep(green=green, red=red, buzzer=buzzer, duration_s=duration_s),)


def _tones(letter: str, *, green: bool = False, red: bool = False) -> Steps:
    """A letter's tones, ``.`` short and ``-`` long, with these lamps on all the while."""
    steps: Steps = ()
    for mark in letter:
        tone_s = {".": SHORT_S, "-": LONG_S}[mark]
        steps += _on(tone_s, green=green, red=red, buzzer=True) + _on(GAP_S, green=green, red=red)
    return steps


STEPS: Mapping[Outcome, Steps] = {
    # One long tone and steady green: come in.
    Outcome.GRANTED: _tones("-", green=True) + _on(2.8, green=True),
    # Short and long, green that pauses: the door is unlocked, go.
    Outcome.GOODBYE: _tones(".-", green=True) + _on(0.4, green=True) + _on(0.3) + _on(1.2, green=True),
    # Two short tones, green blinks: the door is open to everybody, no card is needed.
    Outcome.NOT_NEEDED: (_on(SHORT_S, green=True, buzzer=True) + _on(0.3)) * 2 + _on(SHORT_S, green=True),
    # Short, short, long, green with red blinking: it is your turn.
    Outcome.PIN_WANTED: _tones("..-", green=True)
    + (_on(0.3, green=True, red=True) + _on(0.3, green=True)) * 4,
    # Ticks, red with green blinking: wait.
    Outcome.CHECKING: (_on(TICK_S, red=True, buzzer=True) + _on(TICK_S, red=True)) * 4
    + (_on(0.3, green=True, red=True) + _on(0.3, red=True)) * 5,
    # One short tone, both lamps: hold the card to the reader again.
    Outcome.NOT_READ: _tones(".", green=True, red=True) + _on(0.5, green=True, red=True),
    # Long and short, both lamps blink: nearly; once more, and slower.
    Outcome.TRY_AGAIN: _tones("-.", green=True, red=True) + (_on(0.2) + _on(0.2, green=True, red=True)) * 3,
    # Three short tones and steady red: this card does not open the door.
    Outcome.REFUSED: _tones("...", red=True) + _on(2.2, red=True),
    # Long and two short, red blinks quickly: no more attempts for a while.
    Outcome.LOCKED_OUT: _tones("-..", red=True) + (_on(0.15) + _on(0.15, red=True)) * 6,
    # Two long tones and red: nobody is let in now.
    Outcome.CLOSED: (_on(LONG_S, red=True, buzzer=True) + _on(0.4)) * 2,
    # Lamps in turn, a long tone with red and a short one with green: it is not the card, it is us.
    Outcome.OUT_OF_ORDER: (
        _on(LONG_S, red=True, buzzer=True)
        + _on(0.2, green=True)
        + _on(SHORT_S, green=True, buzzer=True)
        + _on(0.2, green=True)
    )
    * 2,
    # Lamps in turn, without a tone, as long as there is no reader to hold a card to.
    Outcome.NO_READER: _on(0.5, red=True) + _on(0.5, green=True),
    # Quick tones: close the door.
    Outcome.CLOSE_THE_DOOR: (_on(SHORT_S, red=True, buzzer=True) + _on(SHORT_S)) * 10,
    # Long tones on and on: it has been open for too long, or was forced.
    Outcome.DOOR_ALARM: (_on(LONG_S, red=True, buzzer=True) + _on(SHORT_S)) * 6,
    # Three long tones, green and both lamps in turn: the call for help was noticed.
    Outcome.HELP_ASKED: (_on(LONG_S, green=True, buzzer=True) + _on(0.4, green=True, red=True)) * 3,
    # Short and long in turn, and both lamps with them: leave.
    Outcome.EVACUATION: (
        _on(SHORT_S, green=True, red=True, buzzer=True)
        + _on(SHORT_S)
        + _on(LONG_S, green=True, red=True, buzzer=True)
        + _on(SHORT_S)
    )
    * 4,
}
"""Each is over within 4 s. What lasts is told again and again."""
