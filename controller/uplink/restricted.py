"""Which events are not sent again, because they are restricted.

An event that has just happened is not restricted yet; what counts is what is sent again, after a replay or a
lost connection. While the register cannot be read, what was known last counts: `unlocked uplink replay` does
not begin then, and alarms must not wait for a register.
"""

from __future__ import annotations

import logging

from controller.core.protection import hidden_ids
from controller.store.engine import DatabaseUnusable
from controller.store.registers import RegistersReader

log = logging.getLogger(__name__)


class Restricted:
    """For one thread."""

    def __init__(self, registers: RegistersReader) -> None:
        self._registers = registers
        self._ids: frozenset[str] = frozenset()
        self._trouble = ""

    def event_ids(self) -> frozenset[str]:
        """Those of now."""
        try:
            if self._registers.changed():
                self._ids = hidden_ids(self._registers.protections())
        except DatabaseUnusable as error:
            self._say(str(error))
        else:
            self._say("")
        return self._ids

    def close(self) -> None:
        self._registers.close()

    def _say(self, trouble: str) -> None:
        """Log a trouble once, and its end once."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("what is restricted: %s", trouble or "readable again")
