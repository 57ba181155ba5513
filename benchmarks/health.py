"""How soon the recorder tells that something is wrong with a camera: real streams, real time, its journal.

Eight simulated cameras begin to suffer at the same moment, each from something else, and get well again
together. What they should see was learnt beforehand, at the pace of the program. Takes some minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import branch
from benchmarks.cameras import tables
from benchmarks.options import Options
from benchmarks.process import service
from benchmarks.rows import Row
from controller.core.camera_health import DRIFT_NOTICED_S, LOOK_EVERY_S, LOST_NOTICED_S, NOTICED_S, Fault
from controller.core.event import Event, EventType, Stamp
from controller.devices import VideoFormat, VideoPacket
from controller.recorder.activity import Activity
from controller.recorder.happenings import CameraLearnt, Happening
from controller.recorder.watching.health import Between, HealthWatch
from controller.recorder.watching.keyframe_watch import KeyframeWatch
from controller.recorder.watching.movement import Movement
from controller.recorder.watching.view import LEARNING_LOOKS
from controller.settings.paths import Paths
from controller.store.footage import Footage
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.known_cameras import KnownCamera
from simulator.camera.film import Condition, Film
from simulator.camera.process import CameraProcess

WIDTH, HEIGHT, FPS, GOP_S = 320, 180, 5, 2.0
SECOND = 1_000_000
FOUND_S = 60.0
LEAST_KBPS = 120
BEGUN = (EventType.CAMERA_FAULT_STARTED, EventType.CAMERA_LOST)
OVER = (EventType.CAMERA_FAULT_ENDED, EventType.CAMERA_FOUND)


@dataclass(frozen=True, slots=True)
class Trial:
    """fault: None for a camera that is lost. limit_s: when it must have been told. ends: it is awaited."""

    what: str
    fault: Fault | None
    suffer: Callable[[CameraProcess], None]
    limit_s: float
    ends: bool = True
    lines: Sequence[str] = ()
    before: Condition = Condition.WELL


def _be(condition: Condition) -> Callable[[CameraProcess], None]:
    return lambda camera: camera.be(condition)


def _of(fault: Fault, condition: Condition) -> Trial:
    return Trial(str(fault), fault, _be(condition), NOTICED_S[fault])


TRIALS = (
    _of(Fault.DARK, Condition.DARK),
    _of(Fault.COVERED, Condition.COVERED),
    _of(Fault.FROZEN, Condition.FROZEN),
    _of(Fault.MOVED, Condition.TURNED),
    # By night there is noise, so that the picture takes bits at all.
    replace(
        _of(Fault.LOW_BIT_RATE, Condition.STARVED),
        lines=(f"min_kbps = {LEAST_KBPS}",),
        before=Condition.NIGHT,
    ),
    Trial(
        "stamps jump by an hour",
        Fault.BAD_CLOCK,
        lambda camera: camera.jump(3600),
        NOTICED_S[Fault.BAD_CLOCK],
        ends=False,
    ),
    Trial("stamps 2 % too fast", Fault.BAD_CLOCK, _be(Condition.FAST), DRIFT_NOTICED_S, ends=False),
    Trial("stalled", None, lambda camera: camera.stall(), LOST_NOTICED_S),
)  # fmt: skip
DROPPED = Trial("connection cut", None, lambda camera: camera.drop(), LOST_NOTICED_S)


@dataclass(slots=True)
class Told:
    """The recorder's journal, and how much of it was read."""

    journal: JournalReader
    events: list[Event] = field(default_factory=list)

    def of(self, camera: str, kinds: Sequence[EventType], since_us: int = 0) -> list[Event]:
        return [
            event
            for event in self.events
            if event.subject == camera and event.type in kinds and event.stamp.wall_us >= since_us
        ]

    def wait_for(
        self, wanted: Sequence[tuple[str, float]], kinds: Sequence[EventType], since_us: int
    ) -> None:
        """Until each of these cameras was told of, or its seconds since then are over."""
        while any(
            not self.of(camera, kinds, since_us) and _wall_us() < since_us + limit_s * SECOND
            for camera, limit_s in wanted
        ):
            time.sleep(0.1)
            try:
                self.events += self.journal.read(self.events[-1].seq if self.events else 0)
            except JournalMissing:
                continue

    def row(self, trial: Trial, camera: str, kinds: Sequence[EventType], since_us: int) -> Row:
        found = self.of(camera, kinds, since_us)
        word = "told" if kinds is BEGUN else "over"
        if not found:
            return Row(f"{trial.what}: {word}", "never", f"< {trial.limit_s:g} s", met=False)
        after_s = (found[0].stamp.wall_us - since_us) / SECOND
        met = after_s < trial.limit_s
        return Row(f"{trial.what}: {word} after", f"{after_s:.1f} s", f"< {trial.limit_s:g} s", met)


