"""What a receiver sends back: up to which event of a journal it has stored everything.

Cumulative, so a lost acknowledgement is made good by the next. Parsed here, once, from bytes of a
stranger to a type.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

LONGEST = 1024
"""Bytes; an acknowledgement needs about eighty."""


class NotAnAcknowledgement(ValueError):
    """The payload is something else. The message says what is wrong and repeats none of it."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """journal_id: as in the events' ``journal``. received: the highest sequence with no gap below it."""

    journal_id: str
    received: int

    @classmethod
    def parse(cls, payload: bytes) -> Self:
        """Raises NotAnAcknowledgement."""
        if len(payload) > LONGEST:
            raise NotAnAcknowledgement(f"longer than {LONGEST} bytes")
        try:
            found = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise NotAnAcknowledgement("not JSON") from error
        if not isinstance(found, dict):
            raise NotAnAcknowledgement("not a JSON object")
        journal_id, received = found.get("journal"), found.get("received")
        if not isinstance(journal_id, str):
            raise NotAnAcknowledgement('"journal" is not a text')
        if not isinstance(received, int) or isinstance(received, bool) or received < 0:
            raise NotAnAcknowledgement('"received" is not a number from 0')
        return cls(journal_id, received)
