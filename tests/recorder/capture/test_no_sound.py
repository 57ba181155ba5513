"""No sound, ever: what a source with an audio track leaves on disk."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from controller.devices import DeviceLost
from controller.recorder.activity import Activity
from controller.recorder.capture.camera_account import CameraAccount
from controller.recorder.capture.camera_session import CameraSession
from controller.recorder.capture.mode import ModeJudge, ModeRules
from controller.recorder.capture.writing import Recording
from controller.recorder.happenings import GapCause
from controller.recorder.watching.health import HealthWatch
from controller.recorder.watching.movement import Movement
from drivers.rtsp_camera import RtspCamera

SECOND = 1_000_000


def film_with_sound(path: Path, encoder: str) -> None:
    """Two seconds of video and AAC in a transport stream."""
    options = {"tune": "zerolatency", "g": "10"}
    if encoder == "libx265":
        options["x265-params"] = "keyint=10:repeat-headers=1:pools=none:frame-threads=1:log-level=none"
    with av.open(str(path), "w", format="mpegts") as output:
        picture_stream = output.add_stream(encoder, rate=10, options=options)
        picture_stream.width, picture_stream.height, picture_stream.pix_fmt = 160, 96, "yuv420p"
        sound_stream = output.add_stream("aac", rate=48_000)
        for number in range(20):
            picture = av.VideoFrame.from_ndarray(np.full((96, 160, 3), number * 10, np.uint8), format="bgr24")
            output.mux(picture_stream.encode(picture))
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), format="fltp", layout="mono")
            sound.sample_rate, sound.pts, sound.time_base = 48_000, number * 4800, Fraction(1, 48_000)
            output.mux(sound_stream.encode(sound))
        output.mux(picture_stream.encode(None))
        output.mux(sound_stream.encode(None))


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_sound_is_never_recorded(tmp_path: Path, now: Any, encoder: str) -> None:
    source = tmp_path / "source.ts"
    film_with_sound(source, encoder)
    with av.open(str(source)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
    camera = RtspCamera(str(source))
    told: list[Any] = []
    account = CameraAccount("entrance", told.append, None)
    movement = Movement("entrance", told.append, Activity())
    judge = ModeJudge(ModeRules(), movement.activity)
    recording = Recording("entrance", tmp_path, 60 * SECOND, False)
    session = CameraSession(
        recording, camera.format, account, judge, movement, HealthWatch.unknown("entrance", told.append), now
    )

    def record() -> None:
        for packet in camera.packets():
            session.take(packet)

    with pytest.raises(DeviceLost):
        record()
    session.end(GapCause.CAMERA_LOST)
    (file,) = tmp_path.rglob("*.mp4")
    with av.open(str(file)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert len(list(container.decode(video=0))) == 20
