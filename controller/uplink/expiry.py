"""Tells a month ahead which certificate between branch and broker expires: at the start, then once a day.

Never here: refusing to connect. Whether a certificate still counts, TLS decides at each connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from controller.core.certificates import DAY_US, days_left, is_expiring
from controller.core.event import EventType, JsonValue, Stamp
from controller.secrets.certificate import NoCertificate, valid_until_us

BRANCH, AUTHORITY, BROKER = "branch", "authority", "broker"

log = logging.getLogger(__name__)


class ExpiryWatch:
    """files: by whose certificate they hold. note: journals an event of the uplink."""

    def __init__(
        self, files: Mapping[str, Path], note: Callable[[EventType, Mapping[str, JsonValue]], None]
    ) -> None:
        self._files = files
        self._note = note
        self._broker_until_us: int | None = None
        self._next_us: dict[str, int] = {}
        self._expiring: set[str] = set()

    def seen(self, broker_until_us: int | None) -> None:
        """When the certificate expires that the broker showed; None: it showed none."""
        self._broker_until_us = broker_until_us

    def look(self, now: Stamp) -> None:
        """Cheap until a day has passed. Nothing is said by a clock that is not believed."""
        if not now.clock_trusted:
            return
        for whose in self._files:
            if self._is_due(whose, now):
                self._judge(whose, self._in_file(whose), now)
        if self._broker_until_us is not None and self._is_due(BROKER, now):
            self._judge(BROKER, self._broker_until_us, now)

    def _is_due(self, whose: str, now: Stamp) -> bool:
        due = now.mono_us >= self._next_us.get(whose, now.mono_us)
        if due:
            self._next_us[whose] = now.mono_us + DAY_US
        return due

    def _judge(self, whose: str, until_us: int | None, now: Stamp) -> None:
        if until_us is None:
            return
        said: dict[str, JsonValue] = {"certificate": whose, "days": days_left(until_us, now.wall_us)}
        if is_expiring(until_us, now.wall_us):
            log.warning("the certificate of the %s expires in %d days", whose, said["days"])
            self._expiring.add(whose)
            self._note(EventType.CERTIFICATE_EXPIRING, said)
        elif whose in self._expiring:
            self._expiring.discard(whose)
            self._note(EventType.CERTIFICATE_RENEWED, said)

    def _in_file(self, whose: str) -> int | None:
        try:
            return valid_until_us(self._files[whose])
        except NoCertificate as error:
            log.warning("when a certificate expires is not known: %s", error)
            return None
