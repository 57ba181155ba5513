"""Waiting until an event is durable, for as long as settings allow and no longer."""

from __future__ import annotations

from controller.door.event_log import EventLog
from controller.door.journal_writer import Ticket
from controller.service import Notifier

TICK_S = 1.0


def tick_s(notifier: Notifier) -> float:
    """Seconds between two signs of life to the watchdog."""
    return TICK_S if notifier.watchdog_s is None else min(TICK_S, notifier.watchdog_s / 3)


class Durability:
    """For the acting thread alone."""

    def __init__(self, log: EventLog, notifier: Notifier, wait_ms: int) -> None:
        self._log = log
        self._notifier = notifier
        self._wait_us = wait_ms * 1000
        self._tick_s = tick_s(notifier)

    def wait(self, ticket: Ticket) -> bool:
        """Whether the event is durable, waited for; the watchdog hears of us meanwhile."""
        end_us = self._log.now_us() + self._wait_us
        while (left_us := end_us - self._log.now_us()) > 0:
            if ticket.settled(min(self._tick_s, left_us / 1_000_000)):
                break
            self._notifier.watchdog()
        return ticket.event is not None
