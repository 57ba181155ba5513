"""What this process remembers for naming members: key sessions and searches. It is on no disk.

Never here: what is done with them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from controller.console.naming.key_sessions import IDLE_US, End, KeySession, KeySessions
from controller.console.naming.searches import Searches
from controller.console.web.branch import Branch, account_of, branch_of

SESSION_FIELD = "key_session"
"""Where a login has its key session's token, which is worth nothing without this process."""

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Memory:
    branch: Branch
    sessions: KeySessions
    searches: Searches

    def close(self) -> None:
        self.searches.close()
        self.sessions.close()


_kept: list[Memory] = []
"""The one of this process."""


def memory_of(request: HttpRequest) -> Memory:
    """Made when it is first asked for."""
    branch = branch_of(request)
    with _lock:
        if not _kept or _kept[0].branch is not branch:
            # No longer than a login that is not used.
            idle_us = min(IDLE_US, branch.settings.console.idle_minutes * 60_000_000)
            sessions = KeySessions(branch.staff, idle_us)
            _kept[:] = [Memory(branch, sessions, Searches(sessions))]
        return _kept[0]


def close() -> None:
    """Forget everything: the process ends."""
    with _lock:
        left = list(_kept)
        _kept.clear()
    for memory in left:
        memory.close()


def key_session_of(request: HttpRequest) -> KeySession | None:
    """That of this login."""
    if not request.user.is_authenticated:
        return None
    token = request.session.get(SESSION_FIELD)
    if token is None:
        return None
    return memory_of(request).sessions.find(token, account_of(request).user)


@dataclass(frozen=True, slots=True)
class ShownKeySession:
    """As every page shows it. keys: their ids. ends_us: unless it is used; wall time."""

    keys: list[str]
    ends_us: int
    searching: bool


def shown_key_session(request: HttpRequest) -> ShownKeySession | None:
    session = key_session_of(request)
    if session is None:
        return None
    memory = memory_of(request)
    return ShownKeySession(session.keys.ids, memory.sessions.ends_us(session), session.in_use > 0)


@receiver(user_logged_out, dispatch_uid="naming.key_sessions")
def _logged_out(sender: object, request: HttpRequest, user: object, **_: object) -> None:  # noqa: ARG001
    if user is None:
        return
    session = key_session_of(request)
    if session is not None:
        memory_of(request).sessions.end(session, End.LOGGED_OUT)
