"""Key sessions: the authority's keys that supervisors have brought, in memory alone.

A session belongs to one login in one browser. It ends a quarter of an hour after its last use, when whoever
began it says so, logs out or may not name members any more, and with the process. Its beginning and its end
are journalled. Never here: pages, or what the keys are used for.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from controller.core.event import EventType
from controller.staff.naming.case import SUBJECT, Recorder
from controller.staff.refusal import Refused
from controller.store.journal import JournalUnavailable

if TYPE_CHECKING:
    from controller.staff.account import Account
    from controller.staff.naming.keys import Keys

IDLE_US = 15 * 60 * 1_000_000
LOOK_S = 60.0
"""How often it is looked whether a session is to end, though nobody opens a page."""

log = logging.getLogger(__name__)


class End(StrEnum):
    """Why a session is over, as its event says it."""

    ENDED = "ended"
    IDLE = "idle"
    LOGGED_OUT = "logged_out"
    NOT_ALLOWED = "not_allowed"
    REPLACED = "replaced"
    STOPPED = "stopped"


class NoKey(Refused):
    """The session is over."""

    def __init__(self) -> None:
        super().__init__("the key session has ended: bring the key again")


@dataclass(slots=True, eq=False)
class KeySession:
    """token: by which a login finds it again; worth nothing elsewhere. used_us: since boot.

    may: whether whoever began it may still use it. in_use: how many are opening boxes with it now; meanwhile
    it is not idle.
    """

    token: str = field(repr=False)
    account: Account
    keys: Keys
    used_us: int
    may: Callable[[], bool] = field(repr=False)
    in_use: int = 0
    over: bool = False


class KeySessions:
    """For any number of threads."""

    def __init__(self, journal: Recorder, idle_us: int = IDLE_US) -> None:
        self._journal = journal
        self._idle_us = idle_us
        self._sessions: dict[str, KeySession] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def bring(self, account: Account, keys: Keys, may: Callable[[], bool]) -> KeySession:
        """Begin a session, journalled. may: see KeySession; for any thread.

        Raises JournalUnavailable; then there is none.
        """
        self._say(EventType.IDENTITY_KEY_BROUGHT, account, keys)
        now_us = self._journal.now().mono_us
        session = KeySession(secrets.token_urlsafe(24), account, keys, now_us, may)
        with self._lock:
            self._sessions[session.token] = session
            self._wake_at(now_us)
        return session

    def find(self, token: object, user: str) -> KeySession | None:
        """The session that this login has; None if it has none, or somebody else's."""
        self.forget()
        with self._lock:
            session = self._sessions.get(token) if isinstance(token, str) else None
            return session if session is not None and session.account.user == user else None

    def ends_us(self, session: KeySession) -> int:
        """When it ends unless it is used: wall time."""
        now = self._journal.now()
        return now.wall_us + self._idle_us - (now.mono_us - session.used_us if not session.in_use else 0)

    @contextmanager
    def use(self, session: KeySession) -> Iterator[Keys]:
        """For opening boxes. Raises NoKey if it is over."""
        with self._lock:
            if session.over:
                raise NoKey
            session.in_use += 1
        try:
            yield session.keys
        finally:
            with self._lock:
                session.in_use -= 1
                session.used_us = self._journal.now().mono_us

    def end(self, session: KeySession, why: End) -> None:
        """Forget its keys, whether or not that can be journalled."""
        with self._lock:
            if session.over:
                return
            session.over = True
            del self._sessions[session.token]
        ids = session.keys.ids
        session.keys.forget()
        try:
            self._say(EventType.IDENTITY_KEY_FORGOTTEN, session.account, ids, why)
        except JournalUnavailable as error:
            log.warning("keys were forgotten (%s), which cannot be journalled: %s", why, error)

    def forget(self) -> None:
        """End all that were not used for too long, and those of whoever may not use them any more."""
        now_us = self._journal.now().mono_us
        with self._lock:
            there = list(self._sessions.values())
        for session in there:
            if not session.in_use and now_us - session.used_us >= self._idle_us:
                self.end(session, End.IDLE)
            elif not session.may():
                self.end(session, End.NOT_ALLOWED)
        with self._lock:
            self._wake_at(now_us)

    def close(self) -> None:
        """End all."""
        with self._lock:
            left = list(self._sessions.values())
        for session in left:
            self.end(session, End.STOPPED)
        with self._lock:
            self._wake_at(0)

    def _wake_at(self, now_us: int) -> None:
        """Have them looked at though nobody opens a page. Holds the lock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sessions:
            first_us = min(now_us if one.in_use else one.used_us for one in self._sessions.values())
            wait_s = (first_us + self._idle_us - now_us) / 1_000_000 + 1
            self._timer = threading.Timer(min(max(1.0, wait_s), LOOK_S), self.forget)
            self._timer.name, self._timer.daemon = "key sessions", True
            self._timer.start()

    def _say(self, type: EventType, account: Account, keys: Keys | list[str], why: End | None = None) -> None:
        ids = keys if isinstance(keys, list) else keys.ids
        cause = {} if why is None else {"cause": why.value}
        self._journal.record(type, SUBJECT, {**cause, "keys": list(ids), **account.data})
