"""What displays of every door still have to be told over MQTT, in the order of the door's journal.

Never here: which event is told as what (``door_text``), or when the broker takes it (``publisher``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from controller.core.event import Event, Stamp
from controller.core.outcome import Lines
from controller.uplink.door_text import FRESH_US, DoorText, passing_payload, standing_payload


class TextBoard:
    """own: texts from settings."""

    def __init__(self, doors: Iterable[DoorText], own: Mapping[str, Lines]) -> None:
        self._doors = {door.door: door for door in doors}
        self._own = own
        self._heard: list[tuple[str, Event]] = []

    def heard(self, event: Event) -> None:
        """An event of the door's journal."""
        for door_id, door in self._doors.items():
            self._doors[door_id] = door.after(event)
            if door.passing(event) is not None:
                self._heard.append((door_id, event))

    def take_passing(self, now: Stamp) -> list[tuple[str, bytes]]:
        """By door: what passes and is not past. What was heard is forgotten then."""
        heard, self._heard = self._heard, []
        return [
            (door_id, passing_payload(*told, event, self._own))
            for door_id, event in heard
            if _is_fresh(event.stamp, now) and (told := self._doors[door_id].passing(event)) is not None
        ]

    def standing(self) -> dict[str, bytes]:
        """By door: what is to be read as long as nothing passes."""
        return {door_id: standing_payload(door.standing, self._own) for door_id, door in self._doors.items()}


def _is_fresh(then: Stamp, now: Stamp) -> bool:
    return then.boot_id == now.boot_id and now.mono_us - then.mono_us < FRESH_US
