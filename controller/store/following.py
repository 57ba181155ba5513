"""How things are by the journals, kept up to date: a state for each door, reader, camera and service.

Here: reading, and since when each thing has been so. Never here: what any of it means to people (``board``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, Self, TypeVar

from controller.core.event import Event, Stamp
from controller.core.states.backup import BackupState
from controller.core.states.broker import BrokerState
from controller.core.states.camera import CameraState
from controller.core.states.certificates import CertificatesState
from controller.core.states.door import DoorState
from controller.core.states.footage import FootageState
from controller.core.states.imported import ImportedState
from controller.core.states.memberships import MembershipsState
from controller.core.states.reader import ReaderState
from controller.core.states.service import ServiceState
from controller.store.engine import DatabaseMissing, DatabaseUnusable
from controller.store.journal_reader import JournalReader
from controller.store.journal_tail import JournalTail

T = TypeVar("T")


class State(Protocol):
    """Something that holds, as events tell it."""

    def after(self, event: Event) -> Self: ...


class Followed:
    """One journal. For one thread at a time. heard: told of every event; begun: when it is another journal.

    trouble: why it cannot be read now; empty: it can, or its service has not begun one (``missing``).
    """

    def __init__(
        self,
        reader: JournalReader,
        states: Iterable[State],
        *,
        heard: Callable[[Event], None] = lambda _event: None,
        begun: Callable[[], None] = lambda: None,
    ) -> None:
        self.trouble = ""
        self.missing = True
        self._tail = JournalTail(reader)
        self._unknown = tuple(states)
        self._states = list(self._unknown)
        self._since: list[dict[str, Stamp]] = [{} for _ in self._unknown]
        self._heard = heard
        self._begun = begun

    def look(self) -> bool:
        """Read on; whether anything was read, or can be read no more, or again."""
        before, read = (self.trouble, self.missing), False
        try:
            for page in self._tail.pages(self._begin_anew):
                read = True
                for event in page:
                    self._take(event)
            self.trouble, self.missing = "", False
        except DatabaseMissing:
            self.trouble, self.missing = "", True
        except DatabaseUnusable as error:
            self.trouble = str(error)
        return read or before != (self.trouble, self.missing)

    def all_of(self, kind: type[T]) -> list[T]:
        """The states of this kind, in the order in which they came in."""
        return [state for state in self._states if isinstance(state, kind)]

    def one(self, kind: type[T]) -> T:
        (state,) = self.all_of(kind)
        return state

    def since(self, state: State, word: str) -> int | None:
        """Since when this word has held of it: wall time; None where that is not known, or not for sure."""
        for each, since in zip(self._states, self._since, strict=True):
            if each is state and word in since:
                stamp = since[word]
                return stamp.wall_us if stamp.clock_trusted else None
        return None

    def close(self) -> None:
        self._tail.close()

    def _begin_anew(self) -> None:
        self._states = list(self._unknown)
        self._since = [{} for _ in self._unknown]
        self._begun()

    def _take(self, event: Event) -> None:
        self._heard(event)
        for place, state in enumerate(self._states):
            changed = state.after(event)
            if changed is not state:
                self._states[place] = changed
                since = self._since[place]
                self._since[place] = {word: since.get(word, event.stamp) for word in words(changed)}


def words(state: State) -> frozenset[str]:
    """What holds of it, each in a word of its own kind."""
    match state:
        case DoorState():
            return frozenset({state.contact, state.mode, *(state.in_force or ()), *state.alarms})
        case CameraState():
            return frozenset({state.recording, *state.faults})
        case ReaderState():
            return frozenset({state.word, *state.faults})
        case MembershipsState():
            return frozenset({f"copy {state.copy}", f"lms {state.lms}"})
        case FootageState():
            return frozenset({"full"} if state.full else ()) | ({"overdue"} if state.overdue else frozenset())
        case ImportedState():
            return frozenset({"refused"} if state.refused else ())
        case BackupState():
            return frozenset({"failed"} if state.failed else ())
        case CertificatesState():
            return frozenset(state.until_us)
        case ServiceState() | BrokerState():
            return frozenset({state.word})
        case _:
            raise TypeError(f"{type(state).__name__} is followed by nobody")


Journals = Mapping[str, Followed]
"""By service."""
