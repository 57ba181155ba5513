"""The recorder's composition root: chooses the drivers, opens what is owned, and runs the service."""

from __future__ import annotations

import queue
from contextlib import ExitStack
from datetime import datetime
from zoneinfo import ZoneInfo

import cv2

from controller.core.retention.footage import FootageRule
from controller.keeping.head_signing import head_signing
from controller.keeping.known_holds import KnownHolds
from controller.keeping.opening import clock_source, journal_keeper
from controller.recorder.alive import Alive
from controller.recorder.assembly import Plan, Stores, World, assemble
from controller.recorder.capture.mode import ModeRules
from controller.recorder.capture.writing import Recording
from controller.recorder.clips.making import Margins
from controller.recorder.happenings import Happening
from controller.recorder.hardware import opener, sub_opener
from controller.recorder.history import History
from controller.recorder.keeping.footage_disk import FootageDisk
from controller.recorder.keeping.space import Floor
from controller.recorder.mode_rules import mode_rules
from controller.recorder.now import Now
from controller.recorder.permission import ask
from controller.recorder.reconciling import open_footage
from controller.recorder.watching.zones import view_of
from controller.secrets import credentials
from controller.service import Notifier, clock_judge, set_up_logging, stamp, stamp_unjudged, stop_on_signals
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.recording import CameraSettings
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.registers import RegistersReader
from controller.store.reserve import Reserve
from drivers.system_clock import SystemClock

_US_PER_S = 1_000_000


def run(settings: Settings) -> None:
    """Record until SIGTERM or SIGINT. Raises JournalUnavailable, DatabaseUnusable, SecretMissing, OSError."""
    set_up_logging("recorder")
    # Each camera has threads of its own: to share out such small pictures costs more than it saves.
    cv2.setNumThreads(1)
    paths = Paths.of(settings)
    inbox: queue.SimpleQueue[Happening | None] = queue.SimpleQueue()
    stop = stop_on_signals(lambda: inbox.put(None))
    notifier = Notifier()
    clock = SystemClock()

    paths.footage_dir.mkdir(mode=0o2750, parents=True, exist_ok=True)
    own = JournalReader(paths.journal("recorder"))
    history = History.read(own, [camera.id for camera in settings.cameras])
    judge = clock_judge(settings.clock, history.last_trusted_wall_us)
    journal = Journal.open(
        paths.journal("recorder"),
        service="recorder",
        stamp=stamp(clock, judge),
        reserve=Reserve(paths.reserve("recorder"), settings.footage.reserve_bytes),
        signing=head_signing("recorder", clock),
    )
    footage = open_footage(paths.footage, journal.reserve)
    door = JournalReader(paths.journal("door"))
    console = JournalReader(paths.journal("console"))
    registers = RegistersReader(paths.registers)
    closing = ExitStack()
    for opened in (journal, footage, registers, console, own, door):
        closing.callback(opened.close)
    today = datetime.fromtimestamp(
        clock.read().wall_us / _US_PER_S, ZoneInfo(settings.branch.timezone)
    ).date()
    modes = mode_rules(settings)
    plan = Plan(
        folder=paths.footage_dir,
        recordings=[_recording(camera, modes[camera.id], settings, paths) for camera in settings.cameras],
        permission=ask(settings, console, today),
        rule=FootageRule(settings.footage.retention_days),
        margins=_margins(settings),
        sweep_interval_us=settings.footage.sweep_interval_min * 60 * _US_PER_S,
        site=settings.branch.branch,
        clock_source=clock_source(settings),
        sweep_limit=settings.footage.sweep_limit,
    )
    world = World(
        now=Now(lambda: stamp(clock, judge), lambda trusted: stamp_unjudged(clock, trusted=trusted)),
        open_camera={camera.id: opener(camera, clock, credentials.read) for camera in settings.cameras},
        open_sub={
            camera.id: open_sub
            for camera in settings.cameras
            if (open_sub := sub_opener(camera, credentials.read)) is not None
        },
        holds=KnownHolds(registers, console).read,
        floor=Floor(paths.footage_dir, settings.footage.min_free_mb),
        notifier=notifier,
        stop=stop,
        inbox=inbox,
    )
    recorder = assemble(
        plan,
        world,
        Stores(
            journal,
            footage,
            history,
            [door, own],
            console,
            Alive(paths.recorder_alive),
            FootageDisk(paths.footage_dir, paths.footage_disk),
            journal_keeper(settings, "recorder", journal, closing).look,
        ),
    )
    with closing:
        recorder.run()


def _recording(camera: CameraSettings, modes: ModeRules, settings: Settings, paths: Paths) -> Recording:
    segment_us = settings.footage.segment_s * _US_PER_S
    return Recording(
        camera.id, paths.footage_dir, segment_us, camera.motion, modes, view_of(camera), camera.min_kbps
    )


def _margins(settings: Settings) -> Margins:
    footage = settings.footage
    return Margins(
        footage.clip_before_s * _US_PER_S,
        footage.clip_after_s * _US_PER_S,
        footage.segment_s * _US_PER_S,
        footage.retention_days * 24 * 3600 * _US_PER_S,
    )
