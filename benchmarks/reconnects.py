"""What a camera that is lost again and again leaves behind in the recorder: memory, threads, open files.

Four cameras with motion, two of them with a smaller stream, are cut off, fall silent and go away in turn. The
recorder's time-outs are shortened for it (``impatient``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import branch
from benchmarks.cameras import tables
from benchmarks.options import Options
from benchmarks.process import Service, service
from benchmarks.rows import Row
from controller.core.event import EventType
from controller.store.journal_reader import JournalMissing, JournalReader
from simulator.camera.camera import Camera

CAMERAS = 4
SOME = 20
"""So many reconnects are taken together; the first as many are not counted, since caches still fill."""
GROWN_MB = 2.0
LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Held:
    """What the recorder holds."""

    memory_mb: float
    threads: int
    files: int

    @classmethod
    def by(cls, running: Service) -> Held:
        return cls(running.pss_mb(), running.threads(), running.open_files())

    @classmethod
    def usual(cls, held: Sequence[Held]) -> Held:
        """The medians: just after a reconnect, another may still be under way."""
        return cls(
            median(one.memory_mb for one in held),
            round(median(one.threads for one in held)),
            round(median(one.files for one in held)),
        )


class Told:
    """How often each camera was lost and found, by the recorder's journal."""

    def __init__(self, journal: JournalReader) -> None:
        self._journal = journal
        self._after = 0
        self._counts = {EventType.CAMERA_LOST: 0, EventType.CAMERA_FOUND: 0}

    def wait_for(self, kind: EventType, times: int) -> None:
        """Until all cameras were so often. Raises TimeoutError."""
        limit_s = time.monotonic() + LIMIT_S
        while self._counts[kind] < times * CAMERAS:
            if time.monotonic() > limit_s:
                raise TimeoutError(f"{kind.value}: {self._counts[kind]} of {times * CAMERAS}")
            time.sleep(0.02)
            self._read()

    def _read(self) -> None:
        try:
            for event in self._journal.read(self._after):
                self._after = event.seq
                if event.type in self._counts:
                    self._counts[event.type] += 1
        except JournalMissing:
            return


def run(folder: Path, options: Options) -> Iterator[Row]:
    with Camera(width=320, height=180, fps=10, gop_s=0.2) as camera:
        filmed = tables(camera.url, CAMERAS // 2, [f'sub_url = "{camera.url}"'])
        filmed += tables(camera.url, CAMERAS // 2, first=CAMERAS // 2)
        made = branch.make(folder / "branch", "/dev/null", 0, tables=filmed)
        command = ["-m", "benchmarks.impatient", "recorder", "--config", str(made.file)]
        log = folder / "recorder.log"
        with service(command, secrets=made.secrets, log=log, environment={}) as running:
            told = Told(JournalReader(made.paths.journal("recorder")))
            told.wait_for(EventType.CAMERA_FOUND, 1)
            began_s = time.monotonic()
            held = []
            for number in range(options.reconnects):
                _lose(camera, told, number)
                held.append(Held.by(running))
            took_s = time.monotonic() - began_s
    few = min(SOME, len(held) // 2)
    before, after = Held.usual(held[few : 2 * few]), Held.usual(held[-few:])
    times = f"{options.reconnects} reconnects of {CAMERAS} cameras"
    grown_mb = after.memory_mb - before.memory_mb
    yield Row(f"{times}: each", f"{took_s / options.reconnects:.2f} s")
    yield Row(f"{times}: memory", f"{before.memory_mb:.1f} MB, then {after.memory_mb:.1f} MB")
    yield Row("  grown by", f"{grown_mb:.1f} MB", f"< {GROWN_MB:g} MB", grown_mb < GROWN_MB)
    for what, held_before, held_after in (
        ("threads", before.threads, after.threads),
        ("open files", before.files, after.files),
    ):
        yield Row(f"  {what}", f"{held_before}, then {held_after}", "as before", held_after <= held_before)


def _lose(camera: Camera, told: Told, number: int) -> None:
    """Cut, silence or take away the cameras, and wait until all are found again."""
    match number % 4:
        case 0:
            camera.stall()
            told.wait_for(EventType.CAMERA_LOST, number + 1)
            camera.stall(False)
        case 1:
            camera.away()
            told.wait_for(EventType.CAMERA_LOST, number + 1)
            camera.away(False)
        case _:
            camera.drop()
    told.wait_for(EventType.CAMERA_FOUND, number + 2)
