"""H.265 from GStreamer's encoder and RTSP server, neither of which any of us wrote, to a segment."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
import pytest

from controller.footage.segment_name import SegmentName
from controller.recorder.capture.timeline import Timeline
from controller.recorder.segments.segment_writer import SegmentWriter
from drivers.rtsp_camera import RtspCamera

pytestmark = pytest.mark.system

PICTURES = 30


@pytest.fixture
def url() -> Iterator[str]:
    command = ["/usr/bin/python3", str(Path(__file__).with_name("rtsp_server.py")), "--h265"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"rtsp://127.0.0.1:{server.stdout.readline().strip()}/cam"
        server.kill()


def test_pictures_that_lean_on_later_ones_are_all_there(url: str, tmp_path: Path) -> None:
    camera = RtspCamera(url)
    assert (camera.format.codec, camera.format.width, camera.format.height) == ("hevc", 320, 180)
    packets = list(islice(camera.packets(), PICTURES))
    camera.close()
    assert any(packet.pts > packet.dts for packet in packets)
    assert sum(packet.keyframe for packet in packets) >= 2
    name = SegmentName("entrance", 1_790_000_000_000_000, 1, "a-boot", True)
    writer, line = SegmentWriter(tmp_path, name, camera.format), Timeline()
    for number, packet in enumerate(packets):
        if not line.goes_on(packet):
            line.place(packet, number * 33_333)
        writer.write(line.on_the_line(packet))
    writer.close(name.start_us + 3_000_000)
    with av.open(str(tmp_path / name.relative)) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"
        shown = [picture.pts for picture in container.decode(video=0)]
    assert len(shown) == PICTURES
    assert shown == sorted(shown)
