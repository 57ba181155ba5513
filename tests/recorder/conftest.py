"""For the recorder's tests: time that only tests move, and the recorder as a whole."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import pytest

from controller.core.event import Event, EventType
from controller.core.hold import DAY_US
from controller.core.retention.footage import FootageRule
from controller.devices import DeviceLost, VideoPacket
from controller.footage.segment_name import SegmentName
from controller.recorder import service
from controller.recorder.alive import Alive
from controller.recorder.assembly import Plan, Stores, World, assemble
from controller.recorder.capture import camera_thread
from controller.recorder.capture.mode import ModeRules
from controller.recorder.capture.writing import Recording
from controller.recorder.clips.making import Margins
from controller.recorder.history import History
from controller.recorder.keeping import keeper
from controller.recorder.keeping.footage_disk import FootageDisk
from controller.recorder.keeping.space import Floor
from controller.recorder.now import Now
from controller.recorder.permission import PERMITTED
from controller.recorder.reconciling import open_footage
from controller.recorder.service import Recorder
from controller.service import Notifier, Stop
from controller.store.footage import FootageReader, Segment
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.reserve import Reserve
from simulator.camera.square import Video, encode

cv2.setNumThreads(1)  # as the recorder does: for such small pictures more of them cost time

SECOND = 1_000_000
LIMIT_S = 20
BOOT = "b0075f2c-0000-4000-8000-1b2c3d4e5f60"


@pytest.fixture(scope="session")
def encoded() -> Callable[..., Video]:
    return encode


@pytest.fixture(scope="session")
def video() -> Video:
    """Six seconds in which a square crosses the picture."""
    return encode([n * 4 % 280 for n in range(60)])


@pytest.fixture(scope="session")
def hevc() -> Video:
    """The same six seconds in H.265."""
    return encode([n * 4 % 280 for n in range(60)], "hevc")


@pytest.fixture
def name() -> SegmentName:
    return SegmentName("entrance", 1_790_000_000_000_000, 5_000_000, BOOT, True)


@pytest.fixture(scope="session")
def pictures_in() -> Callable[..., list[int]]:
    """The pts of the pictures that a player gets out of a file, each really decoded."""

    def read(path: object) -> list[int]:
        with av.open(str(path)) as container:
            return [frame.pts or 0 for frame in container.decode(video=0)]

    return read


class ScriptedCamera:
    """Plays packets, a tenth of a second apart on the manual clock, then is lost or waits to be closed.

    between: called before each packet with its number; it may raise.
    """

    def __init__(
        self,
        video: Video,
        now: Any,
        *,
        lost_after: int | None = None,
        between: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.format = video.format
        self._packets = video.packets
        self._now = now
        self._lost_after = len(video.packets) if lost_after is None else lost_after
        self._between = between
        self.closed = threading.Event()

    def packets(self) -> Iterator[VideoPacket]:
        for number, packet in enumerate(self._packets[: self._lost_after]):
            if self.closed.is_set():
                break
            self._between(number)
            yield packet
            self._now.sleep(0.1)
        raise DeviceLost("the script is over")

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def scripted() -> type[ScriptedCamera]:
    return ScriptedCamera


class Rounds(Notifier):
    """Counts the watchdog's pings: the recorder sends one at the end of each of its rounds."""

    done = 0

    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__(environment)
        self.said: list[str] = []

    def status(self, text: str) -> None:
        self.said.append(text)

    def watchdog(self) -> None:
        self.done += 1


class Rig:
    """Starts and stops recorders over one folder, as a machine does over its life."""

    def __init__(self, root: Path, now: Any) -> None:
        self.root, self.now = root, now
        self.folder = root / "footage"
        self.folder.mkdir()
        self.free_mb = 10_000
        self.floor = Floor(self.folder, 1000, lambda _: self.free_mb * 1_000_000)
        self.reserve: Reserve | None = None
        self.cameras: dict[str, Callable[[], Any]] = {}
        self.holds: Any = []
        self.rounds, self.modes = Rounds({}), ModeRules()
        self.permission = PERMITTED

    @contextmanager
    def running(self) -> Iterator[Recorder]:
        own = JournalReader(self.root / "recorder.db")
        door = JournalReader(self.root / "door.db")
        console = JournalReader(self.root / "console.db")
        history = History.read(own)
        path, started = self.root / "recorder.db", self.now()
        journal = Journal.open(path, service="recorder", stamp=started, reserve=self.reserve)
        footage = open_footage(self.root / "footage.db", self.reserve)
        stop = Stop()
        plan = Plan(
            folder=self.folder,
            recordings=[Recording(id_, self.folder, 2 * SECOND, False, self.modes) for id_ in self.cameras],
            rule=FootageRule(14),
            margins=Margins(SECOND, SECOND, 2 * SECOND, 14 * DAY_US),
            sweep_interval_us=3600 * SECOND,
            site="droitwich",
            clock_source="synchronised",
            permission=self.permission,
        )
        world = World(
            now=Now(self.now, lambda trusted: replace(self.now(), clock_trusted=trusted)),
            open_camera=self.cameras,
            holds=lambda: list(self.holds),
            floor=self.floor,
            notifier=self.rounds,
            stop=stop,
            inbox=queue.SimpleQueue(),
        )
        alive = Alive(self.root / "alive")
        disk = FootageDisk(self.folder, self.root / "footage-disk")
        recorder = assemble(plan, world, Stores(journal, footage, history, [door, own], console, alive, disk))
        thread = threading.Thread(target=recorder.run)
        thread.start()
        try:
            yield recorder
        finally:
            stop.set()
            thread.join(LIMIT_S)
            assert not thread.is_alive()
            for opened in (journal, footage, own, door, console):
                opened.close()

    @staticmethod
    def once(*cameras: Any) -> Callable[[], Any]:
        """Opens these, one after the other, then nothing answers."""
        remaining = list(cameras)

        def open_camera() -> Any:
            if remaining:
                return remaining.pop(0)
            raise DeviceLost("nothing answers")

        return open_camera

    def events(self, *kinds: EventType) -> list[Event]:
        with closing(JournalReader(self.root / "recorder.db")) as reader:
            return [event for event in reader.since(0) if not kinds or event.type in kinds]

    def wait(self, *kinds: EventType, count: int = 1) -> list[Event]:
        return self.until(lambda: self.events(*kinds), lambda found: len(found) >= count)

    def until(self, look: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
        limit = time.monotonic() + LIMIT_S
        while not done(found := look()):
            assert time.monotonic() < limit, self.events()
            time.sleep(0.02)
        return found

    def go_round(self, times: int = 2) -> None:
        """Until the recorder has had the occasion to do whatever it would do by now: a whole round of it."""
        begun = self.rounds.done
        self.until(lambda: self.rounds.done, lambda done: done >= begun + times)

    def rows(self) -> list[Segment]:
        with closing(FootageReader(self.root / "footage.db")) as reader:
            return reader.segments("entrance", 0, 2**60)

    def plant(self, age_us: int) -> str:
        """A segment file of this age, without a row: a recorder finds it."""
        name = SegmentName("entrance", self.now.wall_us - age_us, 1, "earlier", True)
        path = self.folder / name.relative
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"not even video")
        return name.relative

    def files(self) -> set[str]:
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.mp4")}


@pytest.fixture
def rig(tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(camera_thread, "FIRST_RETRY_S", 0.02)
    monkeypatch.setattr(camera_thread, "LONGEST_RETRY_S", 0.02)
    monkeypatch.setattr(service, "POLL_S", 0.01)
    monkeypatch.setattr(keeper, "CHECK_US", 0)
    return Rig(tmp_path, now)
