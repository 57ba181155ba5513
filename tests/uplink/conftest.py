"""Events by the number."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from controller.core.event import Event, EventType, JsonValue, Stamp, event_id

MakeEvent = Callable[..., Event]


@pytest.fixture
def event() -> MakeEvent:
    def make(
        seq: int = 1,
        kind: EventType = EventType.DOOR_OPENED,
        subject: str = "front",
        *,
        trusted: bool = True,
        **data: JsonValue,
    ) -> Event:
        wall_us = 1_795_284_245_000_123 + seq
        return Event(
            seq, event_id(wall_us, seq), kind, Stamp(wall_us, seq * 1000, "boot", trusted), subject, data
        )

    return make
