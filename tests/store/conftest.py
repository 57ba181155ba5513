from __future__ import annotations

from collections.abc import Callable

import pytest

from controller.core.event import EventType, JsonValue, NewEvent, Stamp

MakeEvent = Callable[..., NewEvent]


@pytest.fixture
def make_event() -> MakeEvent:
    """Events with times that are as many seconds after 2026-11-21 as asked for."""

    def make(
        second: int = 0,
        *,
        type: EventType = EventType.DOOR_OPENED,
        trusted: bool = True,
        data: dict[str, JsonValue] | None = None,
        private: dict[str, bytes] | None = None,
    ) -> NewEvent:
        wall_us = 1_795_219_200_000_000 + second * 1_000_000
        stamp = Stamp(wall_us, 1_000_000 * (second + 1), "boot-1", trusted)
        return NewEvent(type, "front", stamp, data or {}, private or {})

    return make
