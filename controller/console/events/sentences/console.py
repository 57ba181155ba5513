"""The console itself and the accounts of staff: the sentences."""

from __future__ import annotations

from controller.console.events.kinds import Kind
from controller.console.events.saying import Sentences, by, phrase, word
from controller.console.events.sentences.cameras import REFUSED
from controller.core.event import Event, EventType


def _refused(event: Event) -> str:
    page = word(event, "page")
    what = f"The page {page}" if page else "A page"
    return f"{what} was refused{by(event)}: {phrase(event, 'cause', {**REFUSED, **OWN})}"


OWN = {"own_account": "nobody changes their own account"}
"""Beside those that footage has as well."""
ENDED = {
    "idle": ", because nothing was asked for in a while",
    "long": ", because the session had lasted long enough",
    "restart": ", because the machine was started again",
}
NOT_LET_IN = {
    "wrong": "name or password was wrong",
    "expired": "the password that was made for it is too old",
    "no_account": "nobody of that name has an account here",
}
CHANGES = {
    "roles": "got other roles or another day of training",
    "password": "got another password",
    "own_password": "got a password of its owner's choosing",
    "disabled": "was disabled",
    "enabled": "was enabled again",
    "sessions": "was logged out everywhere",
    "factors": "has no second factor any more",
}


def _logged_out(event: Event) -> str:
    return f"Logged out of the console{by(event)}{ENDED.get(word(event, 'cause'), '')}"


def _not_let_in(event: Event) -> str:
    name = word(event, "user")
    cause = phrase(event, "cause", NOT_LET_IN)
    waits = "; no more tries for a while" if event.data.get("must_wait") is True else ""
    whose = f" as {name}" if name else ""
    return f"A log-in to the console{whose} was refused{f': {cause}' if cause else ''}{waits}"


def _account(event: Event) -> str:
    name = word(event, "account")
    return f"The account {name}" if name else "An account"


def _added(event: Event) -> str:
    roles = event.data.get("roles")
    given = f" as {', '.join(str(one) for one in roles)}" if isinstance(roles, list) and roles else ""
    return f"{_account(event)} was added{given}{by(event)}"


def _changed(event: Event) -> str:
    return f"{_account(event)} {CHANGES.get(word(event, 'change'), 'was changed')}{by(event)}"


def _of(event: Event) -> str:
    cameras = event.data.get("cameras")
    return f" of {' and '.join(str(one) for one in cameras)}" if isinstance(cameras, list) and cameras else ""


_S = Kind.STAFF

SENTENCES: Sentences = {
    EventType.CONSOLE_LOGGED_IN: (_S, lambda event: f"Logged in to the console{by(event)}"),
    EventType.CONSOLE_LOGGED_OUT: (_S, _logged_out),
    EventType.CONSOLE_LOGIN_REFUSED: (_S, _not_let_in),
    EventType.CONSOLE_REFUSED: (_S, _refused),
    EventType.AUDIT_EXPORTED: (
        _S,
        lambda event: f"The record of what staff did was taken as a file{by(event)}",
    ),
    EventType.STAFF_ADDED: (_S, _added),
    EventType.STAFF_CHANGED: (_S, _changed),
    EventType.FOOTAGE_VIEWED: (_S, lambda event: f"Footage{_of(event)} was looked at{by(event)}"),
    EventType.FOOTAGE_STILL_TAKEN: (_S, lambda event: f"A still was taken from footage{by(event)}"),
}
