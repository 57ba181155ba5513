"""MP4 as PyAV reads and writes it: a recorded segment as video, and a stream that takes packets as they are.

Never here: which bytes (``reading``), and what is made of the pictures.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from io import BufferedReader

import av
import av.container

from controller.devices import TICKS_PER_S, VideoFormat

_TICK = Fraction(1, TICKS_PER_S)
_ANY_PARAMETER_SET = {"h264": b"\0\0\0\1\x67", "hevc": b"\0\0\0\1\x40\1"}
_TAG = {"h264": "avc1", "hevc": "hvc1"}
"""How MP4 names the codec. FFmpeg's own choice for H.265, hev1, is played by fewer (not by Apple's)."""


@contextmanager
def film(content: BufferedReader) -> Iterator[av.container.InputContainer]:
    """What was opened, as video from its beginning. Raises OSError, av.FFmpegError."""
    content.seek(0)
    # A flipped bit in a file's remarks makes them no text.
    with av.open(content, "r", format="mp4", metadata_errors="replace") as container:
        yield container


def copy_stream(output: av.container.OutputContainer, video: VideoFormat) -> av.VideoStream:
    """A video stream of ``output`` that takes packets as the camera sent them.

    PyAV lets parameter sets be given only to a stream made from another one, so a stream is opened on
    a few bytes of its codec and then told the truth.
    """
    with av.open(io.BytesIO(_ANY_PARAMETER_SET[video.codec]), format=video.codec) as anything:
        stream = output.add_stream_from_template(anything.streams.video[0], opaque=True)
    stream.codec_context.width = video.width
    stream.codec_context.height = video.height
    stream.codec_context.extradata = video.extradata
    stream.codec_context.codec_tag = _TAG[video.codec]
    stream.time_base = _TICK
    return stream
