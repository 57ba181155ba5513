"""Keeps the states that a journal tells of up to date, whatever still waits to be sent.

It reads the end of the journal, not what has been published: a dashboard wants to know what holds now, also
while two days of events are on their way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Protocol, Self

from controller.core.event import Event, JsonValue, Stamp
from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalReader
from controller.store.journal_tail import JournalTail
from controller.uplink.cloudevent import rfc3339

CONTENT_TYPE = "application/json"


class State(Protocol):
    """Something that holds, as events tell it. seq, stamp: of the event that said so last."""

    @property
    def seq(self) -> int: ...

    @property
    def stamp(self) -> Stamp | None: ...

    @property
    def said(self) -> Mapping[str, JsonValue]: ...

    def after(self, event: Event) -> Self:
        """Once this event has happened; the same object when it says nothing about it."""
        ...


class Watch(Protocol):
    """Something that knows payloads to be retained, by topic."""

    @property
    def content_type(self) -> str: ...

    def poll(self) -> dict[str, bytes]:
        """Those that have changed."""
        ...

    def payloads(self) -> dict[str, bytes]:
        """All of them."""
        ...

    def close(self) -> None: ...


class StateWatch:
    """states: what is known before anything was read, by topic. heard: called with every event on the way."""

    content_type = CONTENT_TYPE

    def __init__(
        self,
        reader: JournalReader,
        states: Mapping[str, State],
        heard: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        self._unknown = dict(states)
        self._states = dict(states)
        self._tail = JournalTail(reader)
        self._heard = heard

    def poll(self) -> dict[str, bytes]:
        """Read on; the payloads that have changed, by topic.

        An unreadable journal changes nothing: its feed says so.
        """
        before, journal_id = dict(self._states), self._tail.journal_id
        try:
            self._read_on()
        except DatabaseUnusable:
            return {}
        if self._tail.journal_id != journal_id:
            return self.payloads()
        changed = [topic for topic, state in self._states.items() if state is not before[topic]]
        return {topic: payload(self._states[topic], journal_id) for topic in changed}

    def payloads(self) -> dict[str, bytes]:
        """All of them, by topic."""
        return {topic: payload(state, self._tail.journal_id) for topic, state in self._states.items()}

    def close(self) -> None:
        self._tail.close()

    def _read_on(self) -> None:
        for page in self._tail.pages(self._begin_anew):
            for event in page:
                self._heard(event)
                self._states = {topic: state.after(event) for topic, state in self._states.items()}

    def _begin_anew(self) -> None:
        self._states = dict(self._unknown)


def payload(state: State, journal_id: str) -> bytes:
    """Of the retained message."""
    said: Mapping[str, JsonValue] = {
        **state.said,
        "journal": journal_id,
        "sequence": str(state.seq),
        "time": rfc3339(state.stamp.wall_us) if state.stamp else None,
        "clocktrusted": state.stamp.clock_trusted if state.stamp else False,
    }
    return json.dumps(said, separators=(",", ":")).encode()
