"""The recorder's acting thread: one round after the other, it sees to everything but pictures.

It writes down what the cameras' threads report (``books``), makes clips of what happens at the doors, and has
due footage destroyed and the room on the disk watched (``keeping.keeper``). Never here: packets, and choosing
drivers.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from controller.core.event import EventType, Stamp
from controller.recorder.alive import Alive
from controller.recorder.books import Books
from controller.recorder.capture.camera_account import LastRun
from controller.recorder.capture.cameras import Cameras
from controller.recorder.clips.following import Followed, since_boot_us
from controller.recorder.clips.making import DOOR_CAUSES, Clips
from controller.recorder.happenings import GapCause, Happening, NoRoom
from controller.recorder.history import History
from controller.recorder.keeping.footage_disk import FootageDisk
from controller.recorder.keeping.keeper import Keeper
from controller.recorder.now import Now
from controller.recorder.permission import Permission
from controller.recorder.reconciling import reconcile
from controller.recorder.watching.asked import Asked
from controller.service import Notifier, Stop
from controller.store.engine import DatabaseUnusable
from controller.store.footage import Footage
from controller.store.journal import JournalUnavailable

POLL_S = 1.0
"""How often the journals are followed: a clip is made when its last second is on disk, so not in haste."""
DISK_S = 5.0
"""How often is looked whether a disk that was not mounted is there."""
BUSY_S = 0.05
"""The pause between two batches of what is destroyed: the disk belongs to the cameras."""
FIRST_BATCHES = 50
"""Of events, that are destroyed before the first picture is recorded."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the recorder is made of. folder: of the footage. cameras: the ids of all that are recorded.

    permission: without it there are none of them.
    """

    folder: Path
    camera_ids: Sequence[str]
    cameras: Cameras
    books: Books
    footage: Footage
    history: History
    keeper: Keeper
    asked: Asked
    clips: Clips
    followed: Sequence[Followed]
    alive: Alive
    disk: FootageDisk
    dispose: Callable[[Stamp], bool]
    permission: Permission


class Recorder:
    """inbox: where the cameras' threads put what happened; None only wakes."""

    def __init__(
        self,
        parts: Parts,
        *,
        now: Now,
        notifier: Notifier,
        stop: Stop,
        inbox: queue.SimpleQueue[Happening | None],
    ) -> None:
        self._parts = parts
        self._now = now
        self._notifier = notifier
        self._stop = stop
        self._inbox = inbox
        self._complained = False
        self._disk_was_missing = False
        self._disposing = False

    def run(self) -> None:
        """Until ``stop`` is set. Sweeps and repairs before the first picture is recorded.

        Raises CameraThreadDied, JournalUnavailable, DatabaseUnusable, OSError.
        """
        parts, started = self._parts, self._now.look()
        parts.books.say(EventType.SERVICE_STARTED, "recorder", started, {})
        self._say_what_is_permitted(started)
        if (wrong := parts.disk.missing()) is not None:
            self._wait_for_the_disk(wrong, started)
            if self._stop.is_set():
                return
            started = self._now.look()
        parts.disk.remember()
        reconcile(parts.folder, parts.footage, parts.books, started)
        parts.keeper.begin(started)
        self._dispose_first(started)
        parts.footage.known_cameras.drop_gone(parts.camera_ids)
        parts.cameras.start(self._last_runs())
        self._notifier.ready()
        if not parts.permission.may_record:
            self._notifier.status("nothing is recorded: `unlocked check` says why")
        while not self._stop.is_set():
            self._round()
        self._notifier.stopping()
        self._shut_down()

    def _dispose_first(self, started: Stamp) -> None:
        """Of the journal: what a day or two left. More than that goes while cameras are recorded."""
        for _ in range(FIRST_BATCHES):
            if not self._parts.dispose(started):
                return
            self._notifier.watchdog()

    def _say_what_is_permitted(self, started: Stamp) -> None:
        permission = self._parts.permission
        for kind, data in permission.events():
            self._parts.books.say(kind, "recorder", started, data)
        for refusal in permission.refusals:
            log.error("nothing is recorded: %s", refusal.text)
        for hint in permission.hints:
            log.warning("%s", hint)

    def _wait_for_the_disk(self, wrong: str, started: Stamp) -> None:
        """Record nothing until footage can be where it belongs: there it is found, and destroyed in time."""
        books, watchdog_s = self._parts.books, self._notifier.watchdog_s
        log.error("nothing is recorded: %s", wrong)
        self._disk_was_missing = True
        data = {"cause": GapCause.DISK_MISSING.value}
        books.say(EventType.RECORDING_STOPPED, "recorder", started, data)
        self._notifier.ready()
        self._notifier.status("nothing is recorded: the disk of the footage is not mounted")
        while self._parts.disk.missing() is not None:
            if self._stop.wait(DISK_S if watchdog_s is None else min(DISK_S, watchdog_s / 2)):
                books.say(EventType.SERVICE_STOPPED, "recorder", self._now.look(), {})
                return
            self._dispose_first(self._now.look())
            self._notifier.watchdog()
        books.say(EventType.STORAGE_FREED, "recorder", self._now.look(), {})

    def _last_runs(self) -> dict[str, LastRun]:
        parts, history, found = self._parts, self._parts.history, {}
        cause = GapCause.DISK_MISSING if self._disk_was_missing else history.gap_cause
        alive_us = parts.alive.last_us()
        for camera in parts.camera_ids:
            paused = history.paused.get(camera)
            known = [parts.footage.last_end_us(camera), history.accounted_us.get(camera)]
            known.append(alive_us if paused is not None else None)
            if ends := [end_us for end_us in known if end_us is not None]:
                found[camera] = LastRun(max(ends), cause, paused)
        return found

    def _round(self) -> None:
        parts, watchdog_s = self._parts, self._notifier.watchdog_s
        wait_s = BUSY_S if parts.keeper.busy or self._disposing else POLL_S
        no_room = self._collect(wait_s if watchdog_s is None else min(wait_s, watchdog_s / 2))
        now = self._now.look()
        try:
            if no_room:
                parts.keeper.no_room(now)
            parts.books.catch_up()
            self._make_clips(now)
            parts.keeper.look(now)
            self._disposing = parts.dispose(now)
            parts.asked.look()
            parts.books.tidy(now)
            if parts.permission.may_record:
                parts.alive.mark(now)
            self._complained = False
        except (JournalUnavailable, DatabaseUnusable) as error:
            # Nothing is lost: what waits is tried again in the next round, and segments are on disk.
            if not self._complained:
                log.error("cannot keep the books, trying again: %s", error)
            self._complained = True
        parts.cameras.check(now)
        self._notifier.watchdog()

    def _collect(self, wait_s: float) -> bool:
        """Take what has come, waiting for the first a little; whether a camera found the disk full."""
        no_room = False
        try:
            found = self._inbox.get(timeout=wait_s)
            while True:
                if isinstance(found, NoRoom):
                    no_room = True
                elif found is not None:
                    self._parts.books.take(found)
                found = self._inbox.get_nowait()
        except queue.Empty:
            return no_room

    def _make_clips(self, now: Stamp) -> None:
        clips = self._parts.clips
        for followed in self._parts.followed:
            for journal_id, events in followed.news():
                for event in events:
                    if event.type in DOOR_CAUSES:
                        self._parts.cameras.happened_at_the_door(since_boot_us(event.stamp, now))
                clips.follow(journal_id, events, now)
        for made in clips.ready(now):
            self._parts.books.append([made])

    def _shut_down(self) -> None:
        self._parts.cameras.stop()
        self._collect(0.01)
        now = self._now.look()
        try:
            self._parts.books.catch_up()
            self._parts.books.say(EventType.SERVICE_STOPPED, "recorder", now, {})
        except (JournalUnavailable, DatabaseUnusable) as error:
            log.error("stopped without a last entry in the journal: %s", error)
