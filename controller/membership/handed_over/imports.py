"""Imports what is handed over, one file at a time, on a thread of its own, and says how far it is.

The file is in memory and nowhere else: it is gone when the import is over, however it ends. What comes of it
is journalled here, with the account that handed it over. Never here: what a file holds (``membership.feed``),
or sockets (``control``).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import BinaryIO

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.ipc.membership_commands import Importing, Order, Stage
from controller.ipc.peer import user_name
from controller.membership.errands import Errands
from controller.membership.feed import name as feed_name
from controller.membership.feed import signed, snapshot
from controller.membership.feed.importer import Imported, Importer, Pins
from controller.membership.feed.members_file import Format
from controller.membership.feed.name import FeedName
from controller.membership.feed.refusal import BadFile, Cause
from controller.membership.handed_over.sealed_file import NotSealed, opened
from controller.secrets import credentials
from controller.secrets.credentials import SecretMissing
from controller.secrets.minisign import PublicKey
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.rules import card_rules
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal, JournalUnavailable
from controller.store.members_owner import ImportUnderway, MembersOwner
from controller.store.reserve import Reserve

log = logging.getLogger(__name__)

SUBJECT = "members"
FAILED, UNDER_WAY, CLOCK, NO_TIME = "failed", "under_way", "clock_untrusted", "no_time"
"""Causes beside those of a bad file."""


class Stopped(Exception):
    """The service ends: what is half imported is dropped."""


@dataclass(frozen=True, slots=True)
class Who:
    """staff: the account, as the console claims it. uid: of the process that handed the file over."""

    staff: str
    uid: int

    def data(self) -> dict[str, JsonValue]:
        return {"staff": self.staff, "uid": self.uid, "user": user_name(self.uid)}


class Imports:
    """``begin`` and ``told`` are for any thread. now: when it is, as last judged. done: after each import."""

    def __init__(self, settings: Settings, now: Callable[[], Stamp], done: Callable[[], None]) -> None:
        self._settings = settings
        self._now = now
        self._done = done
        self._told = Importing(Stage.NONE)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._errands = Errands("imports")

    def told(self) -> Importing:
        return self._told

    def begin(self, order: Order, descriptor: int, who: Who) -> Importing | None:
        """Takes the file and returns at once; None, and it is closed, while another is being imported."""
        with self._lock:
            if not self._told.stage.is_over:
                os.close(descriptor)
                return None
            begun = Importing(
                Stage.READING, self._told.number + 1, order.name, who.staff, self._now().wall_us
            )
            self._told = begun
        self._errands.put(lambda: self._run(order, descriptor, who))
        return begun

    def check(self) -> None:
        """Raises what ended the thread, if anything did."""
        self._errands.check()

    def close(self) -> None:
        self._stopping.set()
        self._errands.close()

    # --- Progress

    def read(self, size: int) -> None:
        self._go_on(Stage.READING, size, self._told.of)

    def filled(self, rows: int) -> None:
        self._go_on(Stage.FILLING, rows, 0)

    def hashed(self, pins: int, of: int) -> None:
        self._go_on(Stage.HASHING, pins, of)

    def _go_on(self, stage: Stage, done: int, of: int) -> None:
        if self._stopping.is_set():
            raise Stopped
        self._told = replace(self._told, stage=stage, done=done, of=of)

    # --- on its thread

    def _run(self, order: Order, descriptor: int, who: Who) -> None:
        try:
            with opened(descriptor) as file:
                self._told = replace(self._told, of=os.fstat(file.fileno()).st_size)
                self._import(order, file, who)
        except (BadFile, NotSealed) as error:
            self._refuse(error, who)
        except ImportUnderway as error:
            self._say(UNDER_WAY, f"{error}; try again when they are")
        except OSError as error:
            self._say(FAILED, error.strerror or str(error))
        except (DatabaseUnusable, JournalUnavailable, SecretMissing) as error:
            self._say(FAILED, str(error))
        except Stopped:
            self._say(FAILED, "the service was stopped meanwhile; hand the file over again")

    def _import(self, order: Order, file: BinaryIO, who: Who) -> None:
        settings, now = self._settings, self._now()
        if not now.clock_trusted:
            self._say(
                CLOCK, "the clock is not set, so nobody can say whether the file is newer; set it first"
            )
            return
        named = feed_name.parse(order.name)
        name = named or _of_time(order)
        if name is None:
            self._say(NO_TIME, "neither its name nor anybody says when it was true")
            return
        paths = Paths.of(settings)
        snapshot.check_space(paths.members.parent, self._told.of)
        if settings.feed is not None and settings.feed.public_key is not None:
            key, signature = PublicKey.parse(settings.feed.public_key), order.signature.encode() or None
            signed.check(file, name.text, signature, key, name_counts=named is not None)
            file.seek(0)
        with ExitStack() as closing:
            members = MembersOwner.open(paths.members)
            closing.callback(members.close)
            site_key = credentials.read(credentials.SITE_KEY)
            to = Importer(
                members, card_rules(settings.cards), site_key, Pins.of(settings.pin, credentials.read)
            )
            imported = to.bring_in(file, name, now.wall_us, self, shrink=order.shrink, older=order.older)
        self._done()
        self._tell(imported, name, who)

    def _tell(self, imported: Imported, name: FeedName, who: Who) -> None:
        data = imported.data()
        dropped = tuple(sorted(imported.dropped))
        try:
            self._record(EventType.MEMBERSHIP_IMPORTED, {**data, "file": name.tag, **who.data()})
        except JournalUnavailable as error:
            self._say(FAILED, f"the memberships are imported, but that was not journalled: {error}")
            return
        log.info("handed over: %d memberships imported", imported.members.count)
        self._told = replace(self._told, stage=Stage.DONE, imported=data, dropped=dropped)

    def _refuse(self, fault: BadFile | NotSealed, who: Who) -> None:
        if isinstance(fault, NotSealed):
            fault = BadFile(Cause.NOT_A_FILE, str(fault))
        data: dict[str, JsonValue] = {"reason": fault.cause.value, **who.data()}
        if fault.line is not None:
            data["line"] = fault.line
        if fault.column:
            data["column"] = fault.column
        try:
            self._record(EventType.MEMBERSHIP_FEED_REFUSED, data)
        except JournalUnavailable as error:
            log.error("a refused file was not journalled: %s", error)
        self._say(fault.cause.value, str(fault), fault.by_hand.removeprefix("--"))

    def _say(self, cause: str, why: str, remedy: str = "") -> None:
        log.warning("handed over: not imported: %s", why)
        self._told = replace(self._told, stage=Stage.REFUSED, cause=cause, why=why, remedy=remedy)

    def _record(self, type: EventType, data: dict[str, JsonValue]) -> None:
        """Raises JournalUnavailable."""
        now, paths = self._now(), Paths.of(self._settings)
        # Opened for this: no journal is for two threads.
        journal = Journal.open(
            paths.journal("membership"),
            service="membership",
            stamp=now,
            reserve=Reserve(paths.reserve("membership"), self._settings.footage.reserve_bytes),
        )
        try:
            journal.append([NewEvent(type, SUBJECT, now, data)])
        finally:
            journal.close()


def _of_time(order: Order) -> FeedName | None:
    """A full file of the time that was given, whatever it is called."""
    if order.as_of_us is None:
        return None
    format = Format.JSON_LINES if order.name.endswith(f".{Format.JSON_LINES}") else Format.CSV
    return FeedName(order.name, format, None, order.as_of_us)
