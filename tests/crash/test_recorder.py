"""A recorder that is killed, or whose power is cut: what is left agrees with itself, and plays.

At random moments, and at every single step by which writing and destroying change what is on the disk.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import pytest

from controller.core.event import Event, EventType
from controller.store.footage import Footage, Segment
from controller.store.journal_reader import JournalReader
from controller.store.verify import verify

pytestmark = pytest.mark.crash
PROGRAM = Path(__file__).parent / "programs" / "record.py"
SOAK = os.environ.get("UNLOCKED_SOAK") == "1"
MOMENTS = 50 if SOAK else 1
ENOUGH = {"kill": 340, "power_cut": 60}
"""More steps than the four and a half seconds have of which each is tried."""
STEPS = [(how, step) for how in ENOUGH for step in range(1, ENOUGH[how] + 1)] if SOAK else [
    ("kill", 190), ("power_cut", 19),
]  # fmt: skip
PLANTED = 5
FILM = 60
"""Pictures after which the simulated camera begins anew."""
PICTURES_A_SECOND = 10
SYNC_S = 2
"""How often what was written is synced: more than that, or one group of pictures, no power cut may cost."""
LIMIT_S = 60
InBrowser = Callable[[Sequence[Path]], list[int]]
Disk = Any  # the fixtures' classes live in conftest.py, which tests cannot import


@pytest.fixture(params=["kill", "power_cut"])
def disk(request: pytest.FixtureRequest) -> Disk:
    """Footage that is due stands on it."""
    disk = request.getfixturevalue(request.param)
    assert run(disk, "plant").returncode == 0
    return disk


def command(disk: Disk, mode: str, *numbers: int) -> list[str]:
    return [sys.executable, str(PROGRAM), mode, str(disk.root), *map(str, numbers)]


def run(disk: Disk, mode: str, *numbers: int, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(disk, mode, *numbers),
        stdout=subprocess.PIPE, text=True, timeout=LIMIT_S, env=disk.environment | environment,
    )  # fmt: skip


def taken_until(disk: Disk, group: int, first_line: str, delay_s: float) -> int:
    """Kill the recorder so long after a line that begins so: how many pictures it had taken."""
    recording = command(disk, "record", group)
    with subprocess.Popen(recording, stdout=subprocess.PIPE, text=True, env=disk.environment) as process:
        try:
            assert process.stdout is not None
            told = [""]
            while not told[-1].startswith(first_line):
                told.append(process.stdout.readline())
                assert told[-1], "it ended by itself"
            time.sleep(delay_s)  # the moment of the cut, drawn
        finally:
            process.kill()
        told += process.stdout.readlines()
    return told.count("taken\n")


class After:
    """What stands on the disk once the recorder was started again, for long enough to play its film once."""

    def __init__(self, disk: Disk, group: int) -> None:
        self.root = root = disk.left()
        assert run(disk, "again", group, FILM + group).returncode == 0
        footage = Footage.open(root / "footage.db")
        self.rows = footage.segments("entrance", 0, 2**60)
        footage.close()
        self.before = [row for row in self.rows if row.boot_id == "boot-of-record"]
        self.again = [row for row in self.rows if row.boot_id == "boot-of-again"]
        reader = JournalReader(root / "journal.db")
        self.events = list(reader.since(0))
        reader.close()

    def check(self, in_browser: InBrowser) -> None:
        """Rows, files, journal and each other."""
        assert verify(self.root / "journal.db").ok
        files = sorted((self.root / "footage").rglob("*.*"))
        assert files == sorted(self.path(row) for row in self.rows)
        for row in self.rows:
            assert hashlib.sha256(self.path(row).read_bytes()).digest() == row.sha256
        gaps = self.of(EventType.RECORDING_GAP)
        assert [(gap.data["from_us"], gap.data["to_us"]) for gap in gaps] == (
            [(self.before[-1].end_us, self.again[0].start_us)] if self.before else []
        )
        certificates = self.of(EventType.DISPOSAL_CERTIFICATE)
        named = Counter(one for event in certificates for one in event.data["media"])  # type: ignore[union-attr]
        assert (len(named), set(named.values())) == (PLANTED, {1})
        assert in_browser(files) == [len(list(pictures(file))) for file in files]

    def of(self, kind: EventType) -> list[Event]:
        return [event for event in self.events if event.type is kind]

    def path(self, row: Segment) -> Path:
        return self.root / "footage" / row.name

    def lost(self, taken: int) -> int:
        """How many of the pictures that were taken are in no file; the others must be the first of them."""
        written = [picture for row in self.before for picture in pictures(self.path(row))]
        film = [picture for row in self.again for picture in pictures(self.path(row))][:FILM]
        # Both runs played the same film, so the second shows what must stand in the files of the first.
        assert written == [film[number % FILM] for number in range(len(written))]
        return taken - len(written)


def pictures(path: Path) -> Iterator[str]:
    with av.open(str(path)) as film:
        for packet in film.demux(video=0):
            if packet.size:
                yield hashlib.sha256(bytes(packet)).hexdigest()


def most_lost(disk: Disk, group: int) -> int:
    return max(group, SYNC_S * PICTURES_A_SECOND) if disk.only_synced else group


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_at_a_random_moment_of_recording_at_most_a_group_of_pictures_is_lost(
    disk: Disk, moment: int, in_browser: InBrowser
) -> None:
    draw = random.Random(moment)
    group = draw.choice([10, 15, 20, 30])
    taken = taken_until(disk, group, "taken", draw.uniform(0, 2))
    after = After(disk, group)
    after.check(in_browser)
    lost = after.lost(taken)
    print(f"{taken} taken, {lost} lost of at most {most_lost(disk, group)}")
    assert lost <= most_lost(disk, group)


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_at_a_random_moment_of_destroying_what_was_begun_is_finished(
    disk: Disk, moment: int, in_browser: InBrowser
) -> None:
    taken_until(disk, 10, "begins", random.Random(moment).uniform(0, 0.05))
    After(disk, 10).check(in_browser)


@pytest.mark.parametrize(("disk", "step"), STEPS, indirect=["disk"])
def test_between_any_two_steps_of_writing_and_destroying(
    disk: Disk, step: int, in_browser: InBrowser
) -> None:
    done = run(disk, "record", 10, 45, **{disk.at: str(step)})
    after = After(disk, 10)
    after.check(in_browser)
    if done.returncode:
        assert step not in ENOUGH.values()
        assert after.lost(done.stdout.count("taken\n")) <= most_lost(disk, 10)
