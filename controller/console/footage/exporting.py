"""Exports made for the staff pages: one after the other, each in a folder of its own until it is fetched.

An export is journalled before anybody can have its files, as on the command line. They are removed an hour
later, at a start, and when somebody says so. Never here: who may export, and what is in a manifest
(``controller.staff.exports``).
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from uuid import UUID, uuid4

from controller.console.web.branch import Branch
from controller.core.local_time import local_time
from controller.footage.export.manifest import Manifest
from controller.footage.export.signing import manifest_of, sign, signature_of
from controller.footage.export.staging import ExportError, Staging
from controller.footage.export.wanted import Wanted
from controller.footage.worker.client import Work, WorkFailed
from controller.footage.worker.job import FilmJob, Progress
from controller.secrets.minisign_signing import SigningKey
from controller.staff import exports
from controller.staff.account import Account
from controller.staff.exports import Asked
from controller.staff.hidden import look_up
from controller.staff.refusal import Refused
from controller.staff.viewing import check_range
from controller.store.engine import DatabaseUnusable
from controller.store.footage import FootageReader, Segment
from controller.store.journal import JournalUnavailable

KEPT_S = 3600.0
"""Seconds that the files are there for."""
LOOK_S = 30.0
MOST = 8
"""Exports at a time, with those whose files are still there."""
MOST_OF_ONE = 4
"""Likewise, of one account."""
MOST_OF_DISK = 0.5
"""Of what is free beyond what footage needs."""

UNFORESEEN = "something is out of order; the controller's log says more"

log = logging.getLogger(__name__)


class State(Enum):
    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


class TooMany(Exception):
    """There are as many exports as there may be at a time."""


@dataclass
class Export:
    """done, of: files of footage. said: what went wrong, for people. sizes: of the files, in bytes.

    ended_s: by a clock that only rises.
    """

    id: UUID
    who: Account
    need: str
    asked: Asked
    encode: bool
    damaged: bool
    key: SigningKey = field(repr=False)
    state: State = State.WAITING
    done: int = 0
    of: int = 0
    waits: bool = False
    said: str = ""
    manifest: Manifest | None = None
    files: tuple[Path, ...] = ()
    sizes: tuple[int, ...] = ()
    ended_s: float = 0.0
    work: Work | None = field(default=None, repr=False)
    unwanted: bool = False


class Exporting:
    """For any number of threads. clock: seconds, which only rise."""

    def __init__(
        self,
        branch: Branch,
        turn: threading.Lock,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """What the last run may have left is removed. turn: of whoever makes films."""
        self._branch = branch
        self._folder = branch.paths.exports
        self._turn = turn
        self._clock = clock
        self._exports: dict[UUID, Export] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False
        shutil.rmtree(self._folder, ignore_errors=True)

    def begin(
        self, who: Account, need: str, asked: Asked, key: SigningKey, *, encode: bool, damaged: bool
    ) -> Export:
        """Raises TooMany."""
        with self._changed:
            self._tidy()
            theirs = sum(one.who == who for one in self._exports.values())
            if len(self._exports) >= MOST or theirs >= MOST_OF_ONE:
                raise TooMany
            export = Export(uuid4(), who, need, asked, encode, damaged, key)
            self._exports[export.id] = export
            if (self._thread is None or not self._thread.is_alive()) and not self._stopping:
                self._thread = threading.Thread(target=self._run, name="exporting", daemon=True)
                self._thread.start()
            self._changed.notify_all()
            return export

    def find(self, id: UUID, who: Account) -> Export | None:
        """None where it is somebody else's, or not there any more."""
        with self._changed:
            self._tidy()
            found = self._exports.get(id)
            return found if found is not None and found.who == who else None

    def of(self, who: Account) -> list[Export]:
        """Of this account, the newest first."""
        with self._changed:
            self._tidy()
            return [one for one in reversed(self._exports.values()) if one.who == who]

    def remove(self, export: Export) -> None:
        """Stop it, or remove its files."""
        with self._changed:
            export.unwanted = True
            if export.work is not None:
                export.work.cancel()
            elif export.state is not State.WORKING:
                self._forget(export)
            self._changed.notify_all()

    def close(self) -> None:
        """End what is being done, and remove all files."""
        with self._changed:
            self._stopping = True
            for export in self._exports.values():
                if export.work is not None:
                    export.work.cancel()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()
        self._exports.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self) -> None:
        """Until no files are left."""
        while True:
            with self._changed:
                self._tidy()
                if self._stopping or not self._exports:
                    self._thread = None
                    return
                waiting = [one for one in self._exports.values() if one.state is State.WAITING]
                if not waiting:
                    self._changed.wait(LOOK_S)
                    continue
                export = waiting[0]
                export.state = State.WORKING
            self._make(export)

    def _make(self, export: Export) -> None:
        state, said = State.FAILED, UNFORESEEN
        folder = self._folder / str(export.id)
        try:
            with self._turn:
                self._export(export, folder)
            state, said = State.READY, ""
        except (WorkFailed, ExportError, Refused, DatabaseUnusable, JournalUnavailable, OSError) as error:
            said = str(error)
            log.warning("export %s: %s", export.id, error)
        finally:
            if state is State.FAILED:
                shutil.rmtree(folder, ignore_errors=True)
            with self._changed:
                export.state, export.said, export.work = state, said, None
                export.ended_s = self._clock()
                if export.unwanted:
                    self._forget(export)
                self._changed.notify_all()

    def _export(self, export: Export, folder: Path) -> None:
        branch, asked = self._branch, export.asked
        target = folder / name_of(asked, branch)
        with closing(FootageReader(branch.paths.footage)) as footage:
            # Afresh: it may have waited for long.
            check_range(look_up(branch.paths), footage, asked.camera, asked.begins_us, asked.ends_us)
            segments = footage.segments(asked.camera, asked.begins_us, asked.ends_us)
        self._check_room(segments)
        folder.mkdir(mode=0o700, parents=True)
        masks = exports.masks_of(branch.settings, asked.camera) or ()
        wanted = Wanted(asked.begins_us, asked.ends_us, masks, encode=export.encode, damaged=export.damaged)
        turn = branch.paths.encoding_turn if masks or export.encode else None
        work = Work(FilmJob(wanted, tuple(segments), branch.paths.footage_dir, target, turn))
        with self._changed:
            export.work = work
            if self._stopping or export.unwanted:
                work.cancel()

        def told(progress: Progress) -> None:
            export.done, export.of, export.waits = progress.done, progress.of, progress.waits

        exported = work.films(told)
        manifest = exports.described(
            branch.settings, asked, exported, segments, export.who, export.need, branch.now(), export.key
        )
        with self._changed:
            export.work = None
            if export.unwanted or self._stopping:
                raise WorkFailed("it was stopped")
        with Staging() as staging:
            sign(manifest, target, staging, export.key)
            exports.record(branch.staff, asked, manifest, export.who)
            staging.publish()
        films = [target.with_name(film.name) for film in exported.films]
        written = manifest_of(target)
        files = (*films, written, signature_of(written))
        export.manifest, export.sizes = manifest, tuple(file.stat().st_size for file in files)
        export.files = files

    def _check_room(self, segments: Sequence[Segment]) -> None:
        """Raises ExportError: the disk belongs to the journals, and often to footage."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        room = os.statvfs(self._folder)
        free = room.f_bavail * room.f_frsize - self._branch.settings.footage.min_free_mb * 1_000_000
        if sum(one.size_bytes for one in segments) > free * MOST_OF_DISK:
            raise ExportError(
                "there is not room enough on the controller's disk for so long a film: export it in parts, "
                "or on the command line to another disk (unlocked clip export)"
            )

    def _tidy(self) -> None:
        for export in list(self._exports.values()):
            if export.ended_s and self._clock() - export.ended_s > KEPT_S:
                self._forget(export)

    def _forget(self, export: Export) -> None:
        self._exports.pop(export.id, None)
        shutil.rmtree(self._folder / str(export.id), ignore_errors=True)


def name_of(asked: Asked, branch: Branch) -> str:
    """Of the (first) film, such as ``entrance-2026-11-21-2114.mp4``, in local time."""
    return f"{asked.camera}-{local_time(asked.begins_us, branch.zone):%Y-%m-%d-%H%M}.mp4"
