"""One reader at a door: what it has said so far, and what is told beside it. For the acting thread alone.

Never here: the thread that listens to its line (``listener``).
"""

from __future__ import annotations

from controller.core.access import Side
from controller.core.card import CardNumber, CardRules
from controller.core.framing.framer import Key
from controller.core.outcome import Outcome
from controller.devices import Reading
from controller.door.asking.look_ups import LookUps
from controller.door.event_log import DoorLog
from controller.door.panel import Panel
from controller.door.reader_health import ReaderHealth
from controller.door.reader_test import ReaderTest
from controller.door.second_factor import SecondFactor
from controller.door.swipes import NotRead, Swipes
from controller.settings.reader import Reader as ReaderSettings


class Reader:
    """A reader of this door. found: whether its line is open; None before that is known.

    tampered: it says that it has been opened.
    """

    def __init__(
        self,
        settings: ReaderSettings,
        rules: CardRules,
        panel: Panel,
        log: DoorLog,
        second_factor: SecondFactor,
        look_ups: LookUps,
    ) -> None:
        self.settings = settings
        self.look_ups = look_ups
        self.second_factor = second_factor
        self.panel = panel
        self.health = ReaderHealth(settings.id, settings.silent_h, log)
        self.found: bool | None = None
        self.tampered = False
        self.test = ReaderTest()
        self._rules = rules
        self.swipes = Swipes(settings, rules)

    @property
    def usable(self) -> bool:
        """A card that is held to it now is read, as far as we know."""
        return self.found is not False and not self.health.babbling

    def next_us(self) -> int | None:
        """When somebody has waited for too long here, ``mono_us``; None: nobody waits."""
        times = (self.second_factor.next_us(), self.look_ups.next_us())
        return min((at_us for at_us in times if at_us is not None), default=None)

    def hear(self, reading: Reading, mono_us: int) -> list[CardNumber | Key | NotRead]:
        """The swipes that this completes, and keys. mono_us: when it came."""
        swipes = self.swipes.feed(reading, mono_us)
        self.test.came(reading, swipes, mono_us)
        return swipes

    def begin_anew(self) -> None:
        """Half a line from before belongs to nothing."""
        self.swipes = Swipes(self.settings, self._rules)

    def tell(self, outcome: Outcome, reason: str = "") -> None:
        self.panel.tell(outcome, reason)

    def tell_granted(self) -> None:
        self.tell(Outcome.GRANTED if self.settings.side is Side.IN else Outcome.GOODBYE)
