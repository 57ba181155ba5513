"""The recorder as a process: a simulated camera before it, killed, stopped, started again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import Event, EventType, NewEvent, Stamp
from controller.footage.segment_name import SegmentName
from controller.recorder.happenings import GapCause
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.store.engine import DatabaseMissing
from controller.store.footage import FootageReader, Segment
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.verify import verify
from drivers.system_clock import SystemClock
from simulator.camera.process import CameraProcess
from simulator.policies import policy_toml
from simulator.staff import staff_toml

pytestmark = pytest.mark.system

LIMIT_S = 30
SECOND = 1_000_000
DAY_US = 86_400 * SECOND
InBrowser = Callable[[Sequence[Path]], list[int]]


class Rig:
    """A branch with one simulated camera, whose recorder can be started and killed."""

    def __init__(self, root: Path, camera: CameraProcess) -> None:
        self.camera = camera
        self.config = root / "branch.toml"
        self.config.write_text(
            f"""
[branch]
authority = "authority"
branch = "branch"
name = "Branch"
state_dir = "{root / "state"}"
run_dir = "{root / "run"}"
secrets_dir = "{root / "secrets"}"
[clock]
assume_trusted = true
[[doors]]
[[doors.readers]]
port = "/dev/null"
[doors.lock]
pin = 17
[[cameras]]
id = "entrance"
url = "{camera.url}"
[footage]
segment_s = 2
min_free_mb = 1
clip_before_s = 1
clip_after_s = 1
{policy_toml()}
{staff_toml()}
"""
        )
        self.paths = Paths.of(load(self.config))
        self.process: subprocess.Popen[bytes] | None = None

    def by_activity(self) -> None:
        """From two seconds before to two after."""
        lines = 'id = "entrance"\nmode = "activity"\npre_roll_s = 2\npost_roll_s = 2\n'
        self.config.write_text(self.config.read_text().replace('id = "entrance"\n', lines))

    def at_the_door(self, kind: EventType) -> Event:
        door = Journal.open(self.paths.journal("door"), service="door", stamp=stamp())
        (event,) = door.append([NewEvent(kind, "front", stamp())])
        door.close()
        return event

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "controller", "recorder", "-c", str(self.config)],
            stderr=subprocess.DEVNULL,
        )

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(LIMIT_S)

    def events(self, *kinds: EventType) -> list[Event]:
        reader = JournalReader(self.paths.journal("recorder"))
        found = [event for event in reader.since(0) if not kinds or event.type in kinds]
        reader.close()
        return found

    def segments(self) -> list[Segment]:
        reader = FootageReader(self.paths.footage)
        found = reader.segments("entrance", 0, 2**60)
        reader.close()
        return found

    def parts(self) -> list[Path]:
        return list(self.paths.footage_dir.rglob("*.part"))

    def until(self, look: Callable[[], Any]) -> Any:
        limit = time.monotonic() + LIMIT_S
        while not (found := self._tried(look)):
            assert time.monotonic() < limit
            time.sleep(0.05)
        return found

    @staticmethod
    def _tried(look: Callable[[], Any]) -> Any:
        try:
            return look()
        except DatabaseMissing:
            return None


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with CameraProcess(width=320, height=180, fps=10) as camera:
        rig = Rig(tmp_path, camera)
        yield rig
        if rig.process is not None and rig.process.poll() is None:
            rig.process.kill()
            rig.process.wait()


def stamp() -> Stamp:
    now = SystemClock().read()
    return Stamp(now.wall_us, now.mono_us, now.boot_id, True)


def test_a_swipe_becomes_a_clip_that_plays_and_a_stop_is_clean(
    rig: Rig, tmp_path: Path, in_browser: InBrowser
) -> None:
    rig.start()
    rig.until(rig.segments)
    granted = rig.at_the_door(EventType.ACCESS_GRANTED)
    (told,) = rig.until(
        lambda: [e for e in rig.events(EventType.CLIP_RECORDED) if e.data["cause"] == granted.id]
    )
    assert told.data["length_ms"] in (1_999, 2_000)  # of whole microseconds on either side, cut off
    target = tmp_path / "clip.mp4"
    for words in (["key"], ["export", str(told.data["clip"]), str(target), "--need", "INC-1"]):
        command = [sys.executable, "-m", "controller", "clip", *words, "-c", str(rig.config)]
        subprocess.run(command, check=True, capture_output=True)
    (pictures,) = in_browser([target])
    assert pictures >= 15
    assert rig.end(signal.SIGTERM) == 0
    assert rig.parts() == []
    assert rig.events()[-1].type is EventType.SERVICE_STOPPED
    assert verify(rig.paths.journal("recorder")).ok


def test_a_kill_costs_at_most_a_group_of_pictures_and_the_gap_is_journalled(
    rig: Rig, in_browser: InBrowser
) -> None:
    rig.start()
    rig.until(lambda: len(rig.segments()) >= 1 and rig.parts())
    time.sleep(1.3)  # somewhere within a segment
    killed_us = stamp().wall_us
    rig.end(signal.SIGKILL)
    rig.start()
    (gap,) = rig.until(lambda: rig.events(EventType.RECORDING_GAP))
    assert gap.data["cause"] == GapCause.SERVICE_DIED
    # The camera sends a keyframe each second; half a second for what was still on the wire.
    assert killed_us - int(str(gap.data["from_us"])) <= 1.5 * SECOND
    recovered = [segment for segment in rig.segments() if segment.recovered]
    assert [segment.end_us for segment in recovered] == [gap.data["from_us"]]
    rig.until(lambda: len(rig.segments()) > len(recovered) + 1)
    assert rig.end(signal.SIGTERM) == 0
    assert all(in_browser([rig.paths.footage_dir / segment.name for segment in rig.segments()]))
    assert verify(rig.paths.journal("recorder")).ok


def test_by_activity_the_door_and_motion_are_recorded_from_before_them_and_nothing_else(
    rig: Rig, in_browser: InBrowser
) -> None:
    rig.by_activity()
    rig.start()
    rig.until(lambda: len(rig.events(EventType.RECORDING_PAUSED)) == 1)
    refused = rig.at_the_door(EventType.ACCESS_REFUSED)
    rig.until(lambda: len(rig.events(EventType.RECORDING_PAUSED)) == 2)
    walking_us = stamp().wall_us
    rig.camera.walk()
    rig.until(lambda: len(rig.events(EventType.RECORDING_PAUSED)) == 3)
    assert rig.end(signal.SIGTERM) == 0
    causes = [event.data["cause"] for event in rig.events(EventType.RECORDING_RESUMED)]
    assert causes == ["door", "motion", "service_stopped"]
    assert rig.events(EventType.RECORDING_GAP) == []
    for happened_us in (refused.stamp.wall_us, walking_us):
        from_us, to_us = happened_us - 2 * SECOND, happened_us + 2 * SECOND
        shown = [min(s.end_us, to_us) - max(s.start_us, from_us) for s in rig.segments()]
        # The two clocks are read one after the other: a microsecond here or there.
        assert sum(max(0, shown_us) for shown_us in shown) == pytest.approx(to_us - from_us, abs=1000)
    assert all(in_browser([rig.paths.footage_dir / segment.name for segment in rig.segments()]))


def test_planted_footage_is_swept_by_age_whoever_wrote_it(rig: Rig) -> None:
    folder = rig.paths.footage_dir / "entrance"
    folder.mkdir(parents=True)
    ages = {}
    for days in (9, 15, 31):
        name = SegmentName("entrance", stamp().wall_us - days * DAY_US, 1, "earlier", True)
        (rig.paths.footage_dir / name.relative).write_bytes(b"planted")
        ages[days] = rig.paths.footage_dir / name.relative
    foreign = folder / "notes.txt"
    foreign.write_text("mine")
    rig.start()
    (certificate,) = rig.until(lambda: rig.events(EventType.DISPOSAL_CERTIFICATE))
    assert certificate.data["count"] == 2
    assert [days for days, path in ages.items() if path.exists()] == [9]
    assert foreign.read_text() == "mine"
    assert rig.end(signal.SIGTERM) == 0
