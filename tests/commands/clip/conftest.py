"""For tests of ``unlocked clip``: a clip with its footage, its event, and a key to sign with."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from controller.core.event import EventType, NewEvent, Stamp, event_id
from controller.devices import VideoFormat, VideoPacket
from controller.footage.segment_name import SegmentName
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.secrets.minisign import PublicKey
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.footage import Clip, Footage, Segment
from controller.store.journal import Journal
from simulator.camera.encoder import Encoder, parameter_sets
from simulator.camera.scene import SceneState, background, draw

Unlocked = Callable[..., Result]
START_US = 1_790_000_000_000_000
START_CODE = b"\0\0\0\1"


@pytest.fixture
def clip(settings: Settings) -> Clip:
    """Two seconds of film, and a clip over the last of them."""
    paths = Paths.of(settings)
    paths.footage_dir.mkdir(parents=True)
    encoder, behind = Encoder(160, 96, 10, 10), background(160, 96)
    units = [encoder.encode(draw(behind, SceneState(), n / 10, f"{n}"), n * 9_000) for n in range(20)]
    video = VideoFormat("h264", 160, 96, b"".join(START_CODE + nal for nal in parameter_sets(units[0])))
    name = SegmentName("entrance", START_US, 1, "boot", True)
    with SegmentWriter(paths.footage_dir, name, video) as writer:
        for unit in units:
            payload = b"".join(START_CODE + nal for nal in unit.nals)
            writer.write(VideoPacket(payload, unit.pts, unit.pts, unit.keyframe))
        written = writer.close(START_US + 2_000_000)
    footage = Footage.open(paths.footage)
    footage.add_segment(
        Segment(
            name.segment_id,
            "entrance",
            name.relative,
            START_US,
            written.end_us,
            1,
            "boot",
            True,
            written.size_bytes,
            written.sha256,
        )
    )
    clip = Clip(
        str(uuid.uuid4()),
        "entrance",
        "door",
        1,
        event_id(START_US + 1_500_000, 1),
        START_US + 1_000_000,
        START_US + 2_000_000,
    )
    footage.add_clip(clip)
    footage.close()
    return clip


@pytest.fixture
def granted(settings: Settings, clip: Clip, mocker: Any) -> str:
    """The clip's event in the door's journal."""
    mocker.patch("controller.store.journal.event_id", return_value=clip.event_id)
    stamp = Stamp(START_US + 1_500_000, 1, "boot", True)
    journal = Journal.open(Paths.of(settings).journal("door"), service="door", stamp=stamp)
    (event,) = journal.append([NewEvent(EventType.ACCESS_GRANTED, "front", stamp)])
    journal.close()
    mocker.stopall()
    return event.id


@pytest.fixture
def key(unlocked: Unlocked, settings: Settings) -> str:
    """The public key of the branch that exports."""
    return PublicKey.of_file(unlocked("clip", "key").stdout).text
