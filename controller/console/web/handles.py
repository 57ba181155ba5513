"""Open handles on the branch's files, lent to one request after the other.

A handle costs up to two megabytes of what SQLite keeps of its file. So there are as many sets of them as
requests are answered at once, and not one for each thread of the server. Never here: what is read.
"""

from __future__ import annotations

import threading

from controller.keeping.known_holds import KnownHolds
from controller.settings.paths import Paths
from controller.store.footage import FootageReader
from controller.store.journal_reader import JournalReader
from controller.store.registers import RegistersReader

CACHE_KB = 64
"""Of a journal: pages are read from anywhere in it, and seldom twice."""


class Handles:
    """A set, for one thread at a time. Each is opened when it is used first, and kept."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._journals: dict[str, JournalReader] = {}
        self.registers = RegistersReader(paths.registers)
        self.footage = FootageReader(paths.footage)
        self.known_holds = KnownHolds(self.registers, self.journal("console"))

    def journal(self, service: str) -> JournalReader:
        if service not in self._journals:
            self._journals[service] = JournalReader(self._paths.journal(service), cache_kb=CACHE_KB)
        return self._journals[service]


class Lending:
    """For any number of threads."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._here = threading.local()
        self._spare: list[Handles] = []

    def handles(self) -> Handles:
        """Those of this thread, until it gives them back."""
        found: Handles | None = getattr(self._here, "handles", None)
        if found is None:
            try:
                found = self._spare.pop()
            except IndexError:
                found = Handles(self._paths)
            self._here.handles = found
        return found

    def give_back(self) -> None:
        """What this thread has been lent is there for the next."""
        found: Handles | None = getattr(self._here, "handles", None)
        if found is not None:
            self._here.handles = None
            self._spare.append(found)
