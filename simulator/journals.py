"""The journals of a branch's services, as somebody beside them reads them."""

from __future__ import annotations

from threading import Lock

from controller.core.event import Event
from controller.settings.paths import JOURNALS, Paths
from controller.store.journal_reader import JournalMissing, JournalReader


class Journals:
    """For any thread. A journal that is not there yet is as if it were empty."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._readers: dict[str, JournalReader] = {}
        self._looking = Lock()

    def events(self, service: str, after: int = 0) -> list[Event]:
        """What the service has journalled after a sequence number."""
        found: list[Event] = []
        with self._looking:
            try:
                while page := self._reader(service).read(found[-1].seq if found else after):
                    found += page
            except JournalMissing:
                return []
        return found

    def last_seq(self, service: str) -> int:
        with self._looking:
            try:
                return self._reader(service).last_seq()
            except JournalMissing:
                return 0

    def ids(self) -> dict[str, str]:
        """Service to the id of its journal, of those that have one."""
        found = {}
        with self._looking:
            for service in JOURNALS:
                try:
                    found[service] = self._reader(service).journal_id
                except JournalMissing:
                    continue
        return found

    def close(self) -> None:
        with self._looking:
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()

    def _reader(self, service: str) -> JournalReader:
        if service not in self._readers:
            self._readers[service] = JournalReader(self._paths.journal(service))
        return self._readers[service]
