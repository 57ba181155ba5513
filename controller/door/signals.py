"""What the lamps and the buzzer at the reader say: patterns as data, one for each thing to tell.

Rule: whoever stands in the rain can tell them apart without looking (by the sound) and without hearing
(by the lamps). A refusal never looks like "not read" (try again) nor like "out of order" (call somebody).
Never here: when one is played.
"""

from __future__ import annotations

from enum import Enum

from controller.devices import SignalStep

Steps = tuple[SignalStep, ...]


def _on(
    duration_s: float, *, green: bool = False, red: bool = False, buzzer: bool = False
) -> tuple[SignalStep, ...]:
    return (SignalStep(green=green, red=red, buzzer=buzzer, duration_s=duration_s),)


class Pattern(Enum):
    """Each is over within 4 s."""

    # One long tone and steady green: come in.
    GRANTED = _on(0.4, green=True, buzzer=True) + _on(3.0, green=True)
    # Green blinks, no tone: the door is open to everybody, no card is needed.
    NOT_NEEDED = (_on(0.3, green=True) + _on(0.3)) * 3
    # Three tones and steady red: this card does not open the door.
    REFUSED = (_on(0.2, red=True, buzzer=True) + _on(0.15, red=True)) * 3 + _on(2.0, red=True)
    # Two slow tones and red: nobody is let in now.
    CLOSED = (_on(0.6, red=True, buzzer=True) + _on(0.4)) * 2
    # One short tone, both lamps: hold the card to the reader again.
    NOT_READ = _on(0.1, green=True, red=True, buzzer=True) + _on(0.5, green=True, red=True)
    # Lamps in turn, a tone with each red: it is not the card, the controller is out of order.
    OUT_OF_ORDER = (_on(0.25, red=True, buzzer=True) + _on(0.25, green=True)) * 4
    # Lamps in turn, without a tone, as long as there is no reader to hold a card to.
    NO_READER = _on(0.5, red=True) + _on(0.5, green=True)
    # Quick tones: close the door.
    CLOSE_THE_DOOR = (_on(0.1, red=True, buzzer=True) + _on(0.1)) * 10
