"""A journal's event as a CloudEvent 1.0 in structured JSON.

The event's id is the CloudEvent's id, so however often a message is sent again, its receivers can tell.
``sequence``, ``journal`` and ``clocktrusted`` are extension attributes: the specification allows small
letters and digits in a name and strings, integers and booleans as values. ``sequence`` is text, as in the
published extension of that name, because a JSON number may lose digits on the way.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from controller.core.event import Event

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Source:
    """Who speaks: one service of one branch."""

    authority: str
    branch: str
    service: str

    def __str__(self) -> str:
        return f"/{self.authority}/{self.branch}/{self.service}"


def encode(event: Event, source: Source, journal_id: str) -> bytes:
    """The message's payload. Sealed fields are not part of an Event, so no message can carry them."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": str(source),
            "type": f"unlocked.{event.type}",
            "subject": event.subject,
            "time": rfc3339(event.stamp.wall_us),
            "datacontenttype": "application/json",
            "journal": journal_id,
            "sequence": str(event.seq),
            "clocktrusted": event.stamp.clock_trusted,
            "data": dict(event.data),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def rfc3339(wall_us: int) -> str:
    """Microseconds since 1970 UTC as ``2026-11-21T18:04:05.000123Z``."""
    moment = _EPOCH + timedelta(microseconds=wall_us)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
