"""A branch's footage folder with its databases, without cameras."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import Event, EventType, Stamp
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.retention.footage import FootageRule
from controller.footage.segment_name import SegmentName
from controller.recorder.history import History
from controller.recorder.keeping.disposal import Disposal
from controller.recorder.keeping.sweep import Sweep, Swept, ToldHeld
from controller.store.footage import Footage, Segment
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader


class Branch:
    """A footage folder with its databases, which can be closed and opened again."""

    def __init__(self, root: Path, now: Stamp) -> None:
        self.root, self.now = root, now
        self.folder = root / "footage"
        (self.folder / "entrance").mkdir(parents=True)
        self.holds: list[Hold] = []
        self.on_holds_read: Callable[[int], None] = lambda _: None
        self.holds_read = 0
        self.open()

    def open(self) -> None:
        self.unfinished = list(History.read(JournalReader(self.root / "journal.db")).unfinished)
        self.journal = Journal.open(self.root / "journal.db", service="recorder", stamp=self.now)
        self.footage = Footage.open(self.root / "footage.db")

    def close(self) -> None:
        self.journal.close()
        self.footage.close()

    def read_holds(self) -> list[Hold]:
        self.holds_read += 1
        self.on_holds_read(self.holds_read)
        return list(self.holds)

    @property
    def disposal(self) -> Disposal:
        return Disposal(
            folder=self.folder,
            footage=self.footage,
            journal=self.journal,
            holds=self.read_holds,
            rule=FootageRule(14),
            site="droitwich",
            clock_source="synchronised",
            policy="0f" * 32,
            unfinished=self.unfinished,
        )

    def sweep(self, limit: int = 1000, told: ToldHeld | None = None) -> Swept:
        sweep = Sweep(self.disposal, limit, told)
        while (swept := sweep.step(self.now)) is None:
            pass
        return swept

    def plant(self, age_us: int, length_us: int = 60_000_000, camera: str = "entrance") -> Segment:
        """A segment whose last picture is this old."""
        start_us = self.now.wall_us - age_us - length_us
        name = SegmentName(camera, start_us, 1, "an-older-boot", True)
        (self.folder / camera).mkdir(exist_ok=True)
        (self.folder / name.relative).write_bytes(b"video")
        segment = Segment(
            name.segment_id, camera, name.relative, start_us, start_us + length_us, 1, "an-older-boot",
            True, 5, bytes(32),
        )  # fmt: skip
        self.footage.add_segment(segment)
        return segment

    def hold(self, segment: Segment, **scope: Any) -> Hold:
        where = {"device": None, "start_us": segment.start_us, "end_us": segment.start_us + 1} | scope
        return Hold(
            str(uuid.uuid4()),
            "police",
            "CR/1",
            Scope(Category.FOOTAGE, "droitwich", **where),
            self.now.wall_us,
            self.now.wall_us + DAY_US,
        )

    def events(self, kind: EventType) -> list[Event]:
        reader = JournalReader(self.root / "journal.db")
        found = [event for event in reader.since(0) if event.type is kind]
        reader.close()
        return found

    def files(self) -> set[str]:
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.mp4")}

    def names(self) -> set[str]:
        return self.footage.names()


@pytest.fixture
def make_branch(tmp_path: Path, now: Any) -> Iterator[Callable[..., Branch]]:
    """By the name of its folder. Those that are still open are closed at the end."""
    made: list[Branch] = []

    def make(name: str = "branch") -> Branch:
        made.append(Branch(tmp_path / name, now()))
        return made[-1]

    yield make
    for branch in made:
        branch.close()


@pytest.fixture
def branch(make_branch: Callable[..., Branch]) -> Branch:
    return make_branch()