def run(folder: Path, options: Options) -> Iterator[Row]:
    names = [f"camera-{number}" for number in range(len(TRIALS))]
    with ExitStack() as stack:
        size = {"width": WIDTH, "height": HEIGHT, "fps": FPS}
        cameras = [stack.enter_context(CameraProcess(**size, gop_s=GOP_S)) for _ in TRIALS]
        for trial, camera in zip(TRIALS, cameras, strict=True):
            camera.be(trial.before)
        lines = [
            line
            for number, trial in enumerate(TRIALS)
            for line in tables(cameras[number].url, 1, ("motion = false", *trial.lines), number)
        ]
        made = branch.make(folder / "branch", "/dev/null", 0, tables=lines)
        _know(made.paths, names)
        command = ["-m", "controller", "recorder", "--config", str(made.file)]
        log = folder / "recorder.log"
        start_us = _wall_us()
        stack.enter_context(service(command, secrets=made.secrets, log=log, environment={}))
        told = Told(JournalReader(made.paths.journal("recorder")))
        told.wait_for([(name, FOUND_S) for name in names], OVER, start_us)
        time.sleep(options.seconds)  # nothing is wrong meanwhile, and nothing must be told
        yield from _tried(told, names, cameras)


def _tried(told: Told, names: Sequence[str], cameras: Sequence[CameraProcess]) -> Iterator[Row]:
    began_us = _wall_us()
    for trial, camera in zip(TRIALS, cameras, strict=True):
        trial.suffer(camera)
    told.wait_for([(name, trial.limit_s) for name, trial in zip(names, TRIALS, strict=True)], BEGUN, began_us)
    for name, trial in zip(names, TRIALS, strict=True):
        yield told.row(trial, name, BEGUN, began_us)
    well_us = _wall_us()
    for trial, camera in zip(TRIALS, cameras, strict=True):
        if trial.ends:
            camera.be(Condition.WELL)
            camera.be(trial.before)
            camera.stall(False)
    ending = [(name, trial) for name, trial in zip(names, TRIALS, strict=True) if trial.ends]
    told.wait_for([(name, trial.limit_s) for name, trial in ending], OVER, well_us)
    for name, trial in ending:
        yield told.row(trial, name, OVER, well_us)
    dropped_us = _wall_us()
    cameras[-1].drop()
    told.wait_for([(names[-1], LOST_NOTICED_S)], OVER, dropped_us)
    yield told.row(DROPPED, names[-1], BEGUN, dropped_us)
    yield told.row(DROPPED, names[-1], OVER, dropped_us)
    right = 0
    for name, trial in zip(names, TRIALS, strict=True):
        found = [event.data.get("fault", "lost") for event in told.of(name, BEGUN)]
        right += found == (["lost", "lost"] if trial.fault is None else [str(trial.fault)])
    yield Row(
        "cameras of which just that was told, and once",
        f"{right} of {len(names)}",
        "all",
        right == len(names),
    )


def _know(paths: Paths, names: Sequence[str]) -> None:
    """As if the recorder had run for ten minutes."""
    paths.footage.parent.mkdir(parents=True, exist_ok=True)
    known = _learnt()
    with closing(Footage.open(paths.footage)) as footage:
        for name in names:
            footage.known_cameras.keep(replace(known, camera=name))


def _learnt() -> KnownCamera:
    told: list[Happening] = []
    health = HealthWatch(KnownCamera("camera-0"), (), 0, told.append)
    movement = Movement("camera-0", told.append, Activity())
    watch = KeyframeWatch(VideoFormat("h264", WIDTH, HEIGHT, b""), None, movement, health)
    film = Film(WIDTH, HEIGHT, 1, 1)
    for second in range(round((LEARNING_LOOKS + 2) * LOOK_EVERY_S)):
        unit = film.next(second, second)
        payload = b"".join(b"\0\0\0\1" + nal for nal in unit.nals)
        now = Stamp(second * SECOND, second * SECOND, "boot", clock_trusted=True)
        watch.look(VideoPacket(payload, unit.pts, unit.pts, unit.keyframe), Between(0, 0), now)
    return next(one.known for one in told if isinstance(one, CameraLearnt))


def _wall_us() -> int:
    return time.time_ns() // 1000
