"""The newest signed head of a journal, retained for a witness: whoever keeps it can tell later whether the
journal still has this past.

It goes out as it stands in the journal: the uplink has no key of the others', and can neither make a head
nor change one without that being seen.
"""

from __future__ import annotations

from controller.store.engine import DatabaseUnusable
from controller.store.signed_heads import SignedHeadsReader

CONTENT_TYPE = "text/plain; charset=utf-8"


class HeadWatch:
    """Of one journal. topic: where its heads go."""

    content_type = CONTENT_TYPE

    def __init__(self, reader: SignedHeadsReader, topic: str) -> None:
        self._reader = reader
        self._topic = topic
        self._newest: str | None = None

    def poll(self) -> dict[str, bytes]:
        """The newest head if it is another than before.

        An unreadable journal changes nothing: its feed says so.
        """
        before = self._newest
        try:
            if self._reader.changed():
                self._newest = self._reader.newest() or before
        except DatabaseUnusable:
            return {}
        return self.payloads() if self._newest != before else {}

    def payloads(self) -> dict[str, bytes]:
        """The newest, if there is one."""
        return {} if self._newest is None else {self._topic: self._newest.encode()}

    def close(self) -> None:
        self._reader.close()
