"""The feed on a thread of its own: an import takes minutes, and nothing else in the service waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.membership.feed.folder_place import FolderPlace
from controller.membership.feed.importer import Importer, Pins
from controller.membership.feed.inbox import FeedInbox
from controller.membership.feed.place import Place
from controller.membership.feed.sftp_place import SftpPlace
from controller.membership.own_thread import OwnThread
from controller.secrets import credentials
from controller.secrets.minisign import PublicKey
from controller.settings.feed import Feed
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.rules import card_rules
from controller.sftp import SftpClient
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.members_owner import MembersOwner
from controller.store.reserve import Reserve

log = logging.getLogger(__name__)

SOON_S = 15.0
"""When something is still coming."""
SUBJECT = "members"


class Stopped(Exception):
    """The service ends: what is half imported is dropped."""


class FeedThread:
    """Looks at once, and then every ``interval_s``. ``close`` ends it, within a second or two."""

    def __init__(self, look: Callable[[], bool], interval_s: float, stopping: threading.Event) -> None:
        self._look = look
        self._interval_s = interval_s
        self._stopping = stopping
        self._thread = OwnThread("feed", self._run)

    def check(self) -> None:
        """Raises what ended the thread, if anything did."""
        self._thread.check()

    def close(self) -> bool:
        """Whether it has ended in time."""
        self._stopping.set()
        return self._thread.join(8)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                soon = self._look()
                self._stopping.wait(min(SOON_S, self._interval_s) if soon else self._interval_s)
        except Stopped:
            pass


class _UntilStopped:
    """A ``Progress`` that shows nothing."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping

    def read(self, size: int) -> None:  # noqa: ARG002
        self._go_on()

    def filled(self, rows: int) -> None:  # noqa: ARG002
        self._go_on()

    def hashed(self, pins: int, of: int) -> None:  # noqa: ARG002
        self._go_on()

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Stopped


def feed_thread(settings: Settings, now: Callable[[], Stamp], closing: ExitStack) -> FeedThread | None:
    """Looks into the feed of the branch from now on, until ``closing`` closes; None where there is none.

    now: asked on the feed's thread. Raises SecretMissing, DatabaseUnusable, JournalUnavailable.
    """
    if settings.feed is None:
        return None
    paths = Paths.of(settings)
    # Of its own, both: neither is for two threads.
    journal = Journal.open(
        paths.journal("membership"),
        service="membership",
        stamp=now(),
        reserve=Reserve(paths.reserve("membership"), settings.footage.reserve_bytes),
    )
    closing.callback(journal.close)
    members = MembersOwner.open(paths.members)
    closing.callback(members.close)
    reader = JournalReader(paths.journal("membership"))
    closing.callback(reader.close)
    stopping = threading.Event()

    def record(type: EventType, data: dict[str, JsonValue]) -> None:
        journal.append([NewEvent(type, SUBJECT, now(), data)])

    def last_imported() -> Mapping[str, JsonValue] | None:
        last = reader.last(EventType.MEMBERSHIP_IMPORTED)
        return None if last is None else last.data

    key, public_key = credentials.read(credentials.SITE_KEY), settings.feed.public_key
    inbox = FeedInbox(
        _place(settings.feed, paths, stopping),
        Importer(members, card_rules(settings.cards), key, Pins.of(settings.pin, credentials.read)),
        None if public_key is None else PublicKey.parse(public_key),
        record,
        last_imported,
        _UntilStopped(stopping),
    )
    thread = FeedThread(lambda: inbox.look(now()), settings.feed.interval_min * 60, stopping)
    closing.callback(thread.close)
    return thread


def _place(feed: Feed, paths: Paths, stopping: threading.Event) -> Place:
    spool = paths.members.parent
    if feed.sftp is None:
        assert feed.folder is not None  # the settings have one of them
        return FolderPlace(feed.folder, spool)
    key = credentials.read(credentials.FEED_SSH_KEY)
    memory = paths.socket("membership").parent
    return SftpPlace(SftpClient(feed.sftp, key, spool, stopping, Stopped, memory))
