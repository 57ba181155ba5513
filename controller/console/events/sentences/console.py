"""The console itself and the accounts of staff: the sentences."""

from __future__ import annotations

from controller.console.events.kinds import Kind
from controller.console.events.saying import Sentences, by, phrase, word
from controller.console.events.sentences.cameras import REFUSED
from controller.core.event import Event, EventType


def _refused(event: Event) -> str:
    page = word(event, "page")
    what = f"The page {page}" if page else "A page"
    return f"{what} was refused{by(event)}: {phrase(event, 'cause', REFUSED)}"


def _of(event: Event) -> str:
    cameras = event.data.get("cameras")
    return f" of {' and '.join(str(one) for one in cameras)}" if isinstance(cameras, list) and cameras else ""


_S = Kind.STAFF

SENTENCES: Sentences = {
    EventType.CONSOLE_LOGGED_IN: (_S, lambda event: f"Signed in to the console{by(event)}"),
    EventType.CONSOLE_LOGGED_OUT: (_S, lambda event: f"Signed out of the console{by(event)}"),
    EventType.CONSOLE_LOGIN_REFUSED: (_S, "Signing in to the console failed"),
    EventType.CONSOLE_REFUSED: (_S, _refused),
    EventType.AUDIT_EXPORTED: (
        _S,
        lambda event: f"The record of what staff did was taken as a file{by(event)}",
    ),
    EventType.STAFF_ADDED: (_S, lambda event: f"An account of staff was added{by(event)}"),
    EventType.STAFF_CHANGED: (_S, lambda event: f"An account of staff was changed{by(event)}"),
    EventType.FOOTAGE_VIEWED: (_S, lambda event: f"Footage{_of(event)} was looked at{by(event)}"),
    EventType.FOOTAGE_STILL_TAKEN: (_S, lambda event: f"A still was taken from footage{by(event)}"),
}
