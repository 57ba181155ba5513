from __future__ import annotations

from typing import Any

from controller.recorder.watching.pictures import KeyframeDecoder


def test_what_is_no_picture_is_none(video: Any) -> None:
    decoder = KeyframeDecoder(video.format)
    first = video.packets[0]
    assert decoder.decode(type(first)(b"\0\0\0\1\x65 no slice", 0, 0, True)) is None
    assert decoder.decode(first) is not None
