"""A branch with six seconds of footage of its entrance, in two films with a gap between them, and a clip."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from controller.console.footage import workshop
from controller.core.event import Event, EventType, NewEvent
from controller.core.restriction import Ground, Restriction
from controller.footage.segment_name import SegmentName
from controller.recorder.books import row
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.secrets.minisign_signing import SigningKey
from controller.store.footage import Clip, Footage, Segment
from controller.store.registers import Registers
from simulator.camera.square import Video, encode

SECOND = 1_000_000
CAMERA = "entrance"
NEED = "INC-2026-014"


@pytest.fixture(scope="session")
def h264() -> Video:
    return encode([n * 9 for n in range(30)], width=160, height=144)


@dataclass
class Recorded:
    """segments: of three seconds each, at ``start_us`` and ten seconds later. event: of the clip."""

    folder: Path
    start_us: int
    segments: list[Segment]
    event: Event
    clip: Clip

    def form(self, **changes: Any) -> dict[str, Any]:
        """What somebody types to see both."""
        return {
            "need": NEED,
            "camera": CAMERA,
            "day": "2026-09-21",
            "begin": "15:00:00",
            "end": "15:00:13",
            **changes,
        }


def record(folder: Path, video: Video, start_us: int, camera: str = CAMERA) -> Segment:
    name = SegmentName(camera, start_us, 1, "boot", True)
    with SegmentWriter(folder, name, video.format) as writer:
        writer.write_all(video.packets)
        return row(writer.close(start_us + 3 * SECOND), recovered=False)


@pytest.fixture
def recorded(console: Any, h264: Video) -> Recorded:
    paths = console.branch.paths
    paths.footage_dir.mkdir(parents=True)
    paths.footage.parent.mkdir(parents=True, exist_ok=True)
    start_us = console.clock.wall_us - 800 * SECOND  # 15:00:00 BST
    at = replace(console.stamp(), wall_us=start_us + SECOND)
    (event,) = console.write("door", [NewEvent(EventType.DOOR_FORCED, "front", at)])
    segments = [record(paths.footage_dir, h264, start_us + after * SECOND) for after in (0, 10)]
    clip = Clip(str(uuid.uuid4()), CAMERA, "door", event.seq, event.id, start_us, start_us + 2 * SECOND)
    footage = Footage.open(paths.footage)
    for one in segments:
        footage.add_segment(one)
    footage.add_clip(clip)
    footage.close()
    return Recorded(paths.footage_dir, start_us, segments, event, clip)


@pytest.fixture
def signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SigningKey:
    key = SigningKey.generate()
    folder = tmp_path / "handed-out"
    folder.mkdir()
    (folder / "export-signing-key").write_text(key.secret().reveal())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return key


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> Iterator[None]:
    yield
    workshop.close()


@pytest.fixture
def looked(console: Any, recorded: Recorded) -> Callable[..., tuple[Any, str]]:
    """A browser of somebody who looks at the footage, and the address of that."""

    def look(**changes: Any) -> tuple[Any, str]:
        client = console.client("cctv")
        answer = client.post("/footage/", recorded.form(**changes))
        assert answer.status_code == 302, answer.content.decode()
        return client, answer.headers["Location"]

    return look


@pytest.fixture
def restrict(console: Any) -> Callable[[str], None]:
    """Restrict an event, as the register has it."""

    def add(event_id: str) -> None:
        events, now_us = frozenset({event_id}), console.clock.wall_us
        one = Restriction(str(uuid.uuid4()), "REQ-1", Ground.ACCURACY, events, now_us, "desk")
        with closing(Registers.open(console.branch.paths.registers)) as registers:
            registers.add_restriction(one)

    return add
