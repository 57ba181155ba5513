"""Has the machine stopped in order when its battery is about to be empty: asks for it, and says so once.

Asking is a file in the door's run folder, which systemd waits for (``unlocked-power-off.path``): nothing here
could stop a machine. For the acting thread alone. Never here: when the battery is low (``alarms``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from pathlib import Path

from controller.core.alarms import Alarm
from controller.core.event import EventType
from controller.core.lasting import Lasting, Turn
from controller.door.alarms import Write
from controller.settings.inputs import Inputs

log = logging.getLogger(__name__)


class PowerStop:
    """Once the battery has been low for ``battery_low.stop_after_s``, the mains lost where that is wired.

    ask: for the machine to be stopped. tell: whoever stands at a reader.
    """

    def __init__(
        self, settings: Inputs, write: Write, ask: Callable[[], None], tell: Callable[[], None]
    ) -> None:
        battery = settings.battery_low
        after_s = None if battery is None else battery.stop_after_s
        self._lasting = None if after_s is None else Lasting(after_s, 0)
        self._needed = {Alarm.BATTERY_LOW} | ({Alarm.MAINS_LOST} if settings.mains_lost else set())
        self._write, self._ask, self._tell = write, ask, tell
        self._asked = False

    def look(self, in_force: Collection[Alarm], now_us: int) -> None:
        """Take in the building's alarms. now_us: of the clock's ``mono_us``."""
        if self._lasting is None or self._asked:
            return
        low = self._needed <= set(in_force)
        if self._lasting.look(begins=low, ends=not low, now_us=now_us) is Turn.BEGUN:
            self._asked = True  # once it is asked for, nothing calls it back
            self._write(EventType.POWER_STOPPING, {"device": "building"})
            self._tell()
            self._ask()

    @property
    def due_us(self) -> int | None:
        """When to look again although no alarm may have changed; None: not before one does."""
        return None if self._lasting is None or self._asked else self._lasting.due_us


def ask_for_power_off(file: Path) -> None:
    """Never raises: a machine that cannot be stopped goes on until its battery is empty."""
    try:
        file.touch()
    except OSError as error:
        log.error("the machine cannot be stopped before its battery is empty: %s", error)
