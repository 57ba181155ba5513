from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from click.testing import Result

from controller.core.event import EventType
from controller.devices import VideoFormat, VideoPacket
from controller.recorder.segment_name import SegmentName
from controller.recorder.segment_writer import SegmentWriter
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.footage import Clip, Footage, Segment
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader

Unlocked = Callable[..., Result]
START_US = 1_790_000_000_000_000


@pytest.fixture
def clip(settings: Settings) -> Clip:
    """Two seconds of film with one clip over its last second."""
    paths = Paths.of(settings)
    paths.footage_dir.mkdir(parents=True)
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.gop_size = 160, 96, "yuv420p", 5
    encoder.time_base = encoder.framerate**-1 if encoder.framerate else None  # type: ignore[assignment]
    raise NotImplementedError
